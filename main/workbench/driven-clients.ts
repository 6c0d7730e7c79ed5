import type { Clock } from '../../app/base/clock.ts'
import { closest } from '../../app/base/closest.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { mostAtOnce } from '../../app/scenario/bounds.ts'
import { observerId } from '../../app/scenario/observer.ts'
import type { ClientSettings } from '../../app/script-api/crossing.ts'
import type { DeviceClient } from '../devices/guest/device-client.ts'
import type { Bench, ClientAnswer, ReceivedByClient } from '../scenarios/bench.ts'
import { DrivenClient } from './driven-client.ts'

type Clients = Bench['clients']

/** How long the observer's Session is kept while it is not connected, in seconds: what it subscribed to stays. */
const observerExpiry = 3600
const unsupportedVersion = new Set([0x01, 0x84])

/**
 * The clients that a scenario drives. They live in the main thread, where nobody's script runs: what one receives is told
 * when it has come, without a way between threads on which the order of two clients could be lost.
 */
export class DrivenClients implements Clients {
  readonly #clients = new Map<string, DrivenClient>()
  readonly #received = new Emitter<ReceivedByClient>()
  readonly onReceived = this.#received.event
  readonly #Client: typeof DeviceClient
  readonly #options: { readonly clock: Clock; readonly log: (line: string) => void }
  readonly #address: { readonly host: string; readonly port: number }
  /** Ids of those that are connecting for the first time. */
  readonly #opening = new Set<string>()
  #closed = false

  constructor(
    Client: typeof DeviceClient,
    address: { readonly host: string; readonly port: number },
    options: { readonly clock: Clock; readonly log: (line: string) => void },
  ) {
    this.#Client = Client
    this.#address = address
    this.#options = options
  }

  /** With MQTT 5, whose properties it is to see; a broker that does not know it gets 3.1.1. */
  async openObserver(): Promise<void> {
    const settings: ClientSettings = {
      protocolVersion: 5,
      clientId: observerId,
      cleanStart: false,
      keepAlive: 60,
      properties: { sessionExpiryInterval: observerExpiry },
      topicAliases: false,
      store: 'ram',
    }
    try {
      // A run that was killed cannot have ended its Session at a broker that outlives it.
      await this.#open(observerId, settings, true)
    } catch (error) {
      if (!unsupportedVersion.has(this.state(observerId)?.reasonCode ?? 0)) throw error
      const { properties: _properties, ...older } = settings
      // Of 3.1.1 nobody could say when its Session is to end.
      await this.open(observerId, { ...older, protocolVersion: 4, cleanStart: true })
    }
  }

  open(id: string, settings: ClientSettings): Promise<ClientAnswer> {
    return this.#open(id, settings, false)
  }

  async #open(id: string, settings: ClientSettings, anew: boolean): Promise<ClientAnswer> {
    this.#mustBeFree(id)
    this.#opening.add(id)
    try {
      const known = this.#clients.get(id)
      // A new one is counted at once: others may be asked for side by side.
      if (known !== undefined) {
        await known.close()
        this.#mustBeGoingOn()
      }
      const client = new DrivenClient(id, this.#Client, {
        ...this.#options,
        address: this.#address,
        settings,
        anew,
        received: (message) => this.#received.fire({ client: id, ...message }),
      })
      this.#clients.set(id, client)
      return await client.connect()
    } finally {
      this.#opening.delete(id)
    }
  }

  /** There is room for a client of this id. */
  #mustBeFree(id: string): void {
    const known = this.#clients.get(id)
    this.#mustBeGoingOn()
    if (this.#opening.has(id)) {
      throw new FaultlineError({
        code: 'already-exists',
        message: `a client '${id}' is connecting already`,
        hint: 'wait for the first one, or give this one another id',
      })
    }
    // One that was never let in left nothing behind.
    if (known !== undefined && !known.isNew) {
      throw new FaultlineError({
        code: 'already-exists',
        message: `there is a client '${id}' already`,
        hint: 'connect it again with connect(), or give this one another id',
      })
    }
    if (known === undefined && this.#clients.size >= mostAtOnce.clients) {
      throw new FaultlineError({
        code: 'wrong-state',
        message: `there are ${mostAtOnce.clients} clients already`,
        hint: 'many clients are a load fleet: fleet(...) in a device script',
      })
    }
  }

  #mustBeGoingOn(): void {
    if (this.#closed) throw new FaultlineError({ code: 'connection-closed', message: 'the scenario is over' })
  }

  async connect(id: string): Promise<ClientAnswer> {
    return this.#get(id).connect()
  }

  async disconnect(id: string): Promise<void> {
    await this.#get(id).disconnect()
  }

  async drop(id: string): Promise<void> {
    await this.#get(id).drop()
  }

  async subscribe({ filters, id, ...options }: Parameters<Clients['subscribe']>[0]): Promise<readonly number[]> {
    const client = this.#get(id)
    const granted = filters.map((filter) => client.request({ type: 'subscribe', filter, ...options }))
    return (await Promise.all(granted)).map((qos) => qos ?? 0)
  }

  async unsubscribe(id: string, filters: readonly string[]): Promise<void> {
    const client = this.#get(id)
    await Promise.all(filters.map((filter) => client.request({ type: 'unsubscribe', filter })))
  }

  async publish(
    { id, text: _text, ...message }: Parameters<Clients['publish']>[0],
    payload: Uint8Array,
  ): Promise<void> {
    await this.#get(id).request({ type: 'publish', ...message, payload })
  }

  state(id: string): DrivenClient['state'] | undefined {
    return this.#clients.get(id)?.state
  }

  /** Tells who has this Client Identifier why the connection that it asks for is about to be closed. */
  explain(clientId: string, reason: string): void {
    for (const client of this.#clients.values()) if (client.clientId === clientId) client.explain(reason)
  }

  /** Ends all of them; a Session of the observer's is not to outlive it where the broker does. */
  async close(): Promise<void> {
    this.#closed = true
    const observer = this.#clients.get(observerId)
    if (observer?.state.online === true) {
      await observer.disconnect({ reasonCode: 0, properties: { sessionExpiryInterval: 0 } })
    }
    await Promise.all([...this.#clients.values()].map((client) => client.close()))
    this.#received.dispose()
  }

  #get(id: string): DrivenClient {
    const client = this.#clients.get(id)
    if (client !== undefined) return client
    const meant = closest(id, [...this.#clients.keys()])
    throw new FaultlineError({
      code: 'not-found',
      message: `there is no client '${id}'`,
      hint: meant === undefined ? `open it first, with client('${id}')` : `did you mean '${meant}'?`,
    })
  }
}
