import type { Came } from '../../../../helpers/mqtt-reading.ts'
import type { ModelLink } from './model-link.ts'
import { type ConnectOptions, demand, type Message, type Sent } from './model-words.ts'
import { naivelyMatches } from './naive-matching.ts'
import { type Granted, ReferenceSession } from './reference-session.ts'
import { Wire } from './reference-wire.ts'

const connectTimeout = 10_000

/**
 * What a broker has to do, said as plainly as possible: it is told what arrives at the broker, before the broker is, and
 * what the broker writes, and objects where that is not what is due.
 */
export class ReferenceBroker {
  readonly sessions = new Map<string, ReferenceSession>()
  readonly retained = new Map<string, Message>()
  /** Everything that was published, in order. */
  readonly log: Message[] = []
  readonly processed = new Set<string>()
  readonly #wires = new Map<ModelLink, Wire>()
  readonly #maxInflight: number
  readonly #all: ReferenceSession[] = []

  constructor(maxInflight: number) {
    this.#maxInflight = maxInflight
  }

  /** A connection was accepted. */
  opened(link: ModelLink, now: number): void {
    this.#wires.set(link, new Wire(link, now + connectTimeout, this.#maxInflight))
  }

  wire(link: ModelLink): Wire {
    const wire = this.#wires.get(link)
    demand(wire !== undefined, () => `connection ${link.number} is over`)
    return wire
  }

  /** A packet has arrived whole. */
  arrives(link: ModelLink, sent: Sent, now: number): void {
    const wire = this.#wires.get(link)
    if (wire === undefined || wire.endExpected) return
    if (sent.kind === 'CONNECT') this.#connect(wire, sent.options, now)
    else if (wire.session !== undefined) this.#served(wire, wire.session, sent, now)
    wire.lastPacket = now
  }

  written(link: ModelLink, came: Came): void {
    this.wire(link).written(came)
  }

  /** The broker has ended a connection, or was told that it is lost. */
  ended(link: ModelLink): void {
    demand(this.wire(link).endExpected, () => `the broker ends the connection of ${link.clientId} without a reason`)
    this.#wires.delete(link)
  }

  /** The broker is about to learn that a connection is lost. */
  lost(link: ModelLink, now: number): void {
    const wire = this.#wires.get(link)
    if (wire !== undefined && !wire.endExpected) this.#end(wire, true, now)
  }

  #connect(wire: Wire, options: ConnectOptions, now: number): void {
    const { clientId } = wire.link
    const old = this.sessions.get(clientId)
    if (old?.link !== undefined) this.#end(this.wire(old.link), true, now)
    let session = this.sessions.get(clientId)
    if (session !== undefined && options.clean) {
      this.#endSession(session)
      session = undefined
    }
    const present = session !== undefined
    session ??= this.#create(clientId)
    session.link = wire.link
    wire.link.incarnation = session.incarnation
    session.expiry = options.expiry
    session.expiresAt = Number.POSITIVE_INFINITY
    // A will that waits is cancelled by the client's return [MQTT-3.1.3-9].
    session.will = options.will
    session.willAt = Number.POSITIVE_INFINITY
    wire.begin(session, options, present)
  }

  #create(clientId: string): ReferenceSession {
    const session = new ReferenceSession(clientId, this.#all.length + 1)
    this.#all.push(session)
    this.sessions.set(clientId, session)
    return session
  }

  /** A Session that there is, or was. */
  incarnation(incarnation: number): ReferenceSession | undefined {
    return this.#all[incarnation - 1]
  }

  #served(wire: Wire, session: ReferenceSession, sent: Sent, now: number): void {
    switch (sent.kind) {
      case 'PUBLISH':
        this.#published(wire, session, sent.message, sent.packetId)
        return
      case 'SUBSCRIBE':
        wire.owe('SUBACK', sent.packetId)
        wire.grants.push(sent.filters.map(({ qos }) => qos).join())
        for (const filter of sent.filters) this.#subscribe(session, { ...filter, identifier: sent.identifier })
        return
      case 'UNSUBSCRIBE':
        wire.owe('UNSUBACK', sent.packetId)
        session.subscriptions.delete(sent.filter)
        return
      case 'PINGREQ':
        wire.owe('PINGRESP', 0)
        return
      case 'DISCONNECT':
        if (sent.expiry !== undefined) session.expiry = sent.expiry
        this.#end(wire, sent.withWill, now)
        return
      case 'CONNECT':
        return
      default:
        wire.answered(sent.kind, sent.packetId)
    }
  }

  #published(wire: Wire, session: ReferenceSession, message: Message, packetId: number): void {
    if (message.qos === 1) wire.owe('PUBACK', packetId)
    if (message.qos === 2) {
      wire.owe('PUBREC', packetId)
      // Exactly once: what is stored already is not published again [MQTT-4.3.3-2].
      if (session.incoming.has(packetId)) return
      session.incoming.add(packetId)
    }
    this.#publish(message)
  }

  #publish(message: Message): void {
    this.log.push(message)
    demand(message.qos < 2 || message.key === 'clear' || !this.processed.has(message.key), () => {
      return `'${message.key}' of QoS 2 is published twice: the client sent it so`
    })
    this.processed.add(message.key)
    if (message.retain && message.payload.length === 0) this.retained.delete(message.topic)
    else if (message.retain) this.retained.set(message.topic, message)
    for (const session of this.sessions.values()) session.offer(message)
  }

  #subscribe(session: ReferenceSession, granted: Granted): void {
    const isNew = !session.subscriptions.has(granted.filter)
    session.subscriptions.set(granted.filter, granted)
    if (granted.retainHandling === 2 || (granted.retainHandling === 1 && !isNew)) return
    for (const message of this.retained.values()) {
      if (naivelyMatches(granted.filter, message.topic)) session.offerRetained(message, granted)
    }
  }

  /** @param withWill whether the will is to be published */
  #end(wire: Wire, withWill: boolean, now: number): void {
    wire.endExpected = true
    const { session } = wire
    if (session === undefined || session.link !== wire.link) return
    session.link = undefined
    const { will } = session
    if (!withWill) session.will = undefined
    else if (will !== undefined) {
      const delay = Math.min(will.delay, session.expiry)
      if (delay > 0) session.willAt = now + delay * 1000
      else this.#publishWill(session)
    }
    if (session.expiry === 0) this.#endSession(session)
    else session.expiresAt = now + session.expiry * 1000
  }

  #publishWill(session: ReferenceSession): void {
    const { will } = session
    session.will = undefined
    session.willAt = Number.POSITIVE_INFINITY
    if (will !== undefined) this.#publish(will.message)
  }

  #endSession(session: ReferenceSession): void {
    if (session.willAt !== Number.POSITIVE_INFINITY) this.#publishWill(session)
    this.sessions.delete(session.clientId)
  }

  /** When something is to happen by itself next; `Infinity` for never. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { expiresAt, willAt } of this.sessions.values()) next = Math.min(next, expiresAt, willAt)
    for (const wire of this.#wires.values()) next = Math.min(next, wire.endsAt)
    return next
  }

  /** Does what is due at this time. */
  comeDue(now: number): void {
    for (const session of [...this.sessions.values()]) if (session.willAt <= now) this.#publishWill(session)
    for (const session of [...this.sessions.values()]) if (session.expiresAt <= now) this.#endSession(session)
    for (const wire of [...this.#wires.values()]) if (wire.endsAt <= now) this.#end(wire, true, now)
  }

  /** What has to be sent and was not, on connections that are there. */
  owed(): string[] {
    return [...this.#wires.values()].flatMap((wire) => wire.owed())
  }
}
