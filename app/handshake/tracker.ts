import { type PacketType, packetTypeOf } from '../mqtt/control-packet.ts'
import { append } from './append.ts'
import { Arrivals } from './arrivals.ts'
import { Fates, isFate } from './fates.ts'
import type { MeasurableMessage, Message } from './message.ts'
import { MessageMatcher } from './message-matcher.ts'
import { MessageStore } from './message-store.ts'
import type { Observed, ObservedDevice, ObservedEvent, ObservedPacket } from './observed.ts'
import { hasMissed, isSentAgain, keepsWill, topicOf } from './publish-rules.ts'
import { type PublishFields, readPacketId, readPublish, readRefusal } from './read.ts'
import type { Session } from './session.ts'
import { SessionTable } from './session-table.ts'
import { Sleepers } from './sleepers.ts'
import { StepLog } from './step-log.ts'
import type { MessageDigest } from './summary.ts'
import { TopicNames } from './topic-names.ts'
import { type ConnectionRung, type PacketRung, TrackedExchange } from './tracked-exchange.ts'
import { type Content, mostPayload, sameContent, TrackedMessage } from './tracked-message.ts'

type WillEvent = Extract<ObservedEvent['event'], { type: 'will published' | 'will dropped' }>

export interface TrackerOptions {
  readonly mostMessages?: number | undefined
  readonly onForgotten?: ((message: MeasurableMessage, isAwaited: boolean) => void) | undefined
}

/**
 * Rebuilds Messages and their Exchanges from the records of a capture, one record at a time, in their order. It takes a
 * capture that begins in the middle, and one of any broker. Nothing that it is given makes it throw.
 *
 * Memory is bounded: the newest `mostMessages` are kept, of each payload 64 KiB, of all payloads 64 MiB, of each exchange
 * 200 steps.
 */
export class HandshakeTracker {
  readonly #names = new TopicNames()
  readonly #arrivals = new Arrivals()
  readonly #store: MessageStore
  readonly #sleepers: Sleepers
  readonly #sessions: SessionTable
  readonly #matcher: MessageMatcher
  readonly #log: StepLog
  readonly #fates: Fates
  #unseen = 0
  #strays = 0

