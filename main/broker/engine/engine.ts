import type { Clock } from '../../../app/base/clock.ts'
import { createRandom } from '../../../app/base/random.ts'
import type { PacketType } from '../../../app/mqtt/control-packet.ts'
import type { NetworkConnection, Origin } from '../../../app/mqtt/network-connection.ts'
import type { PublishPacket, WillPacket } from '../../../app/mqtt/packets.ts'
import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { SessionDetail, SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import type { ShareName, Subscription } from '../../../app/session/subscription.ts'
import type { Ending } from '../../../app/session/will.ts'
import type { Access } from '../access/access.ts'
import { freeAccess } from '../access/free-access.ts'
import { type RefusalOrder, Refusals, type RefusedPacket } from '../access/refusals.ts'
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
import { EngineNews } from './engine-news.ts'
import type { EngineOptions } from './engine-options.ts'
import { handlePacket } from './handle-packet.ts'
import { inOrder } from './in-order.ts'
import { noJournal } from './journal.ts'
import { changeLimits, defaultLimits, type LimitChange, type Limits } from './limits.ts'
import { clearQueue, disconnect, expireSession } from './operating.ts'
import type { Outbox } from './outbox.ts'
import { messageQuota } from './quotas.ts'
import { codes } from './reason-codes.ts'
import { restoreAll } from './restoring.ts'
import { Retained } from './retained.ts'
import { messageFromElsewhere, RoutedMessage } from './routed-message.ts'
import { Router } from './router.ts'
import type { ClientIdentity } from './served.ts'
import type { ServedSession } from './served-session.ts'
import type { Services } from './services.ts'
import type { SessionGround } from './session-ground.ts'
import { SessionKeeper } from './session-keeper.ts'
import { Strangers } from './strangers.ts'
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
    // What went wrong first is what is to be said.
    await Promise.allSettled([heart.close(), store.close()])
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
  readonly refusals = new Refusals()
  readonly strangers = new Strangers()
  readonly onProblem: (error: Error) => void
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
  readonly #news = new EngineNews()
  readonly onEvent = this.#news.events.event
  readonly onIdentified = this.#news.identified.event
  readonly onTurnedAway = this.#news.turnedAway.event
  readonly onPublished = this.#news.published.event
  #connected = 0
  #messages = 0
  #closing: Promise<void> | undefined
  #allGone: (() => void) | undefined

  constructor(options: EngineOptions, heart: AedesHeart, durable?: Durable) {
    const { access = freeAccess, clock, limits, onProblem = warn, seed = 1, shareStrategy = 'round robin' } = options
    this.engine = `faultline over aedes ${heart.version}`
    this.clock = clock
    this.onProblem = onProblem
    const failed = (error: unknown) => onProblem(error instanceof Error ? error : new Error(String(error)))
    this.turn = new Turn(clock, () => this.counters.packetsReceived + this.counters.packetsSent, failed)
    this.access = access
    this.limits = changeLimits({ ...defaultLimits }, limits ?? {})
    this.#heart = heart
    this.#durable = durable
    this.outbox = durable?.outbox
    const { persistence } = heart
    const kept = writeThrough(durable, persistence)
    this.retained = new Retained({ store: kept, clock, limits: this.limits, onProblem })
    this.topics = new TopicWatch({ clock, published: this.onPublished, retained: this.retained })
    this.#router = new Router({
      queue: heart.queue,
      random: createRandom(seed, 'shared subscriptions'),
      strategy: shareStrategy,
      deliver: (session, message, match) => session.deliver(message, match),
      foreign: (packet) => this.#fromElsewhere(packet),
      onMember: (...change) => this.cluster?.shares.changed(...change),
      turn: this.turn,
      // What is to survive a crash is stored for all before its publisher is told that it is.
      canWait: ({ qos }) => qos === 0 || durable === undefined,
    })
    const ground: SessionGround = {
      limits: this.limits,
      journal: durable?.journal ?? noJournal,
      turn: this.turn,
      tally: { octets: 0 },
      now: () => clock.now(),
      changed: (session) => this.keeper.touch(session),
      lost: (why, messages, assured) => {
        this.counters[why] += messages
        this.counters.assured[why] += assured
      },
    }
    this.keeper = new SessionKeeper({
      clock,
      ground,
      subscribe: (session, subscription) => this.#router.subscribe(session, subscription),
      unsubscribe: (session, subscription) => this.#router.unsubscribe(session, subscription),
      willRefusal: (will, identity) =>
        this.#refusalFor(identity, will.topic) ?? messageQuota(this, will.topic, will)?.reason,
      publishWill: (will, identity) => this.#publishWill(will, identity),
      willEvent: (connection, event, deniedTopic) => this.#news.events.fire({ connection, event, deniedTopic }),
      counters: this.counters,
      giveOn: (share, message) => !this.stopping && this.#giveOn(share, message),
    })
    this.onSessions = this.keeper.onChanged
    if (durable === undefined) return
    this.#messages = durable.stored.lastMessage
    const { keeper, retained } = this
    const subscribe = this.#router.subscribe.bind(this.#router)
    const into = { clock, keeper, retained, persistence, subscribe, onProblem }
    restoreAll(into, durable.stored)
    const route = (message: RoutedMessage) => this.#route(message)
    const host = { ...into, adopted: this.#adopted, route, router: this.#router, shareStrategy }
    if (durable.shared) this.cluster = new Cluster(durable.shared, durable, host)
    durable.commit.whenStuck(() => {
      for (const client of this.#clients) client.close('what is stored cannot be reached', codes.serverBusy, 'failed')
    })
  }

  get connected(): number {
    return this.#connected
  }

  get stopping(): boolean {
    return this.#closing !== undefined
  }

  /** Undefined where there is no store. */
  get storeHealth(): Durable['outbox']['health'] | undefined {
    return this.#durable?.outbox.health
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

  refuse(order: RefusalOrder | undefined, packet: RefusedPacket = order?.packet ?? 'CONNECT'): void {
    this.refusals.clear(packet)
    if (order !== undefined) this.refusals.add({ ...order, packet })
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
    if (clientId !== '') this.#news.identified.fire({ connection: client.connection, clientId })
  }

  arrived(client: Client, clientId: string): void {
    this.#connected++
    this.counters.connectionsAccepted++
    this.counters.mostConnected = Math.max(this.counters.mostConnected, this.#connected)
    this.#news.identified.fire({ connection: client.connection, clientId })
  }

  turnedAway({ connection, remote }: Client, reason: string): void {
    if (!this.stopping) this.#news.turnedAway.fire({ connection, remote, reason })
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
    this.#news.events.fire({ connection, event: { type: 'denied', clientId, action, topic, rule } })
  }

  /** @returns to how many Sessions it went; undefined where that is not known yet */
  publishFrom(client: Client, packet: PublishPacket, topic: string, octets: Uint8Array): number | undefined {
    this.counters.payloadReceived += packet.payload.length
    const message = this.#received(packet, topic, 'publish', client.accepted?.identity.clientId)
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

  #publishWill(will: WillPacket, { clientId }: ClientIdentity): void {
    this.#route(this.#received(will, will.topic, 'will', clientId))
  }

  #received(
    { messageExpiryInterval, payload, properties, qos, retain }: PublishPacket | WillPacket,
    topic: string,
    kind: Origin['kind'],
    clientId: string | undefined,
  ): RoutedMessage {
    const expiresAt = messageExpiryInterval === undefined ? undefined : this.clock.now() + messageExpiryInterval * 1000
    const origin: Origin = { message: ++this.#messages, kind, clientId }
    this.counters.messagesReceived++
    return this.#routed({ topic, payload, qos, retain, properties, expiresAt, origin })
  }

  readonly #route = inOrder((message: RoutedMessage) => this.#routeOne(message))

  #routeOne(message: RoutedMessage): number | undefined {
    if (this.cluster?.takes(message)) return undefined
    if (message.retain) this.retained.set(message)
    if (this.#news.published.hasListeners) this.#news.published.fire(message)
    return this.#router.route(message, this.cluster?.isArriving(message))
  }

  #giveOn(share: ShareName, message: RoutedMessage): boolean {
    return this.cluster?.shares.claim(share, message) ?? this.#router.give(share.group, share.matches, message)
  }

  /** A message that another broker has numbered. */
  readonly #adopted = (message: ApplicationMessage): RoutedMessage =>
    this.#routed({ ...message, origin: { ...message.origin, message: ++this.#messages } })

  /** A message of aedes' own. */
  #fromElsewhere(packet: object): RoutedMessage {
    const message = this.#routed(messageFromElsewhere(packet, ++this.#messages))
    if (message.retain) this.retained.restore(message)
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
      this.#router.finish()
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
    for (const part of [this.keeper, this.retained, this.#news, this.topics]) part.dispose()
  }
}
