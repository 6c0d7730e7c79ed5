import { ChangeFeed } from '../../../app/base/change-feed.ts'
import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import type { ConnectionEvent } from '../../../app/capture/captured.ts'
import type { WillPacket } from '../../../app/mqtt/packets.ts'
import type { SessionDetail, SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import type { ShareName, Subscription } from '../../../app/session/subscription.ts'
import { type Ending, willFate } from '../../../app/session/will.ts'
import type { Counters } from './counters.ts'
import { EndedSessions } from './ended-sessions.ts'
import { longTimer } from './long-timer.ts'
import type { RoutedMessage } from './routed-message.ts'
import type { Accepted, ClientIdentity, Served, ServingClient } from './served.ts'
import { ServedSession } from './served-session.ts'
import type { SessionGround } from './session-ground.ts'
import { SessionPasts } from './session-pasts.ts'
import { detailOf, detailOfEnded, endHistory, markOf, snapshotOf } from './session-views.ts'
import { Stranded } from './stranded.ts'

const gatherMs = 50
/** Network Connections that are remembered of each Session. */
const mostHistory = 20

/** What the keeper needs of the engine. */
export interface KeeperHost {
  readonly clock: Clock
  readonly ground: SessionGround
  subscribe(session: ServedSession, subscription: Subscription): void
  unsubscribe(session: ServedSession, subscription: Subscription): void
  /** Why it must not be published; undefined where it may be. */
  willRefusal(will: WillPacket, identity: ClientIdentity): string | undefined
  publishWill(will: WillPacket, identity: ClientIdentity): void
  /** @param deniedTopic where its will was dropped because it must not be published */
  willEvent(connection: number, event: WillEvent, deniedTopic?: string): void
  readonly counters: Pick<Counters, 'assured' | 'sessionsExpired'>
  /** Gives it to a member of a Shared Subscription. @returns false where there is none */
  giveOn(share: ShareName, message: RoutedMessage): boolean
}

export type WillEvent =
  | { readonly type: 'will published'; readonly clientId: string; readonly topic: string; readonly reason: string }
  | { readonly type: 'will dropped'; readonly clientId: string; readonly reason: string }
  | Extract<ConnectionEvent, { readonly type: 'denied' }>

/**
 * Every Session of the broker: how it begins, what becomes of it and of its will when its client leaves, and when it ends.
 *
 * One that ends with its Network Connection is removed, unless its will was published; one that was kept, or ended on
 * purpose, is shown for a while, and why it ended: see `EndedSessions`.
 */
export class SessionKeeper implements Disposable {
  readonly #host: KeeperHost
  readonly #sessions = new Map<string, Served>()
  readonly #ended: EndedSessions
  readonly #pasts = new SessionPasts()
  readonly #stranded: Stranded
  readonly #feed: ChangeFeed<string, SessionSnapshot>
  readonly onChanged: ChangeFeed<string, SessionSnapshot>['onChanged']

  constructor(host: KeeperHost) {
    this.#host = host
    this.#stranded = new Stranded(host)
    this.#feed = new ChangeFeed(host.clock, (clientId) => this.#snapshot(clientId))
    this.onChanged = this.#feed.onChanged
    this.#ended = new EndedSessions(host.clock, (clientId) => this.#feed.touch(clientId, gatherMs))
  }

  get size(): number {
    return this.#sessions.size
  }

  list(): SessionSnapshot[] {
    const live = [...this.#sessions.values()].map((served) => snapshotOf(served))
    return [...live, ...this.#ended.list()]
  }

  detail(clientId: string): SessionDetail | undefined {
    const served = this.#sessions.get(clientId)
    if (served !== undefined) return detailOf(served, this.#host.clock)
    const ended = this.#ended.get(clientId)
    return ended && detailOfEnded(ended, this.#pasts.get(clientId))
  }

  find(clientId: string): Served | undefined {
    return this.#sessions.get(clientId)
  }

  all(): IterableIterator<Served> {
    return this.#sessions.values()
  }

  touch(session: { readonly clientId: string }): void {
    this.#feed.touch(session.clientId, gatherMs)
  }

  /** A Client Identifier that nobody uses, for a client that comes without [MQTT-3.1.3-6]. */
  freeClientId(connection: number): string {
    const wanted = `anonymous-${connection}`
    let clientId = wanted
    for (let n = 2; this.#sessions.has(clientId); n++) clientId = `${wanted}-${n}`
    return clientId
  }

  /**
   * The Session for a client whose CONNECT was accepted; nobody is served in it any more.
   *
   * @returns whether it was there before
   */
  open(clientId: string, clean: boolean): { readonly served: Served; readonly present: boolean } {
    const before = this.#sessions.get(clientId)
    if (before !== undefined && !clean) {
      before.expiring?.dispose()
      before.expiring = undefined
      before.expiresAt = undefined
      this.#cancelWill(before)
      return { served: before, present: true }
    }
    if (before !== undefined) this.end(before, 'the client asked for a new Session')
    return { served: this.#create(clientId), present: false }
  }

  /** A Session that was stored. Its client is not there. */
  restore(clientId: string): Served {
    return this.#create(clientId)
  }

  #create(clientId: string): Served {
    const served: Served = {
      session: new ServedSession(clientId, this.#host.ground),
      clean: true,
      since: this.#host.clock.now(),
      connection: 0,
      sessionPresent: false,
      keepAlive: 0,
      identity: { clientId, userName: undefined },
      client: undefined,
      will: undefined,
      expiring: undefined,
      expiresAt: undefined,
      ...this.#pasts.take(clientId),
    }
    this.#ended.delete(clientId)
    this.#sessions.set(clientId, served)
    return served
  }

  /** The client is served in it from now on. */
  enter(
    client: ServingClient,
    served: Served,
    { packet, identity, keepAlive, expiry, rule }: Accepted,
    present: boolean,
  ): void {
    const { clock } = this.#host
    const { session, history } = served
    const since = clock.now()
    const { left } = served
    // Before its will is another one, and before anything is sent.
    served.reconnect = left && { left, found: markOf(served, since, client.connection) }
    session.client = client
    session.version = packet.version
    session.expiry = expiry
    const { connection, remote } = client
    const { clean } = packet
    Object.assign(served, { client, clean, since, connection, sessionPresent: present, keepAlive, identity })
    served.will = packet.will && {
      packet: packet.will,
      identity,
      connection,
      state: 'armed',
      reason: undefined,
      since,
      until: undefined,
      timer: undefined,
    }
    history.push({
      number: (history.at(-1)?.number ?? 0) + 1,
      connection,
      remote,
      since,
      clean,
      sessionPresent: present,
      keepAlive,
      rule,
      until: undefined,
      reason: undefined,
    })
    if (history.length > mostHistory) history.shift()
    this.#warnOfWill(served)
    this.save(served)
    this.touch(session)
  }

  /** Says already now what would become of it: once it is due there is nobody left whom that could help. */
  #warnOfWill({ identity, will }: Served): void {
    const refusal = will && this.#host.willRefusal(will.packet, identity)
    if (will === undefined || refusal === undefined) return
    const { topic } = will.packet
    const rule = `${refusal}; as it is now, its will is going to be dropped`
    const { clientId } = identity
    this.#host.willEvent(will.connection, { type: 'denied', clientId, action: 'publish', topic, rule })
  }

  /** Its Network Connection has ended, or is about to. */
  leave(served: Served, reason: string, ending: Ending): void {
    const { clock } = this.#host
    const { session } = served
    session.client = undefined
    served.client = undefined
    served.since = clock.now()
    endHistory(served, served.since, reason)
    this.settleWill(served, reason, ending)
    served.left = markOf(served, served.since, served.connection)
    if (!session.isKept) {
      this.end(served, reason)
      return
    }
    this.expireLater(served, session.expiry)
    this.save(served)
    this.touch(session)
  }

  /** @param seconds from now; `Infinity` never */
  expireLater(served: Served, seconds: number): void {
    served.expiring?.dispose()
    served.expiring = undefined
    served.expiresAt = undefined
    if (seconds === Number.POSITIVE_INFINITY) return
    const { clock } = this.#host
    served.expiresAt = clock.now() + seconds * 1000
    served.expiring = longTimer(clock, seconds * 1000, () => {
      this.#host.counters.sessionsExpired++
      this.end(served, 'its Session Expiry Interval has passed')
    })
  }

  /** Ends a Session: nothing of it is left [§4.1]. Its client is not there. */
  end(served: Served, why: string): void {
    const { ground } = this.#host
    const { session, will } = served
    // It is published when the Session ends, if that is sooner [MQTT-3.1.2-8, §3.1.3.2.2].
    if (will?.state === 'delayed') this.#publishWill(served, will.reason === why ? why : `${will.reason}; ${why}`)
    served.expiring?.dispose()
    for (const subscription of session.subscriptions.values()) this.#host.unsubscribe(session, subscription)
    session.subscriptions.clear()
    ground.journal.removed(session.clientId)
    this.#sessions.delete(session.clientId)
    this.#stranded.take(session)
    session.outgoing.clear()
    this.#pasts.keep(served)
    // Of very many that come and go, each with its one connection, nobody asks what became of them.
    if (served.will?.state === 'published' || session.isKept) this.remember(served, why)
    this.touch(session)
  }

  /** Another broker serves it from now on: it does not end, and is not known here any more. Its client is not there. */
  handOver(served: Served): void {
    const { expiring, session, will } = served
    expiring?.dispose()
    will?.timer?.dispose()
    for (const subscription of session.subscriptions.values()) this.#host.unsubscribe(session, subscription)
    this.#sessions.delete(session.clientId)
    session.outgoing.clear()
    this.#pasts.keep(served)
    this.touch(session)
  }

  /** Writes down what is to survive. */
  save({ session, clean, client, identity, since, will }: Served): void {
    const { journal } = this.#host.ground
    const { clientId, expiry, version } = session
    const isOpen = will?.state === 'armed' || will?.state === 'delayed'
    if (!session.isKept) {
      // What was kept of it before is not kept any more; its will has to survive all the same [MQTT 3.1.1 §3.1.2.5].
      journal.removed(clientId)
      if (!isOpen) return
    }
    journal.saved(clientId, {
      version,
      clean,
      // Who only said that it is this user is anonymous to whoever reads it.
      userName: identity.isClaimed ? undefined : identity.userName,
      expiry: expiry === Number.POSITIVE_INFINITY ? undefined : expiry,
      leftAt: client === undefined ? since : undefined,
      will: isOpen ? { packet: will.packet, until: will.until } : undefined,
    })
  }

  dispose(): void {
    for (const { expiring, will } of this.#sessions.values()) {
      expiring?.dispose()
      will?.timer?.dispose()
    }
    this.#ended.dispose()
    this.#feed.dispose()
  }

  /** The broker stops: wills that wait do not wait any longer. */
  flushWills(reason: string): void {
    for (const served of this.#sessions.values()) {
      if (served.will?.state !== 'delayed') continue
      this.#publishWill(served, reason)
      this.save(served)
    }
  }

  /** The will of a Network Connection that has come to its end. What was settled before stays so. */
  settleWill(served: Served, reason: string, ending: Ending): void {
    const { will, session } = served
    if (will?.state !== 'armed') return
    const fate = willFate(ending, will.packet.willDelayInterval, session.expiry)
    switch (fate.type) {
      case 'delete':
        this.#setWill(served, 'dropped', reason)
        this.#host.willEvent(will.connection, { type: 'will dropped', clientId: session.clientId, reason })
        return
      case 'publish':
        this.#publishWill(served, reason)
        return
      case 'delay':
        this.delayWill(served, reason, fate.after)
    }
  }

  /** @param after in seconds */
  delayWill(served: Served, reason: string, after: number): void {
    const { clock } = this.#host
    const { will } = served
    if (will === undefined) return
    this.#setWill(served, 'delayed', reason, clock.now() + after * 1000)
    // Where the Session ends first it is that which publishes it, whichever of the two timers runs out first [§3.1.3.2.2].
    const endsFirst = served.session.expiry < will.packet.willDelayInterval
    const why = endsFirst ? '; its Session Expiry Interval has passed' : `, and its delay of ${after} s has passed`
    will.timer = longTimer(clock, after * 1000, () => {
      this.#publishWill(served, `${reason}${why}`)
      this.save(served)
    })
  }

  #publishWill(served: Served, reason: string): void {
    const { session, will } = served
    if (will === undefined) return
    const refusal = this.#host.willRefusal(will.packet, will.identity)
    this.#setWill(served, refusal === undefined ? 'published' : 'dropped', refusal ?? reason)
    const { clientId } = session
    const { topic } = will.packet
    const event: WillEvent =
      refusal === undefined
        ? { type: 'will published', clientId, topic, reason }
        : { type: 'will dropped', clientId, reason: refusal }
    // Whoever watches is told before anybody is given it.
    this.#host.willEvent(will.connection, event, refusal === undefined ? undefined : topic)
    if (refusal === undefined) this.#host.publishWill(will.packet, will.identity)
  }

  #cancelWill(served: Served): void {
    const { will, session } = served
    // It is not published where the client is back before its Will Delay Interval has passed [MQTT-3.1.3-9].
    if (will?.state !== 'delayed') return
    const reason = `the client was back before its Will Delay Interval of ${will.packet.willDelayInterval} s had passed`
    this.#setWill(served, 'cancelled', reason)
    this.#host.willEvent(will.connection, { type: 'will dropped', clientId: session.clientId, reason })
  }

  #setWill(
    served: Served,
    state: 'delayed' | 'published' | 'dropped' | 'cancelled',
    reason: string,
    until?: number,
  ): void {
    const { will } = served
    if (will === undefined) return
    will.timer?.dispose()
    Object.assign(will, { state, reason, until, since: this.#host.clock.now(), timer: undefined })
    this.touch(served.session)
  }

  #snapshot(clientId: string): SessionSnapshot | undefined {
    const served = this.#sessions.get(clientId)
    return served === undefined ? this.#ended.get(clientId) : snapshotOf(served)
  }

  /** Shows for a while that it is over, and why. */
  remember(served: Served, endReason: string): void {
    const nothing = { expiry: 0, expiresAt: undefined, queued: 0, inflight: 0, incoming: 0 }
    const since = this.#host.clock.now()
    this.#ended.add({ ...snapshotOf(served), ...nothing, since, endReason })
  }
}
