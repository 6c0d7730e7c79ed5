import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The top of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))
const launcher = join(root, 'main/hosts/cli/faultline.mjs')

/** A running command, as a shell starts it. */
export class CommandLine {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  /** Settles with the exit code; with the signal's name where one ended it. */
  readonly exited: Promise<number | string | null>

  /** @param options.group whether it leads a process group of its own, as a command does that a terminal starts */
  constructor(
    program: string,
    args: readonly string[],
    options: { env?: NodeJS.ProcessEnv; group?: boolean; cwd?: string } = {},
  ) {
    // A display of the machine that runs the tests must not let a browser open, nor npm's variables change the meaning.
    const { DISPLAY: _, WAYLAND_DISPLAY: _wayland, npm_lifecycle_event: _npm, ...inherited } = process.env
    this.child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...inherited, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.group ?? false,
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.exited = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? signal)))
  }

  /** Where it can be reached, once it has said so. */
  async ready(): Promise<{ mqttPort: number; pageUrl: URL; others: string[] }> {
    const line = await this.#firstLine()
    const match = /^ready mqtt:\/\/127\.0\.0\.1:(\d+) (http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)((?: \S+)*)$/.exec(line)
    if (match === null) throw new Error(`not a ready line: ${line}`)
    const others = String(match[3]).split(' ').slice(1)
    return { mqttPort: Number(match[1]), pageUrl: new URL(String(match[2])), others }
  }

  #firstLine(): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const [line, ...more] = this.stdout.split('\n')
        if (more.length > 0) resolve(String(line))
      }
      this.child.stdout?.on('data', look)
      look()
      void this.exited.then((code) => reject(new Error(`it ended with ${code} before it was ready:\n${this.stderr}`)))
    })
  }

  /** Ends it, however it is. */
  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.exited
  }
}

/** Starts `faultline` with these words; it ends with the test at the latest. */
export function faultline(words: readonly string[], env: NodeJS.ProcessEnv = {}): CommandLine {
  const command = launchFaultline(words, env)
  onTestFinished(() => command.end())
  return command
}

/** As `faultline`, but ended by itself or by `end` alone: for `beforeAll`. */
export function launchFaultline(words: readonly string[], env: NodeJS.ProcessEnv = {}): CommandLine {
  return new CommandLine(process.execPath, [launcher, ...words], { env })
}

/** Builds what is out of date, so that no test has to wait for it. */
export async function buildFirst(): Promise<void> {
  const command = new CommandLine(process.execPath, [launcher, '--version'])
  if ((await command.exited) !== 0) throw new Error(command.stderr)
}
