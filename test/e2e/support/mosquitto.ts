import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Debian's mosquitto_sub: a client that nobody here wrote. */
export class MosquittoSubscriber {
  /** What it has printed: topic, space, payload. */
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<void>

  /** @param options.kept whether its session is kept while it is not connected (Clean Session 0). */
  constructor(
    port: number,
    filter: string,
    clientId: string,
    { qos = 1, kept = false }: { readonly qos?: 1 | 2; readonly kept?: boolean } = {},
  ) {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-t', filter, '-v', '-q', String(qos), '-i', clientId]
    if (kept) args.push('-c')
    this.#child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    let rest = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      this.lines.push(...lines)
    })
  }

  /** Also when it has ended by itself. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
  }
}

/** Publishes with Debian's mosquitto_pub; settles when it has exited with 0. */
export async function mosquittoPublish(port: number, topic: string, payload: string, clientId?: string): Promise<void> {
  const args = ['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-m', payload, '-q', '2']
  await run('mosquitto_pub', clientId === undefined ? args : [...args, '-i', clientId])
}
