import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian's mosquitto_sub: a client that nobody here wrote. */
export class MosquittoSubscriber {
  /** What it has printed: topic, space, payload. */
  readonly lines: string[] = []
  readonly #child: ChildProcess

  constructor(port: number, filter: string, clientId: string) {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-t', filter, '-v', '-q', '1', '-i', clientId]
    this.#child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let rest = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      this.lines.push(...lines)
    })
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.kill('SIGTERM')
    })
  }
}

/** Publishes with Debian's mosquitto_pub; settles when it has exited with 0. */
export async function mosquittoPublish(port: number, topic: string, payload: string): Promise<void> {
  await run('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-m', payload, '-q', '2'])
}
