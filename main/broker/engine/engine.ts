import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import { createRandom } from '../../../app/base/random.ts'
import type { ConnectionEvent } from '../../../app/capture/captured.ts'
import type { PacketType } from '../../../app/mqtt/control-packet.ts'
import type { NetworkConnection, Origin } from '../../../app/mqtt/network-connection.ts'
import type { PublishPacket, WillPacket } from '../../../app/mqtt/packets.ts'
import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { SessionDetail, SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Ending } from '../../../app/session/will.ts'
import type { Access } from '../access/access.ts'
import { freeAccess } from '../access/free-access.ts'
import { type RefusalOrder, Refusals } from '../access/refusals.ts'
import type { Broker, BrokerMessage } from '../broker.ts'
import type { ConnectionInfo } from '../connection-info.ts'
import { type Durable, openDurable, writeThrough } from '../stores/durable.ts'
import { TopicWatch } from '../topics/topic-watch.ts'
import { type AedesHeart, startAedes } from './aedes-heart.ts'
import { type Census, takeCensus } from './census.ts'
import { Client, type ClientHost } from './client.ts'
import { Cluster } from './cluster.ts'
import { connect, refuseMalformed } from './connecting.ts'
import { Counters } from './counters.ts'
import type { EngineOptions } from './engine-options.ts'
import { handlePacket } from './handle-packet.ts'
import { noJournal } from './journal.ts'
import { changeLimits, defaultLimits, type LimitChange, type Limits } from './limits.ts'
import { clearQueue, disconnect, expireSession } from './operating.ts'
import type { Outbox } from './outbox.ts'
import { codes } from './reason-codes.ts'
import { restoreAll } from './restoring.ts'
import { Retained } from './retained.ts'
import { RoutedMessage } from './routed-message.ts'
import { Router } from './router.ts'
import type { ClientIdentity } from './served.ts'
import type { ServedSession, SessionGround } from './served-session.ts'
import type { Services } from './services.ts'
import { SessionKeeper } from './session-keeper.ts'
import { Turn } from './turn.ts'

