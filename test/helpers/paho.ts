import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

const script = fileURLToPath(new URL('paho-client.py', import.meta.url))

export interface PahoOptions {
  readonly clean?: boolean
  readonly will?: { topic: string; payload: string; qos: 0 | 1 | 2; retain?: boolean }
  /** Of CONNECT in MQTT 5, by the library's names. */
  readonly properties?: Readonly<Record<string, unknown>>
}

/** What the library has told. */
export interface PahoEvent {
  readonly what: 'connected' | 'message' | 'subscribed' | 'published' | 'disconnected'
  readonly code?: number
  readonly codes?: number[]
  readonly present?: number
  readonly topic?: string
  readonly payload?: string
  readonly qos?: number
  readonly retain?: boolean
  readonly dup?: boolean
  readonly properties?: Readonly<Record<string, unknown>>
}

/** Debian's own has the library, where another one comes before it in the path. The test command has made sure of it. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'

/** Python's paho-mqtt in a process of its own. It ends with the test. */
export class Paho {
  readonly events: PahoEvent[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown[]>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    let rest = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      this.events.push(...lines.map((line) => JSON.parse(line) as PahoEvent))
    })
  }

  /** Settles when it is connected, or refused. */
  static async connect(port: number, version: 3 | 4 | 5, clientId: string, options: PahoOptions = {}): Promise<Paho> {
    const words = [script, String(port), String(version), clientId, JSON.stringify(options)]
    const child = spawn(python, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    const paho = new Paho(child)
    onTestFinished(() => paho.kill())
    await paho.hears('connected')
    return paho
  }

  do(order: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`)
  }

  /** The oldest of a kind that was not asked for yet. */
  async hears(what: PahoEvent['what']): Promise<PahoEvent> {
    const at = await until(`paho tells of ${what} (${JSON.stringify(this.events)})`, () => {
      const found = this.events.findIndex((event) => event.what === what)
      return found >= 0 && found
    })
    return this.events.splice(at, 1)[0] as PahoEvent
  }

  async subscribe(filter: string, qos: 0 | 1 | 2): Promise<readonly number[]> {
    this.do({ do: 'subscribe', filter, qos })
    return (await this.hears('subscribed')).codes ?? []
  }

  /** Ends without DISCONNECT. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async disconnect(): Promise<void> {
    this.do({ do: 'disconnect' })
    await this.#exited
  }
}
