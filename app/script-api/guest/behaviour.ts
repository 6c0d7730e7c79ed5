import type { DeviceBehaviour, DeviceContext, DeviceScript, MessageEvent } from 'faultline'
import type { ClientSettings, Host, ToGuest } from '../crossing.ts'
import { checkKeys, mistake, shown } from '../mistake.ts'
import type { GuestClient } from './client.ts'
import { toScript } from './properties.ts'
import type { Requests } from './requests.ts'
import type { Scopes } from './scopes.ts'
import { readClientOptions } from './settings.ts'
import type { Timers } from './timers.ts'

const callbacks = ['connected', 'message', 'disconnected', 'powerOn'] as const

type Factory = (context: DeviceContext) => DeviceBehaviour

/** Runs a device's factory and calls what it returned when something happens. */
export class Behaviour {
  readonly #host: Host
  readonly #scopes: Scopes
  readonly #timers: Timers
  readonly #client: GuestClient
  readonly #requests: Requests
  readonly #factories = new WeakMap<object, Factory>()
  #behaviour: DeviceBehaviour = {}

  constructor(host: Host, scopes: Scopes, timers: Timers, client: GuestClient, requests: Requests) {
    this.#host = host
    this.#scopes = scopes
    this.#timers = timers
    this.#client = client
    this.#requests = requests
  }

  readonly device = (factory: Factory): DeviceScript => {
    if (typeof factory !== 'function') {
      throw mistake(`device needs a function that gives the device's behaviour, not ${shown(factory)}`)
    }
    const script: DeviceScript = Object.freeze({ kind: 'device' })
    this.#factories.set(script, factory)
    return script
  }

  start(script: unknown, context: DeviceContext): ClientSettings {
    const factory = typeof script === 'object' && script !== null ? this.#factories.get(script) : undefined
    if (factory === undefined) throw mistake('the default export must be what device(...) gives', 'export default')
    const behaviour: unknown = factory(context)
    if (behaviour instanceof Promise) throw mistake('the function given to device must not be async', 'device')
    checkKeys(behaviour, ['client', ...callbacks], 'the behaviour of a device', '')
    const checked = behaviour as DeviceBehaviour
    for (const name of callbacks) {
      const callback: unknown = checked[name]
      if (callback !== undefined && typeof callback !== 'function') {
        throw mistake(`'${name}' must be a function, not ${shown(callback)}`, name)
      }
    }
    const settings = readClientOptions(checked.client, context.id)
    this.#client.identify(settings)
    this.#behaviour = checked
    return settings
  }

  /** Handles one event. What the script's callback returns is left alone: a rejection that nobody handles is its error. */
  enter(event: ToGuest, octets: ArrayBuffer | undefined): void {
    this.#scopes.enter(this.#scopes.life)
    switch (event.type) {
      case 'power on':
        this.#behaviour.powerOn?.()
        break
      case 'timer':
        this.#timers.fire(event.timer)
        break
      case 'settled':
        this.#client.settle(event.call, event.outcome)
        break
      case 'connected':
        this.#connected(event)
        break
      case 'message': {
        const message = this.#messageOf(event, octets ?? new ArrayBuffer(0))
        if (this.#requests.take(message) || this.#behaviour.message === undefined) break
        if (event.report === true) this.#host.send('{"type":"handled"}')
        this.#behaviour.message(message)
        break
      }
      case 'disconnected': {
        const scope = this.#scopes.closeConnection()
        if (scope !== undefined) this.#timers.stopAll(scope)
        this.#requests.lost()
        const { reason, reasonCode, willReconnect } = event
        this.#behaviour.disconnected?.({ reason, reasonCode, properties: toScript(event.properties), willReconnect })
      }
    }
  }

  #connected(event: ToGuest & { type: 'connected' }): void {
    const properties = toScript(event.properties)
    if (properties.assignedClientIdentifier !== undefined) this.#client.rename(properties.assignedClientIdentifier)
    this.#requests.connected(properties.responseInformation)
    this.#scopes.enter(this.#scopes.openConnection())
    const { sessionPresent } = event
    const done: unknown = this.#behaviour.connected?.({ client: this.#client.api, sessionPresent, properties })
    // Rejected, it is the script's error as ever: what comes of `then` is rejected with it, and nobody handles that.
    if (event.report === true) void Promise.resolve(done).then(() => this.#host.send('{"type":"ready"}'))
  }

  #messageOf(event: ToGuest & { type: 'message' }, received: ArrayBuffer): MessageEvent {
    // The copy counts against the device's memory, which what the host put there does not.
    const octets = received.slice(0)
    const text = once(() => JSON.parse(this.#host.decode(octets)) as string)
    const json = once(() => parse(text()))
    const requests = this.#requests
    const message: MessageEvent = {
      topic: event.topic,
      payload: new Uint8Array(octets),
      get text() {
        return text()
      },
      get json() {
        return json()
      },
      packet: {
        qos: event.qos,
        retain: event.retain,
        dup: event.dup,
        packetId: event.packetId,
        properties: toScript(event.properties),
      },
      client: this.#client.api,
      respond: (payload, options) => requests.respond(message, payload, options),
    }
    return message
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // As the API says: undefined when it is not JSON.
    return undefined
  }
}
