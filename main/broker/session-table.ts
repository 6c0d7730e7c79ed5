import { ChangeFeed, type Changes } from '../../app/base/change-feed.ts'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { Event } from '../../app/base/emitter.ts'
import type { QoS } from '../../app/mqtt/control-packet.ts'
import type { SessionSnapshot, WillSnapshot } from '../../app/session/session-snapshot.ts'

const gatherMs = 50

/** How many Sessions that are over are still shown because of their will. */
const mostEnded = 1000

/** What a CONNECT brings. */
export interface Connect {
  readonly clientId: string
  readonly protocolVersion: number
  readonly clean: boolean
  /** In seconds. */
  readonly keepAlive: number
  readonly will: Pick<WillSnapshot, 'topic' | 'payload' | 'qos' | 'retain'> | undefined
}

interface Session {
  snapshot: Omit<SessionSnapshot, 'subscriptions' | 'queued'>
  readonly subscriptions: Map<string, QoS>
}

/**
 * Every Session that the broker holds, kept up to date by what it hears, and what to show of it.
 *
 * A Session with Clean Session ends with its Network Connection [MQTT-3.1.2-6] and is removed, unless its will was
 * published: then it is shown, not connected, until the same client connects again, because a will is mostly looked for
 * when its device is gone. The newest 1000 of these are kept.
 */
export class SessionTable implements Disposable {
  readonly #clock: Clock
  readonly #queued: (clientId: string) => number
  readonly #sessions = new Map<string, Session>()
  /** Clean Sessions that are over, the oldest first. */
  readonly #ended = new Set<string>()
  readonly #feed: ChangeFeed<string, SessionSnapshot>
  readonly onChanged: Event<Changes<string, SessionSnapshot>>

  /** @param queued how many messages wait for a client that is not connected. */
  constructor(clock: Clock, queued: (clientId: string) => number) {
    this.#clock = clock
    this.#queued = queued
    this.#feed = new ChangeFeed(clock, (clientId) => this.#snapshot(clientId))
    this.onChanged = this.#feed.onChanged
  }

  list(): SessionSnapshot[] {
    return [...this.#sessions.keys()].flatMap((clientId) => this.#snapshot(clientId) ?? [])
  }

  /** A Client Identifier that nobody uses, for a client that comes without. */
  freeClientId(connection: number): string {
    const wanted = `anonymous-${connection}`
    let clientId = wanted
    for (let n = 2; this.#sessions.has(clientId); n++) clientId = `${wanted}-${n}`
    return clientId
  }

  /** A CONNECT was accepted; CONNACK is on its way. */
  connected(connection: number, { will, ...connect }: Connect): void {
    const since = this.#clock.now()
    const before = this.#sessions.get(connect.clientId)
    const kept = before && !connect.clean && !before.snapshot.clean
    const armed = will && { ...will, state: 'armed' as const, reason: undefined, since }
    this.#ended.delete(connect.clientId)
    this.#sessions.set(connect.clientId, {
      snapshot: { ...connect, connected: true, connection, since, sessionPresent: false, will: armed },
      subscriptions: kept ? before.subscriptions : new Map(),
    })
    this.#touch(connect.clientId)
  }

  /** CONNACK has gone out with this Session Present. */
  acknowledged(connection: number, clientId: string, sessionPresent: boolean): void {
    const session = this.#of(connection, clientId)
    if (!session) return
    session.snapshot = { ...session.snapshot, sessionPresent }
    this.#touch(clientId)
  }

  /** SUBACK has granted these. */
  subscribed(connection: number, clientId: string, granted: readonly { filter: string; qos: QoS }[]): void {
    const session = this.#of(connection, clientId)
    for (const { filter, qos } of granted) session?.subscriptions.set(filter, qos)
    this.#touch(clientId)
  }

  unsubscribed(connection: number, clientId: string, filters: readonly string[]): void {
    const session = this.#of(connection, clientId)
    for (const filter of filters) session?.subscriptions.delete(filter)
    this.#touch(clientId)
  }

  /** The will of this connection is no longer armed. */
  willSettled(connection: number, clientId: string, state: 'published' | 'dropped', reason: string): void {
    const session = this.#of(connection, clientId)
    const will = session?.snapshot.will
    if (!session || !will) return
    session.snapshot = { ...session.snapshot, will: { ...will, state, reason, since: this.#clock.now() } }
    this.#touch(clientId)
  }

  /** The Network Connection is over. */
  disconnected(connection: number, clientId: string): void {
    const session = this.#of(connection, clientId)
    if (!session) return
    session.snapshot = { ...session.snapshot, connected: false, since: this.#clock.now() }
    this.#touch(clientId)
    if (!session.snapshot.clean) return
    session.subscriptions.clear()
    if (session.snapshot.will?.state === 'published') this.#keepForItsWill(clientId)
    else this.#sessions.delete(clientId)
  }

  /** Messages were queued for, or taken by, this client. */
  queueChanged(clientId: string): void {
    if (this.#sessions.get(clientId)?.snapshot.connected === false) this.#touch(clientId)
  }

  dispose(): void {
    this.#feed.dispose()
  }

  /** The Session, when this connection still is the one that serves it. */
  #of(connection: number, clientId: string): Session | undefined {
    const session = this.#sessions.get(clientId)
    return session?.snapshot.connection === connection ? session : undefined
  }

  #keepForItsWill(clientId: string): void {
    this.#ended.add(clientId)
    const [oldest] = this.#ended
    if (this.#ended.size <= mostEnded || oldest === undefined) return
    this.#ended.delete(oldest)
    this.#sessions.delete(oldest)
    this.#touch(oldest)
  }

  #touch(clientId: string): void {
    this.#feed.touch(clientId, gatherMs)
  }

  #snapshot(clientId: string): SessionSnapshot | undefined {
    const session = this.#sessions.get(clientId)
    if (!session) return undefined
    return {
      ...session.snapshot,
      subscriptions: [...session.subscriptions].map(([filter, qos]) => ({ filter, qos })),
      queued: session.snapshot.connected ? 0 : this.#queued(clientId),
    }
  }
}
