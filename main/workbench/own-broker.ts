import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import type { Tap } from '../../app/capture/tap.ts'
import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import type { NetworkConnection } from '../../app/mqtt/network-connection.ts'
import type { Access } from '../broker/access/access.ts'
import type { BrokerAccess } from '../broker/access/broker-access.ts'
import type { ConnectionInfo } from '../broker/connection-info.ts'
import { createEngine, type Engine } from '../broker/engine/engine.ts'
import { defaultLimits } from '../broker/engine/limits.ts'
import { exposureOf } from '../broker/listeners/addresses.ts'
import type { Arrival, Listener, SecureListener } from '../broker/listeners/listener.ts'
import { openStore, type StoreChoice } from '../broker/stores/open-store.ts'
import type { Store } from '../broker/stores/store.ts'
import type { Wire } from '../link/wire.ts'
import type { ConnectionTable } from '../recorder/connection-table.ts'
import type { BrokerSettings } from '../workspace/broker-settings.ts'
import { connectionOf } from './arrivals.ts'
import { createAccess, type ListenerPorts, openListeners, readTlsMaterial, tlsFiles } from './broker-parts.ts'
import { SparingLog } from './sparing-log.ts'
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
  /** What the broker draws comes from it. */
  readonly seed?: string | number
  /** What stands around the engine instead of nothing. */
  readonly around?: Surroundings | undefined
  readonly log: (line: string) => void
}

/** Puts something of one's own between the engine and each part of the world that it has to do with. */
export interface Surroundings {
  access(access: Access): Access
  store(store: Store): Store
  /** @param end the engine's end of a Network Connection */
  end(end: NetworkConnection): NetworkConnection
  /** Takes, instead of the log, that somebody did not get in. @param who a Client Identifier where it has said one, and the address */
  turnedAway?(who: string, reason: string): void
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
    const { around, clock, log, seed, settings, workspace } = options
    const onProblem = (error: Error) => log(`the broker: ${error.message}`)
    const access = createAccess({ clock, workspace, settings, onProblem })
    await access.check()
    // The engine first: a client that comes with the first tick must find it.
    const store = await openStore(options.store ?? { type: 'memory' }, clock)
    const engine = await createEngine({
      clock,
      access: around?.access(access) ?? access,
      limits: settings?.limits,
      shareStrategy: settings?.sharedSubscriptions,
      ...(seed === undefined ? {} : { seed }),
      store: store && (around?.store(store) ?? store),
      onProblem,
    })
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

  /** The same, with what has to be said of those that others than this machine reach. */
  get listening(): readonly { readonly url: string; readonly exposure: string | undefined }[] {
    return this.#listeners.map((listener) => ({ url: listener.url, exposure: exposureOf(listener) }))
  }

  /** Where Sessions are kept, to be shown: without a password. */
  get store(): StoreChoice {
    const { store = { type: 'memory' } } = this.#options
    return store.type === 'redis' ? { ...store, url: withoutPassword(store.url) } : store
  }

  /** For how many seconds it could not be written; undefined where it can. */
  get storeFailing(): number | undefined {
    const health = this.engine.storeHealth
    return health?.isFailing ? health.failingFor : undefined
  }

