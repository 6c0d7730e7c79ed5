import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'

/** After this long, in milliseconds, one that was asked to end is made to. */
const graceMs = 30_000

const running = new Set<ChildProcess>()
// Also when a test or a hook took too long, and nobody asked them to.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A program that a test runs. It ends with the tests at the latest. */
export class Child {
  readonly process: ChildProcess
  readonly #exited: Promise<number | null>

  constructor(program: string, words: readonly string[], stdio: StdioOptions) {
    const child = spawn(program, words, { stdio })
    this.process = child
    running.add(child)
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        running.delete(child)
        resolve(code)
      })
    })
  }

  /** Settles when it has ended, which it may have done by itself; gives the exit code, null where a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.process.kill(signal)
    const late = setTimeout(() => this.process.kill('SIGKILL'), graceMs)
    const code = await this.#exited
    clearTimeout(late)
    return code
  }
}
