import type { Client, MessageEvent, Payload, PublishOptions, QoS, RequestOptions } from 'faultline'
import { milliseconds } from '../duration.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import { checkTopicName } from '../topics.ts'
import { ConnectionLostError } from './errors.ts'
import type { Scope, Scopes } from './scopes.ts'
import type { Timers } from './timers.ts'

interface Pending {
  readonly scope: Scope
  readonly responseTopic: string
  readonly resolve: (response: MessageEvent) => void
  readonly reject: (error: Error) => void
}

/** What requests need of the client and the device around them. */
export interface RequestHost {
  readonly client: Client
  readonly version: number
  /** Wall time in milliseconds since 1970. */
  now(): number
}

/**
 * Request and response as MQTT 5 has it [MQTT 5 §4.10]: a request names its Response Topic, and its Correlation Data comes
 * back with the response.
 */
export class Requests {
  readonly #host: () => RequestHost
  readonly #scopes: Scopes
  readonly #timers: Timers
  readonly #pending = new Map<string, Pending>()
  /** The subscriptions to Response Topics that were made on this connection. */
  readonly #subscribed = new Map<string, Promise<QoS>>()
  #basis = 'responses'
  #last = 0

  constructor(host: () => RequestHost, scopes: Scopes, timers: Timers) {
    this.#host = host
    this.#scopes = scopes
    this.#timers = timers
  }

  readonly request = (topic: string, payload: unknown, options: RequestOptions = {}): Promise<MessageEvent> => {
    const { stack } = new Error()
    return new Promise((resolve, reject) => {
      const { client, version } = this.#host()
      if (version !== 5) throw mistake("client.request needs MQTT 5; add protocolVersion: 5 to the device's client")
      if (typeof options !== 'object' || options === null) checkKeys(options, [], 'request(...)')
      const { timeout = '10s', responseTopic = this.#ownTopic(client), ...rest } = options
      const wait = milliseconds(timeout, 'the timeout of request')
      checkTopicName(topic, 'the topic')
      checkTopicName(responseTopic, 'the responseTopic of request')
      if ('correlationData' in rest) throw mistake('request has no option correlationData: it makes that itself')
      // One that went on after its connection had ended has no timers any more, so nobody would wait for a response.
      if (this.#scopes.current.ended)
        throw new ConnectionLostError(`request to '${topic}': the connection was lost first`)
      const key = this.#nextKey()
      const end = () => {
        timer.stop()
        this.#pending.delete(key)
      }
      const fail = (error: Error) => {
        end()
        if (stack !== undefined) error.stack = stack
        reject(error)
      }
      const timer = this.#timers.after(wait, () =>
        fail(new Error(`no response to '${topic}' within ${shownWait(timeout)}`)),
      )
      this.#pending.set(key, {
        scope: this.#scopes.current,
        responseTopic,
        resolve: (response) => {
          end()
          resolve(response)
        },
        reject: fail,
      })
      this.#subscribe(client, responseTopic)
        .then(() => client.publish(topic, payload as Payload, { ...rest, responseTopic, correlationData: key }))
        .catch(fail)
    })
  }

  /** Gives a response to the request that waits for it; false for any other message. */
  take(event: MessageEvent): boolean {
    const { correlationData } = event.packet.properties
    if (this.#pending.size === 0 || correlationData === undefined) return false
    const pending = this.#pending.get(String.fromCharCode(...correlationData.subarray(0, longestKey)))
    if (pending === undefined || pending.responseTopic !== event.topic) return false
    this.#scopes.enter(pending.scope)
    pending.resolve(event)
    return true
  }

  /** @param information what the broker's Response Topics shall begin with, where it says so */
  connected(information: string | undefined): void {
    this.#basis = (information ?? 'responses').replace(/\/$/, '')
  }

  lost(): void {
    this.#subscribed.clear()
    for (const { responseTopic, reject } of [...this.#pending.values()]) {
      reject(new ConnectionLostError(`the connection was lost before a response came to '${responseTopic}'`))
    }
  }

  /** Publishes the response to a message that asks for one. */
  respond(event: MessageEvent, payload: Payload, options: PublishOptions = {}): Promise<void> {
    const { responseTopic, correlationData } = event.packet.properties
    if (responseTopic === undefined) {
      return Promise.reject(
        mistake(`the message to ${shown(event.topic)} asks for no response: it has no Response Topic`),
      )
    }
    const about = correlationData === undefined ? {} : { correlationData }
    return event.client.publish(responseTopic, payload, { qos: event.packet.qos, ...about, ...options })
  }

  #ownTopic({ id }: Client): string {
    return `${this.#basis}/${id}`
  }

  /** Unlike those of a life before: its responses may still be under way, or wait in the session. */
  #nextKey(): string {
    return `${Math.floor(this.#host().now()).toString(36)}.${++this.#last}`
  }

  #subscribe(client: Client, topic: string): Promise<QoS> {
    const before = this.#subscribed.get(topic)
    if (before !== undefined) return before
    const subscription = client.subscribe(topic, { qos: 1 })
    this.#subscribed.set(topic, subscription)
    // The next request shall try again; whoever asked for this one hears of it too.
    subscription.catch(() => this.#subscribed.delete(topic))
    return subscription
  }
}

/** A key is shorter; more of a stranger's Correlation Data need not be looked at. */
const longestKey = 64

function shownWait(timeout: number | string): string {
  return typeof timeout === 'number' ? `${timeout} ms` : timeout
}
