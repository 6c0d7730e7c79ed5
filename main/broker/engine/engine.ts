import type { Clock } from '../../../app/base/clock.ts'
import { Emitter } from '../../../app/base/emitter.ts'
import { createRandom } from '../../../app/base/random.ts'
import type { ConnectionEvent } from '../../../app/capture/captured.ts'
import type { PacketType } from '../../../app/mqtt/control-packet.ts'
import type { NetworkConnection, Origin } from '../../../app/mqtt/network-connection.ts'
import type { PublishPacket, WillPacket } from '../../../app/mqtt/packets.ts'
import type { SessionDetail, SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import type { Subscription } from '../../../app/session/subscription.ts'
import type { Ending } from '../../../app/session/will.ts'
import type { Access } from '../access/access.ts'
import { freeAccess } from '../access/free-access.ts'
import type { Broker, BrokerMessage } from '../broker.ts'
import type { ConnectionInfo } from '../connection-info.ts'
import { type AedesHeart, startAedes } from './aedes-heart.ts'
import { Client, type ClientHost } from './client.ts'
import { connect, refuseMalformed } from './connecting.ts'
import { Counters } from './counters.ts'
import { handlePacket } from './handle-packet.ts'
import { noJournal } from './journal.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { Outbox } from './outbox.ts'
import { codes } from './reason-codes.ts'
import { Retained } from './retained.ts'
import { RoutedMessage } from './routed-message.ts'
import { Router } from './router.ts'
import type { ClientIdentity } from './served.ts'
import type { ServedSession, SessionGround } from './served-session.ts'
import type { OrderedRefusal, Services } from './services.ts'
import { SessionKeeper } from './session-keeper.ts'
import type { ShareStrategy } from './share-group.ts'

export interface EngineOptions {
  readonly clock: Clock
  /** @default everybody may do everything */
  readonly access?: Access
  readonly limits?: Partial<Limits>
  /** @default 'round robin' */
  readonly shareStrategy?: ShareStrategy
  /** Of the random choices that it makes. */
  readonly seed?: string | number
  /** Hears of errors that belong to no client; they go on record as warnings of the process otherwise. */
  readonly onProblem?: (error: Error) => void
}

/** Starts a broker: our sessions over aedes' routing and retained messages. MQTT 3.1, 3.1.1 and 5. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const heart = await startAedes()
  return new Engine(options, heart)
}

export class Engine implements Broker, ClientHost<Client>, Services {
  readonly engine: string
  readonly clock: Clock
  readonly limits: Limits
  readonly access: Access
  readonly counters = new Counters()
  readonly keeper: SessionKeeper
  readonly retained: Retained
  readonly outbox: Outbox | undefined = undefined
  readonly onSessions: Broker['onSessions']
  readonly #heart: AedesHeart
  readonly #router: Router<ServedSession>
  readonly #clients = new Set<Client>()
  readonly #events = new Emitter<{ connection: number; event: ConnectionEvent }>()
  readonly onEvent = this.#events.event
  readonly #identified = new Emitter<{ connection: number; clientId: string }>()
  /** A client has said who it is, whether it is let in or not. */
  readonly onIdentified = this.#identified.event
  readonly #refused = new Emitter<{ clientId: string; action: string; topic: string; rule: string }>()
  /** A rule does not allow a client to publish or to subscribe. */
  readonly onRefused = this.#refused.event
  readonly #published = new Emitter<RoutedMessage>()
  /** Every message that is routed, before anybody gets it. */
  readonly onPublished = this.#published.event
  #connected = 0
  #messages = 0
  /** Messages that were published while another one was being given to its subscribers, in order. */
  #later: RoutedMessage[] = []
  #isRouting = false
  #ordered: OrderedRefusal | undefined
  #closing: Promise<void> | undefined
  #allGone: (() => void) | undefined

  constructor(options: EngineOptions, heart: AedesHeart) {
    const { access = freeAccess, clock, limits, seed = 1, shareStrategy = 'round robin' } = options
    const onProblem = options.onProblem ?? ((error: Error) => process.emitWarning(error))
    this.engine = `faultline over aedes ${heart.version}`
    this.clock = clock
    this.access = access
    this.limits = { ...defaultLimits, ...limits }
    this.#heart = heart
    this.retained = new Retained(heart.persistence, onProblem)
    this.#router = new Router({
      queue: heart.queue,
      random: createRandom(seed, 'shared subscriptions'),
      strategy: shareStrategy,
      deliver: (session, message, match) => session.deliver(message, match),
      foreign: (packet) => this.#fromElsewhere(packet),
    })
    const ground: SessionGround = {
      limits: this.limits,
      journal: noJournal,
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
    })
    this.onSessions = this.keeper.onChanged
  }

  get connected(): number {
    return this.#connected
  }

  get stopping(): boolean {
    return this.#closing !== undefined
  }

  accept(end: NetworkConnection, connection: number, info?: ConnectionInfo): void {
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

  /** From now on CONNECT is refused so; undefined lets clients in again. */
  refuse(refusal: OrderedRefusal | undefined): void {
    this.#ordered = refusal
  }

  orderedRefusal(): OrderedRefusal | undefined {
    return this.#ordered
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

  refused({ accepted }: Client, action: 'publish' | 'subscribe', topic: string, rule: string): void {
    this.counters.denied++
    this.#refused.fire({ clientId: accepted?.identity.clientId ?? '', action, topic, rule })
  }

  /** @returns to how many Sessions it went; undefined where that is not known yet */
  publishFrom({ accepted }: Client, packet: PublishPacket, topic: string): number | undefined {
    const { payload, qos, retain, properties, messageExpiryInterval } = packet
    const expiresAt = messageExpiryInterval === undefined ? undefined : this.clock.now() + messageExpiryInterval * 1000
    const origin: Origin = { message: ++this.#messages, kind: 'publish', clientId: accepted?.identity.clientId }
    this.counters.messagesReceived++
    this.counters.payloadReceived += payload.length
    return this.#route(this.#routed({ topic, payload, qos, retain, properties, expiresAt, origin }))
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
    if (message.retain) this.retained.set(message)
    if (this.#published.hasListeners) this.#published.fire(message)
    return this.#router.route(message)
  }

  /** A message of aedes' own, or of another process of a cluster. */
  #fromElsewhere(packet: object): RoutedMessage {
    const { topic, payload, qos = 0, retain = false, properties, expiresAt, origin } = packet as Partial<RoutedMessage>
    const own: Origin = { message: ++this.#messages, kind: origin?.kind ?? 'publish', clientId: origin?.clientId }
    const octets = payload ?? Buffer.alloc(0)
    const message = this.#routed({
      topic: topic ?? '',
      payload: octets,
      qos,
      retain,
      properties,
      expiresAt,
      origin: own,
    })
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
    this.keeper.dispose()
    this.#events.dispose()
    this.#identified.dispose()
    this.#refused.dispose()
    this.#published.dispose()
  }
}