  /** Files of the workspace, besides its settings, that `follow` is to hear of. */
  get files(): readonly string[] {
    const certificates = this.#secure.length === 0 ? [] : tlsFiles(this.#settings.tls)
    return [...certificates, ...this.#access.files]
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
    await this.#access.look()
    const tls = this.#followed(settings?.tls)
    const isOther = !isDeepStrictEqual(tls, before.tls)
    if (this.#secure.length > 0 && (isOther || tlsFiles(tls).some((path) => paths.includes(path)))) {
      const material = await readTlsMaterial(this.#options.workspace, tls)
      for (const listener of this.#secure) listener.present(material)
      for (const line of tlsNews(before.tls, tls)) this.#options.log(line)
    }
    if (!isDeepStrictEqual(limits, limitsBefore)) this.engine.changeLimits({ ...defaultLimits, ...limits })
    const now: BrokerSettings = { ...listening, tls: settings?.tls }
    const then: BrokerSettings = { ...listeningBefore, tls }
    const others = changedKeys(now, then)
    if (others.length > 0) {
      this.#options.log(`${others.join(', ')} of faultline.json changed: that counts from the next start on`)
    }
    // What the listeners were opened with stays, until the next start.
    this.#settings = { ...then, access, limits }
  }

  /** From now on everybody who gets through a listener gets a Link to the engine; nothing reaches it otherwise. */
  lead(road: Road): Disposable {
    const { clock, connections, tap, wire } = road
    const { engine } = this
    const disposables = new DisposableStore()
    const wills = disposables.add(new WillOrder({ clock, wire, tap }))
    for (const listener of this.#listeners) this.#hear(listener, road, disposables)
    disposables.add(engine.onEvent(({ connection, event }) => wills.take(connection, event)))
    this.#logRefusals(connections, disposables)
    // At once: of a client that is soon gone again no Session is told.
    disposables.add(engine.onIdentified(({ connection, clientId }) => connections.identify(connection, clientId)))
    disposables.add(
      engine.onSessions(({ changed }) => {
        for (const { connection, clientId } of changed) wire.identify(connection, clientId)
      }),
    )
    return disposables
  }

  /** Nobody gets in any more. Links that are open stay. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  /** What can be changed while the listeners are open: certificates, and who has to have signed those of clients. */
  #followed(tls: BrokerSettings['tls']): BrokerSettings['tls'] {
    const { tls: before } = this.#settings
    if (tls === undefined && before === undefined) return undefined
    const { clientCertificate = 'off', maxVersion = '1.3', minVersion = '1.2' } = before ?? {}
    return { ...trustOf(tls), clientCertificate, maxVersion, minVersion }
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

  #logRefusals(connections: ConnectionTable, disposables: DisposableStore): void {
    const { around, clock, log } = this.#options
    const refused = disposables.add(new SparingLog({ clock, what: 'clients that did not get in', log }))
    const denied = disposables.add(new SparingLog({ clock, what: 'denials', log }))
    disposables.add(
      this.engine.onTurnedAway(({ connection, reason, remote }) => {
        const clientId = connections.clientId(connection) ?? ''
        const who = clientId === '' ? remote : `${clientId} at ${remote}`
        if (around?.turnedAway === undefined) refused.say(`${who} did not get in: ${reason}`)
        else around.turnedAway(who, reason)
      }),
    )
    disposables.add(
      this.engine.onEvent(({ deniedTopic, event }) => {
        if (event.type === 'denied') {
          denied.say(`${event.clientId} may not ${event.action} to ${event.topic}: ${event.rule}`)
        } else if (event.type === 'will dropped' && deniedTopic !== undefined) {
          denied.say(`the will of ${event.clientId} to ${deniedTopic} was dropped: ${event.reason}`)
        }
      }),
    )
  }

  #take(arrival: Arrival, { nextConnection, wire }: Road): void {
    const { info } = arrival
    const connection = nextConnection()
    const [link, broker] = createConnectionPair()
    this.engine.accept(this.#options.around?.end(broker) ?? broker, connection, info)
    const opening = { transport: info.transport, security: describeSecurity(info) }
    wire.open({ connection, client: connectionOf(arrival), broker: link, opening })
  }
}

/** Such as `broker.ws`. What is not given is as it is by default. */
function changedKeys(now: BrokerSettings, then: BrokerSettings): string[] {
  const keys = new Set([...Object.keys(now), ...Object.keys(then)]) as Set<keyof BrokerSettings>
  return [...keys].filter((key) => !isDeepStrictEqual(now[key], then[key])).map((key) => `"broker.${key}"`)
}

function trustOf(tls: BrokerSettings['tls']) {
  const { certificate = 'server', clientAuthority = 'certificates/ca.crt', revoked = 'certificates/ca.crl' } = tls ?? {}
  return { certificate, clientAuthority, revoked }
}

/** What of TLS is another from now on, for new clients. */
function* tlsNews(before: BrokerSettings['tls'], now: BrokerSettings['tls']): Generator<string> {
  const [was, is] = [trustOf(before), trustOf(now)]
  if (is.certificate !== was.certificate) yield `the broker shows certificates/${is.certificate}.crt from now on`
  if (is.clientAuthority !== was.clientAuthority) {
    yield `certificates of clients have to be signed by ${is.clientAuthority} from now on`
  }
  if (is.revoked === was.revoked) return
  yield is.revoked === false
    ? 'certificates of clients that were revoked are good from now on: no list of them is looked at'
    : `certificates of clients that are in ${is.revoked} are revoked from now on`
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  url.password = ''
  return url.href
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
