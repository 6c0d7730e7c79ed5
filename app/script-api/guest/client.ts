import type {
  Client,
  DisconnectOptions,
  MessageEvent,
  PublishOptions,
  QoS,
  RequestOptions,
  SubscribeOptions,
  UnsubscribeOptions,
} from 'faultline'
import type { ClientSettings, FromGuest, Outcome } from '../crossing.ts'
import { checkKeys } from '../mistake.ts'
import { checkTopicFilter, checkTopicName } from '../topics.ts'
import { readDisconnectOptions } from './disconnect.ts'
import { ConnectionLostError, RefusedError } from './errors.ts'
import { bufferOf, toWire } from './payload.ts'
import { filled, type Given, needVersion5, paths, read, readUserProperties } from './properties.ts'
import type { Scope, Scopes } from './scopes.ts'
import { readPublishOptions, readSubscribeOptions } from './send-options.ts'

interface Call {
  readonly scope: Scope
  /** Where the script made the call: an error that comes later is shown there. */
  readonly stack: string | undefined
  readonly resolve: (granted: QoS | undefined) => void
  readonly reject: (error: Error) => void
}

type Send = (message: FromGuest, octets?: ArrayBuffer) => boolean
type Ask = (topic: string, payload: unknown, options?: RequestOptions) => Promise<MessageEvent>

/** The guest's half of the client: checks arguments, numbers the calls, settles their promises. */
export class GuestClient {
  readonly #send: Send
  readonly #scopes: Scopes
  readonly #calls = new Map<number, Call>()
  readonly #topics = new Set<string>()
  #last = 0
  #id = ''
  #version = 4
  #sessionIsKept = false
  /** What the script sees. */
  readonly api: Client

  constructor(send: Send, scopes: Scopes, request: Ask) {
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
      publish: (topic: string, payload: unknown, options?: PublishOptions) => self.#publish(topic, payload, options),
      subscribe: (filter: string, options?: SubscribeOptions) => self.#subscribe(filter, options),
      unsubscribe: (filter: string, options?: UnsubscribeOptions) => self.#unsubscribe(filter, options),
      request,
      disconnect: (options?: DisconnectOptions) => self.#disconnect(options),
    })
  }

  /** These are known once the factory has returned. */
  identify({ clientId, properties, protocolVersion }: ClientSettings): void {
    this.#id = clientId
    this.#version = protocolVersion
    this.#sessionIsKept = (properties?.sessionExpiryInterval ?? 0) > 0
  }

  /** The broker has given a name to a client that had none [MQTT-3.1.3-6]. */
  rename(id: string): void {
    this.#id = id
  }

  get version(): number {
    return this.#version
  }

  settle(number: number, outcome: Outcome): void {
    const call = this.#calls.get(number)
    if (call === undefined) return
    this.#calls.delete(number)
    this.#scopes.enter(call.scope)
    if (outcome.type === 'done') {
      call.resolve(outcome.qos)
      return
    }
    const error = outcome.type === 'lost' ? new ConnectionLostError(outcome.message) : new RefusedError(outcome)
    if (call.stack !== undefined) error.stack = call.stack
    call.reject(error)
  }

  #publish(topic: unknown, payload: unknown, options: unknown): Promise<void> {
    return this.#call((call) => {
      const { qos = 0, retain = false, topicAlias, properties } = readPublishOptions(options, this.#version)
      // An alias of its own stands for a topic that was published to before [MQTT 5 §3.3.2.3.4].
      const named = topic === '' && topicAlias !== undefined ? '' : this.#topicName(topic)
      const wire = toWire(payload, 'the payload')
      const message: FromGuest = { type: 'publish', call, topic: named, qos, retain }
      if (properties !== undefined) message.properties = properties
      if (typeof wire !== 'string') return this.#send(message, bufferOf(wire))
      message.text = wire
      return this.#send(message)
    })
  }

  #subscribe(filter: unknown, options: unknown = {}): Promise<QoS> {
    return this.#callForQoS((call) => {
      const checked = checkTopicFilter(filter, 'the topic filter')
      const { qos, more } = readSubscribeOptions(options, this.#version)
      return this.#send({ type: 'subscribe', call, filter: checked, qos, ...more })
    })
  }

  #unsubscribe(filter: unknown, options: unknown = {}): Promise<void> {
    return this.#call((call) => {
      const checked = checkTopicFilter(filter, 'the topic filter')
      checkKeys(options, ['userProperties'], 'unsubscribe(...)')
      const given = options as Given
      needVersion5(this.#version, given, ['userProperties'], 'unsubscribe')
      const userProperties = read(
        given['userProperties'],
        paths('unsubscribe', undefined)('userProperties'),
        readUserProperties,
      )
      const more = filled({ properties: filled({ userProperties }) })
      return this.#send({ type: 'unsubscribe', call, filter: checked, ...more })
    })
  }

  #disconnect(options: unknown = {}): void {
    const checked = readDisconnectOptions(options, this.#version, this.#sessionIsKept)
    this.#send({ type: 'disconnect', ...checked })
  }

  /** A message is most often published to the same few topics: those that were checked need not be checked again. */
  #topicName(topic: unknown): string {
    if (typeof topic === 'string' && this.#topics.has(topic)) return topic
    const checked = checkTopicName(topic, 'the topic')
    if (this.#topics.size < 16 && checked.length < 100) this.#topics.add(checked)
    return checked
  }

  /**
   * A mistake in the arguments rejects the promise, as everything else that goes wrong with a call does.
   *
   * @param send gives true when the host has completed the call at once
   */
  #call(send: (call: number) => boolean): Promise<void> {
    return new Promise((resolve, reject) => this.#make(send, () => resolve(), reject))
  }

  #callForQoS(send: (call: number) => boolean): Promise<QoS> {
    return new Promise((resolve, reject) => this.#make(send, (granted = 0) => resolve(granted), reject))
  }

  #make(send: (call: number) => boolean, resolve: Call['resolve'], reject: Call['reject']): void {
    const number = ++this.#last
    if (send(number)) resolve(undefined)
    else this.#calls.set(number, { scope: this.#scopes.current, stack: new Error().stack, resolve, reject })
  }
}
