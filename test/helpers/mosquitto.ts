import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Debian's mosquitto_pub or mosquitto_sub: clients that nobody here wrote. */
export class Mosquitto {
  /** What it has printed. */
  output = ''
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown[]>

  constructor(program: 'mosquitto_pub' | 'mosquitto_sub', port: number, ...args: string[]) {
    const all = ['-h', '127.0.0.1', '-p', String(port), ...args]
    this.#child = spawn(program, all, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#exited = once(this.#child, 'exit')
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
  }

  /** Gives it this on its standard input, and then the end. */
  type(text: string): void {
    this.#child.stdin?.end(text)
  }

  /** Its exit code; null when it was ended by a signal. */
  async exited(): Promise<number | null> {
    const [code] = await this.#exited
    return code as number | null
  }

  /**
   * Kills it, so that its connection ends without a DISCONNECT. It cannot be told to go: its handler of SIGTERM takes
   * locks that the work it interrupts may hold, and then it stands for good (2.0.11, 1 in 50 beside a SUBACK). Where it
   * is to go in order it goes by itself, after `-C` messages or, with `-E`, once it has subscribed.
   */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}
