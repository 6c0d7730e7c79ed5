import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Child } from './children.ts'

const run = promisify(execFile)

export interface SubscriberOptions {
  readonly qos?: 1 | 2
  /** Whether its session is kept while it is not connected (Clean Session 0). */
  readonly kept?: boolean
}

/** Debian's mosquitto_sub: a client that nobody here wrote. */
export class MosquittoSubscriber {
  /** What it has printed: topic, space, payload. */
  readonly lines: string[] = []
  readonly #child: Child

  constructor(port: number, filter: string, clientId: string, { qos = 1, kept = false }: SubscriberOptions = {}) {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-t', filter, '-v', '-q', String(qos), '-i', clientId]
    if (kept) args.push('-c')
    this.#child = new Child('mosquitto_sub', args, ['ignore', 'pipe', 'inherit'])
    let rest = ''
    this.#child.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      this.lines.push(...lines)
    })
  }

  /** Also when it has ended by itself. Told by SIGTERM it may stand for good: see `Mosquitto.kill`. */
  async kill(): Promise<void> {
    await this.#child.end('SIGKILL')
  }
}

/** Publishes with Debian's mosquitto_pub; settles when it has exited with 0. */
export async function mosquittoPublish(port: number, topic: string, payload: string, clientId?: string): Promise<void> {
  const args = ['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-m', payload, '-q', '2']
  await run('mosquitto_pub', clientId === undefined ? args : [...args, '-i', clientId])
}
