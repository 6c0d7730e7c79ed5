import type { Client, PublishOptions, QoS, SubscribeOptions } from 'faultline'
import type { FromGuest, Outcome } from '../crossing.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import { checkTopicFilter, checkTopicName } from '../topics.ts'
import { bufferOf, toWire } from './payload.ts'
import type { Scope, Scopes } from './scopes.ts'

interface Call {
  readonly scope: Scope
  /** Where the script made the call: an error that comes later is shown there. */
  readonly stack: string | undefined
  readonly resolve: (qos: QoS) => void
  readonly reject: (error: Error) => void
}

/**
 * The connection ended before a call of the client was complete, or too much was waiting for one. Scripts may catch it;
 * one that nobody catches is not an error of the script, because no script can keep a connection from being lost, and
 * `connected` runs anew on the next one.
 */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
  readonly #lost = true

  static is(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #lost in value && value.#lost
  }
}

/** The guest's half of the client: checks arguments, numbers the calls, settles their promises. */
export class GuestClient {
  readonly #send: (message: FromGuest, octets?: ArrayBuffer) => void
  readonly #scopes: Scopes
  readonly #calls = new Map<number, Call>()
  #last = 0
  #id = ''
  /** What the script sees. */
  readonly api: Client

  constructor(send: (message: FromGuest, octets?: ArrayBuffer) => void, scopes: Scopes) {
    this.#send = send
    this.#scopes = scopes
    const self = this
    this.api = Object.freeze({
      get id() {
        return self.#id
      },
      get connected() {
        return scopes.connected
      },
      // Not async: such a function would keep the payload in the device's memory until the handshake is complete.
      publish: (topic: string, payload: unknown, options?: PublishOptions) =>
        self.#publish(topic, payload, options).then(nothing),
      subscribe: (filter: string, options?: SubscribeOptions) => self.#subscribe(filter, options),
      unsubscribe: (filter: string) => self.#unsubscribe(filter).then(nothing),
    })
  }

  /** The Client Identifier is known once the factory has returned. */
  identify(id: string): void {
    this.#id = id
  }

  settle(number: number, outcome: Outcome): void {
    const call = this.#calls.get(number)
    if (call === undefined) return
    this.#calls.delete(number)
    this.#scopes.enter(call.scope)
    if (outcome.type === 'done') {
      call.resolve(outcome.qos ?? 0)
      return
    }
    const error = outcome.type === 'lost' ? new ConnectionLostError(outcome.message) : new Error(outcome.message)
    if (call.stack !== undefined) error.stack = call.stack
    call.reject(error)
  }

  #publish(topic: unknown, payload: unknown, options: unknown): Promise<QoS> {
    return this.#call((call) => {
      const checked = checkTopicName(topic, 'the topic')
      const { qos, retain } = checkOptions(options, ['qos', 'retain'], 'publish')
      const wire = toWire(payload, 'the payload')
      if (typeof wire === 'string') this.#send({ type: 'publish', call, topic: checked, text: wire, qos, retain })
      else this.#send({ type: 'publish', call, topic: checked, qos, retain }, bufferOf(wire))
    })
  }

  #subscribe(filter: unknown, options: unknown): Promise<QoS> {
    return this.#call((call) => {
      const checked = checkTopicFilter(filter, 'the topic filter')
      this.#send({ type: 'subscribe', call, filter: checked, qos: checkOptions(options, ['qos'], 'subscribe').qos })
    })
  }

  #unsubscribe(filter: unknown): Promise<QoS> {
    return this.#call((call) => {
      this.#send({ type: 'unsubscribe', call, filter: checkTopicFilter(filter, 'the topic filter') })
    })
  }

  /** A mistake in the arguments rejects the promise, as everything else that goes wrong with a call does. */
  #call(send: (call: number) => void): Promise<QoS> {
    return new Promise((resolve, reject) => {
      const number = ++this.#last
      send(number)
      this.#calls.set(number, { scope: this.#scopes.current, stack: new Error().stack, resolve, reject })
    })
  }
}

function nothing(): void {}

function checkOptions(options: unknown, known: readonly string[], what: string): { qos: QoS; retain: boolean } {
  if (options === undefined) return { qos: 0, retain: false }
  checkKeys(options, known, `the options of ${what}`)
  const { qos = 0, retain = false } = options as { qos?: unknown; retain?: unknown }
  return { qos: checkQoS(qos, `the qos of ${what}`), retain: checkFlag(retain, `the retain of ${what}`) }
}

export function checkQoS(value: unknown, what: string, option?: string): QoS {
  if (value === 0 || value === 1 || value === 2) return value
  throw mistake(`${what} must be 0, 1 or 2, not ${shown(value)}`, option)
}

export function checkFlag(value: unknown, what: string, option?: string): boolean {
  if (typeof value === 'boolean') return value
  throw mistake(`${what} must be true or false, not ${shown(value)}`, option)
}
