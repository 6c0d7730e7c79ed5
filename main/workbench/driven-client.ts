import type { Clock } from '../../app/base/clock.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { BrokersReason, ClientSettings, Farewell, Outcome } from '../../app/script-api/crossing.ts'
import type { DeviceClient } from '../devices/guest/device-client.ts'
import type { Request } from '../devices/guest/pending-calls.ts'
import type { ArrivedMessage, ClientAnswer } from '../scenarios/bench.ts'

/** A call without its number. */
type Order = Request extends infer R ? (R extends Request ? Omit<R, 'call'> : never) : never

export interface DrivenClientOptions {
  readonly settings: ClientSettings
  /** Whether its first connection begins with Clean Start 1, whatever the settings say. @default false */
  readonly anew?: boolean
  readonly address: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly received: (message: ArrivedMessage) => void
  readonly log: (line: string) => void
}

interface Waiting<T> {
  resolve(value: T): void
  reject(error: Error): void
}

/** An MQTT client that a scenario drives. It is the client of a device, without a device that makes it connect again. */
export class DrivenClient {
  readonly id: string
  readonly #client: DeviceClient
  readonly #calls = new Map<number, Waiting<Outcome>>()
  #connecting: Waiting<ClientAnswer> | undefined
  /** Why the connection that it asks for is about to be closed. */
  #explanation: string | undefined
  #lastCall = 0
  #online = false
  #wasOnline = false
  #reason = ''
  #reasonCode: number | undefined

  /** @param Client the class of it, which is loaded when the first is wanted */
  constructor(id: string, Client: typeof DeviceClient, options: DrivenClientOptions) {
    const { address, anew = false, clock, log, received, settings } = options
    this.id = id
    const events = {
      connected: (sessionPresent: boolean) => this.#connected(sessionPresent),
      message: ({ dup, payload, properties, qos, retain, topic }: ArrivedMessage) =>
        // A copy: it is a part of what came with it otherwise.
        received({ topic, payload: Uint8Array.from(payload), qos, retain, dup, properties }),
      lost: (reason: string, said?: BrokersReason) => this.#lost(reason, said?.reasonCode),
      written: () => {},
      settled: (call: number, outcome: Outcome) => this.#settled(call, outcome),
      note: (text: string) => log(`${id}: ${text}`),
    }
    this.#client = new Client(settings, address, events, clock)
    if (anew) this.#client.beginAnew()
  }

  get clientId(): string {
    return this.#client.clientId
  }

  get state(): { readonly online: boolean; readonly reason: string; readonly reasonCode: number | undefined } {
    return { online: this.#online, reason: this.#reason, reasonCode: this.#reasonCode }
  }

  /** It has never been let in. */
  get isNew(): boolean {
    return !this.#wasOnline
  }

  /** @throws FaultlineError `wrong-state` where it is connected or was refused, `connection-closed` where it got no answer */
  connect(): Promise<ClientAnswer> {
    if (this.#online || this.#connecting !== undefined) {
      const how = this.#online ? 'is connected' : 'is connecting'
      return Promise.reject(new FaultlineError({ code: 'wrong-state', message: `${this.id} ${how} already` }))
    }
    return new Promise((resolve, reject) => {
      this.#connecting = { resolve, reject }
      this.#explanation = undefined
      this.#client.connect()
    })
  }

  /** The Link knows why it cannot connect; it would see no more than the end of its connection. */
  explain(reason: string): void {
    if (this.#connecting !== undefined) this.#explanation = reason
  }

  /** Sends DISCONNECT; resolves when the connection is gone. @throws FaultlineError `wrong-state` */
  async disconnect(farewell?: Farewell): Promise<void> {
    this.#mustBeOnline('disconnect')
    this.#leave('it disconnected')
    this.#client.disconnect(farewell)
    await this.#client.gone()
  }

  /** Ends its connection by RST. @throws FaultlineError `wrong-state` */
  async drop(): Promise<void> {
    this.#mustBeOnline('lose its connection')
    await this.#cut('its connection was dropped')
  }

  /** Whatever it does, it is over: its connection is gone, and calls that wait are rejected. */
  async close(): Promise<void> {
    await this.#cut('the scenario is over')
    const error = new FaultlineError({ code: 'connection-closed', message: `${this.id}: the scenario is over` })
    this.#connecting?.reject(error)
    this.#connecting = undefined
    for (const waiting of this.#calls.values()) waiting.reject(error)
    this.#calls.clear()
  }

  /**
   * Resolves when its handshake is finished. At QoS 1 and 2 that may be on a later connection, where its Session is kept.
   *
   * @returns the QoS that was granted, of a subscription
   * @throws FaultlineError `wrong-state` where it is offline or the broker refuses, `connection-closed` where the end of the
   * connection has ended it too
   */
  async request(order: Order): Promise<number | undefined> {
    this.#mustBeOnline(order.type)
    const call = ++this.#lastCall
    const settled = new Promise<Outcome>((resolve, reject) => this.#calls.set(call, { resolve, reject }))
    if (this.#client.request({ ...order, call })) {
      this.#calls.delete(call)
      return undefined
    }
    const outcome = await settled
    if (outcome.type === 'done') return outcome.qos
    const code = outcome.type === 'refused' ? 'wrong-state' : 'connection-closed'
    const reasonCode = outcome.type === 'refused' ? outcome.reasonCode : undefined
    const codeText = reasonCode === undefined ? '' : ` (0x${reasonCode.toString(16)})`
    throw new FaultlineError({ code, message: `${this.id}: ${outcome.message}${codeText}`, details: { reasonCode } })
  }

  async #cut(reason: string): Promise<void> {
    this.#leave(reason)
    this.#client.cut('reset')
    await this.#client.gone()
  }

  #leave(reason: string): void {
    this.#online = false
    this.#reason = reason
    this.#reasonCode = undefined
  }

  #mustBeOnline(what: string): void {
    if (this.#online) return
    const why = this.#reason === '' ? '' : `: ${this.#reason}`
    throw new FaultlineError({
      code: 'wrong-state',
      message: `${this.id} cannot ${what}: it is not connected${why}`,
      hint: 'it never connects by itself: connect it first',
    })
  }

  #connected(sessionPresent: boolean): void {
    this.#online = true
    this.#wasOnline = true
    this.#explanation = undefined
    this.#reason = ''
    this.#reasonCode = undefined
    this.#connecting?.resolve({ sessionPresent })
    this.#connecting = undefined
  }

  #lost(seen: string, reasonCode: number | undefined): void {
    const reason = this.#explanation ?? seen
    this.#explanation = undefined
    this.#online = false
    this.#reason = reason
    this.#reasonCode = reasonCode
    const isRefused = reasonCode !== undefined
    this.#connecting?.reject(
      new FaultlineError({
        code: isRefused ? 'wrong-state' : 'connection-closed',
        message: `${this.id} was not let in: ${reason}${isRefused ? ` (0x${reasonCode.toString(16).padStart(2, '0')})` : ''}`,
        details: { reasonCode },
      }),
    )
    this.#connecting = undefined
  }

  #settled(call: number, outcome: Outcome): void {
    this.#calls.get(call)?.resolve(outcome)
    this.#calls.delete(call)
  }
}