/**
 * Starts a broker: our sessions over aedes' routing and retained messages. MQTT 3.1, 3.1.1 and 5.
 *
 * @throws FaultlineError `file-unreadable` where the store is damaged
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { clock, onProblem = warn, store } = options
  const heart = await startAedes()
  if (store === undefined) return new Engine(options, heart)
  try {
    const durable = await openDurable(store, clock, (message) => new RoutedMessage(heart.id, message), onProblem)
    const engine = new Engine(options, heart, durable)
    await engine.cluster?.start()
    return engine
  } catch (error) {
    await Promise.all([heart.close(), store.close()])
    throw error
  }
}

const warn = (error: Error): void => process.emitWarning(error)

export class Engine implements Broker, ClientHost<Client>, Services {
  readonly engine: string
  readonly clock: Clock
  readonly limits: Limits
  readonly access: Access
  readonly counters = new Counters()
  readonly turn: Turn
  readonly keeper: SessionKeeper
  readonly retained: Retained
  readonly topics: TopicWatch
  readonly outbox: Outbox | undefined
  /** Where other brokers may share its store. */
  readonly cluster: Cluster | undefined
  readonly onSessions: Broker['onSessions']
  readonly #heart: AedesHeart
  readonly #durable: Durable | undefined
  readonly #router: Router<ServedSession>
  readonly #clients = new Set<Client>()
  readonly #events = new Emitter<{ connection: number; event: ConnectionEvent }>()
  readonly onEvent = this.#events.event
  readonly #identified = new Emitter<{ connection: number; clientId: string }>()
  /** A client has said who it is, whether it is let in or not. */
  readonly onIdentified = this.#identified.event
  readonly #published = new Emitter<RoutedMessage>()
  /** Every message that is routed, before anybody gets it. */
  readonly onPublished = this.#published.event
  #connected = 0
  #messages = 0
  /** Messages that were published while another one was being given to its subscribers, in order. */
  #later: RoutedMessage[] = []
  #isRouting = false
  readonly #refusals = new Refusals()
  #refusing: Disposable | undefined
  #closing: Promise<void> | undefined
  #allGone: (() => void) | undefined

  constructor(options: EngineOptions, heart: AedesHeart, durable?: Durable) {
    const { access = freeAccess, clock, limits, seed = 1, shareStrategy = 'round robin' } = options
    const { onProblem = warn } = options
    this.engine = `faultline over aedes ${heart.version}`
    this.clock = clock
    this.turn = new Turn(clock, () => this.counters.packetsReceived + this.counters.packetsSent)
    this.access = access
    this.limits = changeLimits({ ...defaultLimits }, limits ?? {})
    this.#heart = heart
    this.#durable = durable
    this.outbox = durable?.outbox
    const { persistence } = heart
    this.retained = new Retained(writeThrough(durable, persistence), onProblem)
    this.topics = new TopicWatch({ clock, published: this.onPublished, retained: this.retained })
    this.#router = new Router({
      queue: heart.queue,
      random: createRandom(seed, 'shared subscriptions'),
      strategy: shareStrategy,
      deliver: (session, message, match) => session.deliver(message, match),
      foreign: (packet) => this.#fromElsewhere(packet),
    })
    const ground: SessionGround = {
      limits: this.limits,
      journal: durable?.journal ?? noJournal,
      turn: this.turn,
      now: () => clock.now(),
      changed: (session) => this.keeper.touch(session),
      lost: (why, messages) => {
        this.counters[why] += messages
      },
    }
    this.keeper = new SessionKeeper({
      clock,
      ground,
      subscribe: (session, subscription) => this.#router.subscribe(session, subscription),
      unsubscribe: (session, subscription) => this.#router.unsubscribe(session, subscription),
      willRefusal: ({ topic }, identity) => this.#refusalFor(identity, topic),
      publishWill: (will, identity) => this.#publishWill(will, identity),
      willEvent: (connection, event) => this.#events.fire({ connection, event }),
      expired: () => {
        this.counters.sessionsExpired++
      },
    })
    this.onSessions = this.keeper.onChanged
    if (durable === undefined) return
    this.#messages = durable.stored.lastMessage
    const { keeper, retained } = this
    const subscribe = this.#router.subscribe.bind(this.#router)
    const into = { clock, keeper, retained, persistence, subscribe, onProblem }
    restoreAll(into, durable.stored)
    const route = (message: RoutedMessage) => this.#route(message)
    const expelled = () => void this.close()
    if (durable.shared)
      this.cluster = new Cluster(durable.shared, durable, { ...into, adopted: this.#adopted, route, expelled })
  }

  get connected(): number {
    return this.#connected
  }

  get stopping(): boolean {
    return this.#closing !== undefined
  }

  get lastMessage(): number {
    return this.#messages
  }

  accept(end: NetworkConnection, connection: number, info?: ConnectionInfo): void {
    this.counters.sockets++
    const client = new Client(this, end, connection, info)
    this.#clients.add(client)
    client.start()
    if (this.stopping) client.close('the broker was stopped', undefined, 'failed')
  }

  sessions(): SessionSnapshot[] {
    return this.keeper.list()
  }

  session(clientId: string): SessionDetail | undefined {
    return this.keeper.detail(clientId)
  }

  expireSession(clientId: string): void {
    expireSession(this, clientId)
  }

  clearQueue(clientId: string): number {
    return clearQueue(this, clientId)
  }

  disconnect(clientId: string, code: number, reason: string): void {
    disconnect(this, clientId, code, reason)
  }

  refuse(refusal: RefusalOrder | undefined): void {
    this.#refusing?.dispose()
    this.#refusing = refusal && this.#refusals.add(refusal)
  }

  orderedRefusal(clientId: string): RefusalOrder | undefined {
    return this.#refusals.take(clientId)
  }

  /** Connections that there are keep what they were told in CONNACK, and the size of packets. */
  changeLimits(change: LimitChange): Limits {
    return changeLimits(this.limits, change)
  }

  census(): Census {
    return takeCensus(this.#connected, this.keeper, this.#router, this.retained)
  }

  /** Publishes as the broker itself. */
  publish(message: BrokerMessage): void {
    const origin: Origin = { message: ++this.#messages, kind: 'publish', clientId: undefined }
    this.#route(this.#routed({ ...message, properties: undefined, expiresAt: undefined, origin }))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  // ── for clients

  connect(client: Client, octets: Uint8Array): void {
    connect(this, client, octets)
  }

  handle(client: Client, type: PacketType, octets: Uint8Array): void {
    handlePacket(this, client, type, octets)
  }

  refuseMalformed(client: Client, octets: Uint8Array | undefined, code: number, message: string): void {
    refuseMalformed(client, octets, code, message)
  }

  identified(client: Client, clientId: string): void {
    if (clientId !== '') this.#identified.fire({ connection: client.connection, clientId })
  }

  arrived(client: Client, clientId: string): void {
    this.#connected++
    this.counters.connectionsAccepted++
    this.counters.mostConnected = Math.max(this.counters.mostConnected, this.#connected)
    this.#identified.fire({ connection: client.connection, clientId })
  }

  /** A client that was served has gone. */
  left(client: Client, reason: string, ending: Ending): void {
    this.#connected--
    const { accepted } = client
    const served = accepted && this.keeper.find(accepted.identity.clientId)
    if (served?.client === client) this.keeper.leave(served, reason, ending)
  }

  /** Its Network Connection is gone, both ways. */
  gone(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size === 0) this.#allGone?.()
  }

  /** Why the client must not publish to this topic; undefined where it may. */
  publishRefusal({ accepted }: Client, topic: string): string | undefined {
    return accepted === undefined ? undefined : this.#refusalFor(accepted.identity, topic)
  }

  maySubscribe({ accepted }: Client, filter: string): { allowed: boolean; rule: string } {
    return accepted === undefined ? { allowed: true, rule: '' } : this.access.maySubscribe(accepted.identity, filter)
  }

  refused({ accepted, connection }: Client, action: 'publish' | 'subscribe', topic: string, rule: string): void {
    this.counters.denied++
    const { clientId = '' } = accepted?.identity ?? {}
    this.#events.fire({ connection, event: { type: 'denied', clientId, action, topic, rule } })
  }

  /** @returns to how many Sessions it went; undefined where that is not known yet */
  publishFrom(client: Client, packet: PublishPacket, topic: string, octets: Uint8Array): number | undefined {
    const { payload, qos, retain, properties, messageExpiryInterval } = packet
    const expiresAt = messageExpiryInterval === undefined ? undefined : this.clock.now() + messageExpiryInterval * 1000
    const origin: Origin = { message: ++this.#messages, kind: 'publish', clientId: client.accepted?.identity.clientId }
    this.counters.messagesReceived++
    this.counters.payloadReceived += payload.length
    const message = this.#routed({ topic, payload, qos, retain, properties, expiresAt, origin })
    message.cameAs(octets, client.version)
    return this.#route(message)
  }

  /** @returns whether the Session did not have it before */
  subscribe(session: ServedSession, subscription: Subscription): boolean {
    const { filter } = subscription
    const before = session.subscriptions.get(filter)
    session.subscriptions.set(filter, subscription)
    this.#router.subscribe(session, subscription)
    session.written(subscription)
    return before === undefined
  }

  /** @returns whether the Session had it */
  unsubscribe(session: ServedSession, filter: string): boolean {
    const subscription = session.subscriptions.get(filter)
    if (subscription === undefined) return false
    session.subscriptions.delete(filter)
    this.#router.unsubscribe(session, subscription)
    session.erased(filter)
    return true
  }

  // ── routing

  #refusalFor(identity: ClientIdentity, topic: string): string | undefined {
    if (topic.startsWith('$SYS/')) return 'topics under $SYS/ are reserved'
    const { allowed, rule } = this.access.mayPublish(identity, topic)
    return allowed ? undefined : rule
  }

  #routed(message: ConstructorParameters<typeof RoutedMessage>[1]): RoutedMessage {
    return new RoutedMessage(this.#heart.id, message)
  }

  #publishWill(will: WillPacket, identity: ClientIdentity): void {
    const { topic, payload, qos, retain, properties, messageExpiryInterval } = will
    const expiresAt = messageExpiryInterval === undefined ? undefined : this.clock.now() + messageExpiryInterval * 1000
    const origin: Origin = { message: ++this.#messages, kind: 'will', clientId: identity.clientId }
    this.counters.messagesReceived++
    this.#route(this.#routed({ topic, payload, qos, retain, properties, expiresAt, origin }))
  }

  /** One message after the other, whoever publishes while one is being given out: the order is the same for everybody. */
  #route(message: RoutedMessage): number | undefined {
    if (this.#isRouting) {
      this.#later.push(message)
      return undefined
    }
    this.#isRouting = true
    try {
      const went = this.#routeOne(message)
      for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) this.#routeOne(next)
      return went
    } finally {
      this.#isRouting = false
    }
  }

  #routeOne(message: RoutedMessage): number | undefined {
    if (this.cluster?.takes(message)) return undefined
    if (message.retain) this.retained.set(message)
    if (this.#published.hasListeners) this.#published.fire(message)
    return this.#router.route(message)
  }

  /** A message that another broker has numbered. */
  readonly #adopted = (message: ApplicationMessage): RoutedMessage =>
    this.#routed({ ...message, origin: { ...message.origin, message: ++this.#messages } })

  /** A message of aedes' own. */
  #fromElsewhere(packet: object): RoutedMessage {
    const { topic, payload, qos = 0, retain = false, properties, expiresAt, origin } = packet as Partial<RoutedMessage>
    const own: Origin = { message: ++this.#messages, kind: origin?.kind ?? 'publish', clientId: origin?.clientId }
    const octets = payload ?? Buffer.alloc(0)
    const given = { topic: topic ?? '', payload: octets, qos, retain, properties, expiresAt, origin: own }
    const message = this.#routed(given)
    if (retain) this.retained.restore(message)
    return message
  }

  // ── the end

  #settleWill({ accepted, isServing }: Client, reason: string): void {
    const served = accepted && this.keeper.find(accepted.identity.clientId)
    if (isServing && served !== undefined) this.keeper.settleWill(served, reason, 'failed')
  }

  async #close(): Promise<void> {
    const reason = 'the broker was stopped'
    this.cluster?.stop()
    this.#durable?.stop()
    // Wills first, while those who are to get them are still there.
    queueMicrotask(() => {
      for (const client of this.#clients) this.#settleWill(client, reason)
      this.keeper.flushWills(reason)
      for (const client of this.#clients) client.close(reason, codes.serverShuttingDown, 'failed')
    })
    if (this.#clients.size > 0) {
      await new Promise<void>((resolve) => {
        this.#allGone = resolve
      })
    }
    await this.#heart.close()
    await this.#durable?.close()
    this.keeper.dispose()
    this.#events.dispose()
    this.#identified.dispose()
    this.#published.dispose()
    this.topics.dispose()
  }
}
