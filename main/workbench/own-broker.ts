import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import type { Tap } from '../../app/capture/tap.ts'
import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import type { BrokerAccess } from '../broker/access/broker-access.ts'
import type { ConnectionInfo } from '../broker/connection-info.ts'
import { createEngine, type Engine } from '../broker/engine/engine.ts'
import { defaultLimits } from '../broker/engine/limits.ts'
import type { Arrival, Listener, SecureListener } from '../broker/listeners/listener.ts'
import { openStore, type StoreChoice } from '../broker/stores/open-store.ts'
import type { Wire } from '../link/wire.ts'
import type { ConnectionTable } from '../recorder/connection-table.ts'
import type { BrokerSettings } from '../workspace/broker-settings.ts'
import { connectionOf } from './arrivals.ts'
import { createAccess, type ListenerPorts, openListeners, readTlsMaterial, tlsFiles } from './broker-parts.ts'
import { WillOrder } from './will-order.ts'

export interface OwnBrokerOptions {
  readonly clock: Clock
  /** Path of the workspace. */
  readonly workspace: string
  readonly settings: BrokerSettings | undefined
  /** Comes before the settings. */
  readonly host: string | undefined
  readonly ports: ListenerPorts
  readonly store: StoreChoice | undefined
  readonly log: (line: string) => void
}

/** Where clients of the broker go. */
export interface Road {
  readonly clock: Clock
  readonly wire: Wire
  readonly tap: Tap
  readonly connections: ConnectionTable
  readonly nextConnection: () => number
}

/** The workbench's own broker: its engine, who may do what there, and its listeners, by the settings of the workspace. */
export class OwnBroker {
  readonly engine: Engine
  readonly #options: OwnBrokerOptions
  readonly #access: BrokerAccess
  readonly #listeners: readonly Listener[]
  #settings: BrokerSettings

  /** @throws FaultlineError as `openStore`, `createEngine`, `createAccess` and `openListeners` */
  static async start(options: OwnBrokerOptions): Promise<OwnBroker> {
    const { clock, log, settings, workspace } = options
    const access = createAccess({ clock, workspace, settings })
    // The engine first: a client that comes with the first tick must find it.
    const store = await openStore(options.store ?? { type: 'memory' }, clock)
    const onProblem = (error: Error) => log(`the broker: ${error.message}`)
    const engine = await createEngine({ clock, access, limits: settings?.limits, store, onProblem })
    const listeners = await openListeners(options).catch(async (error) => {
      await engine.close()
      throw error
    })
    return new OwnBroker(options, engine, access, listeners)
  }

  private constructor(options: OwnBrokerOptions, engine: Engine, access: BrokerAccess, listeners: readonly Listener[]) {
    this.engine = engine
    this.#options = options
    this.#access = access
    this.#listeners = listeners
    this.#settings = options.settings ?? {}
  }

  /** Where clients on this machine reach each listener, MQTT over TCP first. */
  get urls(): readonly string[] {
    return this.#listeners.map(({ url }) => url)
  }

  /** Files of the workspace, besides its settings, that `follow` is to hear of. */
  get files(): readonly string[] {
    return this.#secure.length === 0 ? [] : tlsFiles(this.#settings.tls)
  }

  /**
   * Takes in changed settings and files while it runs. Who is connected stays. Where it throws, limits and certificates are
   * as they were.
   *
   * @param paths of files that have changed
   * @throws FaultlineError as `BrokerAccess.configure`, `readTlsMaterial` and `SecureListener.present`
   */
  async follow(settings: BrokerSettings | undefined, paths: readonly string[]): Promise<void> {
    const before = this.#settings
    const { access, limits, ...listening } = settings ?? {}
    const { access: _access, limits: limitsBefore, ...listeningBefore } = before
    this.#access.configure(access ?? {})
    if (this.files.some((path) => paths.includes(path))) {
      const material = await readTlsMaterial(this.#options.workspace, before.tls)
      for (const listener of this.#secure) listener.present(material)
    }
    if (!isDeepStrictEqual(limits, limitsBefore)) this.engine.changeLimits({ ...defaultLimits, ...limits })
    if (!isDeepStrictEqual(listening, listeningBefore)) {
      this.#options.log('the listeners of the broker have changed: that counts from the next start on')
    }
    // What the listeners were opened with stays, until the next start.
    this.#settings = { ...listeningBefore, access, limits }
  }

  /** From now on everybody who gets through a listener gets a Link to the engine; nothing reaches it otherwise. */
  lead(road: Road): Disposable {
    const { clock, connections, tap, wire } = road
    const { engine } = this
    const disposables = new DisposableStore()
    const wills = disposables.add(new WillOrder({ clock, wire, tap }))
    for (const listener of this.#listeners) this.#hear(listener, road, disposables)
    disposables.add(engine.onEvent(({ connection, event }) => wills.take(connection, event)))
    disposables.add(
      engine.onSessions(({ changed }) => {
        for (const { connection, clientId } of changed) {
          connections.identify(connection, clientId)
          wire.identify(connection, clientId)
        }
      }),
    )
    return disposables
  }

  /** Nobody gets in any more. Links that are open stay. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  get #secure(): SecureListener[] {
    return this.#listeners.filter(isSecure)
  }

  #hear(listener: Listener, road: Road, disposables: DisposableStore): void {
    const { log } = this.#options
    disposables.add(listener.onArrival((arrival) => this.#take(arrival, road)))
    disposables.add(
      listener.onRefused(({ reason, remote, transport }) => {
        // It never was a Network Connection, and has no number.
        road.tap.event(0, { type: 'handshake failed', transport, remote, reason })
        log(`${remote} did not get in at ${listener.url}: ${reason}`)
      }),
    )
    disposables.add(listener.onProblem((error) => log(`a client could not be taken in: ${messageOf(error)}`)))
  }

  #take(arrival: Arrival, { nextConnection, wire }: Road): void {
    const { info } = arrival
    const connection = nextConnection()
    const [link, broker] = createConnectionPair()
    this.engine.accept(broker, connection, info)
    const opening = { transport: info.transport, security: describeSecurity(info) }
    wire.open({ connection, client: connectionOf(arrival), broker: link, opening })
  }
}

function isSecure(listener: Listener): listener is SecureListener {
  return 'present' in listener
}

/** Such as `TLSv1.3, certificate of pump-01 until 2027-01-31`; undefined where there is no TLS. */
function describeSecurity({ certificate, tls }: ConnectionInfo): string | undefined {
  if (tls === undefined) return undefined
  if (certificate === undefined) return tls.protocol
  const until = new Date(certificate.validUntil).toISOString().slice(0, 10)
  return `${tls.protocol}, certificate of ${certificate.commonName || certificate.subject} until ${until}`
}