  /**
   * @param options.mostMessages how many Messages are kept, at least 1; 5000 when it is not given
   * @param options.onForgotten hears of a Message that is kept no more, and whether a client that was away was still to get it
   */
  constructor({ mostMessages = 5000, onForgotten }: TrackerOptions = {}) {
    this.#store = new MessageStore(mostMessages, (message) => {
      onForgotten?.(message.measurable(), message.awaited !== undefined && message.awaited.left > 0)
      this.#matcher.forget(message)
      message.expectNobody()
    })
    this.#sleepers = new Sleepers(this.#store)
    const listener = {
      lost: (session: Session, rung: ConnectionRung) => this.#interrupt(session, rung),
      reconnected: (session: Session, rung: ConnectionRung) => this.#interrupt(session, rung),
      named: () => {
        for (const message of this.#store.all()) message.touch()
      },
      happened: () => this.#arrivals.pass(1),
    }
    this.#sessions = new SessionTable(listener, this.#sleepers)
    this.#log = new StepLog((id) => this.#store.get(id) !== undefined)
    const parts = { store: this.#store, arrivals: this.#arrivals, sessions: this.#sessions }
    this.#matcher = new MessageMatcher({ ...parts, sleepers: this.#sleepers })
    this.#fates = new Fates({ ...parts, log: this.#log, names: this.#names })
  }

  /** Messages that were seen so far, those that are not kept any more among them. */
  get total(): number {
    return this.#store.total
  }

  /** Messages that are not kept any more: the oldest that were finished went first. */
  get forgotten(): number {
    return this.#store.forgotten
  }

  /** Takes the next record. */
  add(record: Observed): void {
    if (record.kind === 'packet') this.#packet(record)
    else this.#event(record)
    this.#store.shrink()
  }

  /**
   * So many records that come here are not to be had any more. What was under way says that it cannot be known how it went
   * on, until its next packet comes.
   */
  missed(count: number): void {
    if (count < 1) return
    this.#unseen += count
    this.#sessions.letGoOfHeld()
    for (const message of this.#store.all()) if (message.miss()) this.#store.touch(message)
  }

  /** Records that were missed, all in all. */
  get unseen(): number {
    return this.#unseen
  }

  /** PUBLISH packets that came again (DUP) when their Message may have been forgotten: they count as new ones. */
  get strays(): number {
    return this.#strays
  }

  /** The newest first, at most `limit`, with all their steps. */
  list(limit: number): Message[] {
    return this.#store.newest(limit).map((message) => message.snapshot())
  }

  /** Shows each Message that is kept, the oldest first; what it has is not to be held on to. */
  measure(each: (message: MeasurableMessage) => void): void {
    for (const message of this.#store.all()) each(message.measurable())
  }

  /** The newest first, at most `limit`, of those with a number below `before`: what a list shows of them. */
  summaries(limit: number, before = Number.POSITIVE_INFINITY): MessageDigest[] {
    return this.#store.newest(limit, before).map((message) => message.summary())
  }

  /** With all its steps; undefined where there is none with this number, or none any more. */
  get(id: number): Message | undefined {
    return this.#store.get(id)?.snapshot()
  }

  /** What a list shows of it; undefined where there is none with this number, or none any more. */
  summary(id: number): MessageDigest | undefined {
    return this.#store.get(id)?.summary()
  }

  /** The number of the newest Message that the record with this number is a step of. */
  ofPacket(number: number): number | undefined {
    const id = this.#log.find(number)?.exchange.message
    if (id !== undefined) return this.#store.get(id)?.id
    // What happens to a connection, CONNACK with it, is a step of all that was under way.
    return this.#store.findNewest(({ exchanges }) => exchanges.some((exchange) => exchange.isInterruptedBy(number)))?.id
  }

  /**
   * The numbers of the Messages that are new or have changed since they were taken the last time, as far as they are kept:
   * the newest first, at most `limit`. The others stay for the next time. `forgotten` are those that are kept no more
   * since the last time, of all that were given out before by this, `list` or `summaries`: nobody has heard of the others.
   */
  takeChanges(limit = Number.POSITIVE_INFINITY): { changed: number[]; forgotten: number[] } {
    return this.#store.takeChanges(limit)
  }

  #packet(record: ObservedPacket): void {
    const first = record.octets[0]
    // What could not be framed is no packet, wherever it begins.
    if (record.malformed !== false || first === undefined) return
    const type = packetTypeOf(first)
    switch (type) {
      case 'PUBLISH':
        this.#publish(record)
        break
      case 'PUBACK':
      case 'PUBREC':
      case 'PUBREL':
      case 'PUBCOMP':
        this.#answer(record, type)
        break
      case undefined:
      case 'PINGREQ':
      case 'PINGRESP':
      case 'AUTH':
        break
      default:
        this.#sessionPacket(record, type)
    }
  }

  #sessionPacket(record: ObservedPacket, type: PacketType): void {
    const { octets } = record
    const connection = this.#sessions.connection(record.connection)
    if (record.direction === 'to client') {
      if (type === 'CONNACK') this.#sessions.connack(connection, octets, record)
      else if (type === 'SUBACK') this.#sessions.suback(connection, octets)
      else if (type === 'UNSUBACK') this.#sessions.unsuback(connection, octets)
      return
    }
    if (type === 'CONNECT') this.#sessions.connect(connection, octets)
    else if (type === 'SUBSCRIBE') this.#sessions.asks(connection, octets, true, record.time)
    else if (type === 'UNSUBSCRIBE') this.#sessions.asks(connection, octets, false, record.time)
    else if (type === 'DISCONNECT') connection.disconnected = !keepsWill(connection, octets)
  }

  #publish(record: ObservedPacket): void {
    const { octets, direction } = record
    const connection = this.#sessions.connection(record.connection)
    const fields = readPublish(octets, connection.version, this.#names)
    const topic = fields && topicOf(connection, fields, direction === 'to broker')
    if (fields === undefined || topic === undefined) return
    const start = fields.payloadStart
    const payload = octets.subarray(start, start + mostPayload)
    const content = { topic, payload, length: record.length - start }
    if (direction === 'to broker') this.#published(record, connection.session, fields, content)
    else this.#delivered(record, connection.session, fields, content)
  }

  /** A client publishes. */
  #published(record: ObservedPacket, session: Session, fields: PublishFields, content: Content): void {
    const { packetId, qos, retain, dup } = fields
    const known = packetId === undefined ? undefined : session.fromClient.get(packetId)
    const message = known && this.#store.get(known.message)
    if (known && message && dup && known.qos === qos && sameContent(message, content)) {
      // What the broker has stored is not a new message to it.
      const isNew = known.standing.receiver !== 'stored'
      this.#step(record, known, message, 'PUBLISH', fields)
      if (isNew) this.#arrives(record, message, session, content, fields)
      return
    }
    if (known && message && !known.finished) this.#abandon(known, message, record.time)
    if (dup && qos > 0 && message === undefined && this.forgotten > 0) this.#strays += 1
    const id = this.#store.next
    const { time } = record
    const fresh = new TrackedMessage({ id, content, qos, retain, origin: 'publish', owner: session, startedAt: time })
    this.#store.add(fresh)
    fresh.publisher = exchangeOf(id, 'publisher', session, fields)
    this.#step(record, fresh.publisher, fresh, 'PUBLISH', fields)
    this.#arrives(record, fresh, session, fresh, fields)
  }

  /** The broker sends a message to a client. */
  #delivered(record: ObservedPacket, session: Session, fields: PublishFields, content: Content): void {
    const { packetId, qos, retain } = fields
    const { time, number, origin } = record
    const known = packetId === undefined ? undefined : session.toClient.get(packetId)
    const before = known && this.#store.get(known.message)
    if (known && before && known.qos === qos && sameContent(before, content)) {
      if (isSentAgain(known, before, record, fields.dup)) {
        this.#step(record, known, before, 'PUBLISH', fields)
        return
      }
    }
    if (known && before && !known.finished) this.#abandon(known, before, time)
    if (fields.dup && qos > 0 && before === undefined && this.forgotten > 0) this.#strays += 1
    const message = this.#matcher.find({ content, qos, retain, time, number, origin, session })
    const exchange = exchangeOf(message.id, 'subscriber', session, fields)
    message.subscribers = append(message.subscribers, exchange)
    if (message.target === '') message.target = exchange.peer.target ?? ''
    if (qos > message.qos) message.qos = qos
    const wasAwaited = message.awaited?.has(session, message.topic) === true
    if (wasAwaited) message.awaited?.serve(session)
    const note = wasAwaited || hasMissed(session, message) ? 'queued while offline' : undefined
    this.#step(record, exchange, message, 'PUBLISH', fields, note)
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP: a step of the exchange that has its Packet Identifier. */
  #answer(record: ObservedPacket, type: PacketType): void {
    const { octets, direction } = record
    const { session, version } = this.#sessions.connection(record.connection)
    const packetId = readPacketId(octets)
    // PUBREL goes the way of PUBLISH, the others the opposite way.
    const isPublishers = (direction === 'to broker') === (type === 'PUBREL')
    const exchange = (isPublishers ? session.fromClient : session.toClient).get(packetId)
    const message = exchange && this.#store.get(exchange.message)
    if (!exchange || !message) return
    const code = readRefusal(octets, version)
    this.#step(record, exchange, message, type, { packetId, qos: undefined, dup: false, code })
  }

  #step(
    record: ObservedPacket,
    exchange: TrackedExchange,
    message: TrackedMessage,
    type: PacketType,
    fields: Pick<PacketRung, 'packetId' | 'qos' | 'dup'> & { readonly code?: number | undefined },
    note?: string,
  ): void {
    const { number, time, connection, direction } = record
    const { packetId, qos, dup, code } = fields
    const ahead = this.#sessions.connection(connection).held[direction]
    const rung: PacketRung = {
      kind: 'packet',
      number,
      time,
      connection,
      direction,
      type,
      packetId,
      qos,
      dup,
      code,
      // What comes behind a held packet waits as well; when it goes on, there is an event that says so.
      fate: ahead && 'held',
      by:
        ahead === undefined
          ? ''
          : `waits behind ${ahead.type}${ahead.packetId === undefined ? '' : ` ${ahead.packetId}`}`,
      delay: 0,
      copies: 1,
      recognizable: true,
      gap: false,
      note,
      remark: undefined,
      exchange,
    }
    this.#store.countSteps(exchange.push(rung))
    this.#log.add(rung)
    this.#store.touch(message)
  }

  /** The broker is given a message, as far as is known so far. */
  #arrives(
    record: ObservedPacket,
    message: TrackedMessage,
    publisher: Session,
    content: Content,
    { qos, retain }: Pick<PublishFields, 'qos' | 'retain'>,
  ): void {
    const { topic, payload, length } = content === message ? message : { ...content, payload: content.payload.slice() }
    const { time, number } = record
    const { target } = publisher
    const arrival = { target, topic, payload, length, publisher, kind: 'publish', qos, time, record: number } as const
    this.#arrivals.add(message, arrival)
    if (retain) this.#arrivals.retain(message, message)
    if (qos > 0) this.#sleepers.expect(message)
  }

  #abandon(exchange: TrackedExchange, message: TrackedMessage, time: number): void {
    exchange.abandon(time)
    this.#store.touch(message)
  }

  /** Something happened to the connection of a client: it belongs to all that is under way. */
  #interrupt(session: Session, rung: ConnectionRung): void {
    for (const exchanges of [session.fromClient, session.toClient]) {
      for (const exchange of exchanges.values()) {
        if (exchange.finished) continue
        this.#store.countSteps(exchange.insert(rung))
        const message = this.#store.get(exchange.message)
        if (message) this.#store.touch(message)
      }
    }
  }

  #event({ event, connection, number, time }: ObservedEvent): void {
    if (isFate(event)) {
      this.#fates.take(event)
      return
    }
    switch (event.type) {
      case 'target reached':
        // CONNECT has come before: it is what the target is called with.
        this.#sessions.reached(connection, event.url)
        break
      case 'closed':
        this.#sessions.closed(connection, event, { number, time })
        break
      case 'will published':
      case 'will dropped':
        this.#will(event, { connection, number, time })
        break
      case 'fault':
        if (losesPower(event.device)) this.#sessions.notePowerLoss(connection)
        else this.#sessions.noteFault(connection, event)
        break
      case 'power loss':
        this.#sessions.notePowerLoss(connection)
        break
      default:
    }
  }

  #will(event: WillEvent, at: { connection: number; number: number; time: number }): void {
    const connection = this.#sessions.open(at.connection)
    const session = this.#sessions.session(event.clientId) ?? connection?.session
    if (session === undefined) return
    if (session.clientId === '') this.#sessions.name(session, event.clientId)
    // Another connection may serve the Session by now, with a will of its own.
    const isCurrent = session.connection === undefined || session.connection.number === at.connection
    const will = connection?.connect?.will ?? (isCurrent ? session.will : undefined)
    if (event.type === 'will dropped') {
      if (session.will === will) this.#sessions.settleWill(session)
    } else if (will !== undefined && will.topic === event.topic) {
      const message = this.#matcher.publishWill(session, will, at, event.reason)
      if (will.qos > 0) this.#sleepers.expect(message)
    }
  }
}

function losesPower(device: ObservedDevice | undefined): boolean {
  return device?.phase === 'begins' && (device.fault === 'power loss' || device.fault === 'reboot')
}

function exchangeOf(
  message: number,
  role: 'publisher' | 'subscriber',
  peer: Session,
  { packetId, qos, retain }: PublishFields,
): TrackedExchange {
  const home = role === 'publisher' ? peer.fromClient : peer.toClient
  return new TrackedExchange({ message, role, peer, qos, packetId, retain, home })
}
