import { FaultlineError } from '../base/errors.ts'
import { type Captured, type CapturedEvent, type CapturedPacket, isFate, type PacketFate } from '../capture/captured.ts'
import { fromHex } from '../capture/export-text.ts'
import type { ConnectionNames } from '../capture/subject.ts'
import { matchesClient } from '../faults/client-pattern.ts'
import { type ProtocolVersion, packetTypeOf } from '../mqtt/control-packet.ts'
import { type PacketSummary, summarize } from '../mqtt/summary.ts'
import { ReplayExcuses } from './replay-excuses.ts'
import { ReplayFaults } from './replay-faults.ts'
import { ReplayNotes } from './replay-notes.ts'
import type { Observation, Observed, ObservedEnd } from './replay-observation.ts'
import { type Inbound, isSystemMessage, messageIdentity, mostObserved, ReplayObserver } from './replay-observer.ts'
import type { ReplayPlan, ReplayStep } from './replay-plan.ts'

type Closed = Extract<CapturedEvent['event'], { type: 'closed' | 'one end closed' }>

/** A connection of the recording, as far as it has been read. */
interface Tracked {
  readonly number: number
  readonly clientId: string
  readonly version: ProtocolVersion
  /** Undefined where it is replayed; else why it is not. */
  readonly leftOut: string | undefined
  readonly observer: ReplayObserver
  /** Steps whose packets wait for an answer of the client, by what it would be. */
  readonly unanswered: Map<string, Unanswered>
  end: ObservedEnd | undefined
}

/** The first that is waited for is at `next`: taking it out would move all others. */
interface Unanswered {
  readonly steps: number[]
  next: number
}

/** What came to a client, as far as it is the same however often it came. */
interface Delivery {
  readonly observed: Observed
  readonly summary: PacketSummary
  readonly malformed: boolean
}

/** A plan is kept in memory: so many steps, and so many octets to send, are no trouble for a process. */
const stepsInMemory = 2_000_000
const mostOctets = 1024 * 1024 * 1024

/**
 * Makes a plan of the records of a capture: what each client sent, when, and as an answer to what.
 *
 * What a client sends by itself has its time. What answers a packet of the broker (PUBACK, PUBREC and PUBCOMP of a message
 * to it, PUBREL after PUBREC, AUTH after AUTH) belongs to that packet. What came to a client is what it received: a
 * packet that a fault dropped on the way did not come.
 */
export class ReplayPlanner {
  readonly #names: ConnectionNames
  readonly #clients: string
  /** Packets of which the capture says later what became of them. */
  readonly #fated: ReadonlySet<number>
  readonly #mostSteps: number
  readonly #onTheirWay = new Map<number, CapturedPacket>()
  readonly #faults = new ReplayFaults()
  readonly #tracked = new Map<number, Tracked>()
  readonly #inbound = new Map<string, Inbound>()
  readonly #steps: ReplayStep[] = []
  readonly #excuses = new ReplayExcuses()
  readonly #notes = new ReplayNotes()
  #start: number | undefined
  #octets = 0

  /**
   * @param options.names who is who in the recording
   * @param options.clients pattern of Client Identifiers, see `matchesClient`
   * @param options.fated from `fatedPackets` of the same recording
   * @param options.mostSteps what a plan may have; 2,000,000 when it is not given
   */
  constructor(options: {
    readonly names: ConnectionNames
    readonly clients: string
    readonly fated: ReadonlySet<number>
    readonly mostSteps?: number
  }) {
    this.#names = options.names
    this.#clients = options.clients
    this.#fated = options.fated
    this.#mostSteps = options.mostSteps ?? stepsInMemory
  }

  /**
   * Takes the next record.
   *
   * @throws FaultlineError `invalid-argument` where there is more to replay than can be kept in memory
   */
  add(record: Captured): void {
    if (record.connection === 0) return
    const tracked = this.#tracked.get(record.connection) ?? this.#track(record)
    if (record.kind === 'event') this.#event(tracked, record)
    else if (record.direction === 'to broker') this.#sent(tracked, record)
    else if (this.#fated.has(record.number)) this.#onTheirWay.set(record.number, record)
    else this.#received(tracked, record, record.time)
  }

  /** When all records have been taken. */
  finish(): ReplayPlan {
    const connections = [...this.#tracked.values()].flatMap((tracked) => {
      if (tracked.leftOut !== undefined) return []
      const { clientId, number, version } = tracked
      return [{ number, clientId, version, recorded: observationOf(tracked) }]
    })
    return {
      connections,
      steps: this.#steps,
      excuse: this.#excuses.excuse,
      faultsOf: (connection) => this.#faults.excusesOf(connection),
      notes: this.#notes.list(),
    }
  }

  #track(first: Captured): Tracked {
    const number = first.connection
    const clientId = this.#names.clientId(number) ?? ''
    const tracked: Tracked = {
      number,
      clientId,
      version: this.#names.version(number) ?? 4,
      leftOut: this.#whyLeftOut(first, clientId),
      observer: new ReplayObserver(this.#names.version(number) ?? 4, this.#inboundOf(number, clientId)),
      unanswered: new Map(),
      end: undefined,
    }
    this.#tracked.set(number, tracked)
    // Without the event the file tells of a connection by its first packet.
    if (tracked.leftOut === undefined) this.#step(tracked, first.time, { do: 'open' })
    return tracked
  }

  #whyLeftOut(first: Captured, clientId: string): string | undefined {
    const name = clientId === '' ? `connection ${first.connection}` : clientId
    if (!matchesClient(this.#clients, clientId)) return `its publisher ${name} is not replayed`
    const begins =
      first.kind === 'event'
        ? first.event.type === 'opened'
        : first.direction === 'to broker' && packetTypeOf(first.octets[0] ?? 0) === 'CONNECT'
    if (begins) return undefined
    this.#notes.beganBefore(name)
    return `its publisher ${name} is not replayed, having connected before the recording began`
  }

  /** A client goes on with its Session on another connection. */
  #inboundOf(number: number, clientId: string): Inbound {
    const key = clientKey({ clientId, number })
    const inbound = this.#inbound.get(key) ?? new Map()
    this.#inbound.set(key, inbound)
    return inbound
  }

  #sent(tracked: Tracked, record: CapturedPacket): void {
    if (this.#fated.has(record.number)) {
      this.#notes.faulty()
      this.#onTheirWay.set(record.number, record)
    }
    const { clientId, number, observer, version } = tracked
    const { length, malformed } = record
    const isWhole = length === record.octets.length
    const summary = summarize(record.octets, version)
    const leftOut = tracked.leftOut ?? (isWhole ? undefined : 'its PUBLISH is in the recording in part only')
    if (summary.type === 'CONNECT') this.#excuses.connects(record.octets, leftOut)
    if (summary.type === 'PUBLISH') this.#excuses.publishes(number, version, record.octets, length, leftOut)
    if (tracked.leftOut !== undefined) return
    if (!isWhole) {
      this.#notes.inPart(summary.type ?? 'something malformed', length)
      return
    }
    // The plan stays while the blocks of the recording come and go.
    const octets = record.octets.slice()
    this.#octets += length
    if (this.#octets > mostOctets) throw tooMuch(`${mostOctets / 1024 / 1024} MiB to send`)
    if (malformed) this.#notes.malformed()
    else observer.sent(octets)
    if (summary.type === 'SUBSCRIBE') this.#excuses.subscribes(clientId)
    const to = malformed ? undefined : takeFirst(tracked.unanswered, answerKey(summary))
    if (to === undefined) this.#step(tracked, record.time, { do: 'send', octets, wellFormed: malformed === false })
    else {
      const after = this.#timeOf(record.time) - (this.#steps[to] as ReplayStep).at
      this.#step(tracked, record.time, { do: 'answer', octets, to, after })
    }
  }

  /** Gives what came; undefined where it is nothing that is replayed. */
  #received(
    tracked: Tracked,
    { length, malformed, ...record }: CapturedPacket,
    time: number,
    copies = 1,
  ): Observed | undefined {
    if (tracked.leftOut !== undefined || tracked.end !== undefined || copies === 0) return undefined
    const octets = record.octets.subarray(0, mostObserved)
    const observed = tracked.observer.received(octets, length, malformed)
    const delivery = { observed, summary: summarize(octets, tracked.version), malformed: malformed !== false }
    this.#delivered(tracked, delivery, time)
    for (let copy = 2; copy <= copies; copy++) {
      tracked.observer.receivedAgain(observed)
      this.#delivered(tracked, delivery, time)
    }
    if (isSystemMessage(observed)) return undefined
    this.#faults.came(tracked.number, clientKey(tracked), observed, delivery.summary.packetId)
    return observed
  }

  #delivered({ clientId, unanswered, ...tracked }: Tracked, delivery: Delivery, time: number): void {
    const { malformed, observed, summary } = delivery
    if (isSystemMessage(observed)) {
      this.#notes.systemMessage()
      return
    }
    if (observed.type === 'CONNACK' && summary.code === 0) this.#excuses.accepted(clientId, observed)
    const expected = observed.type !== 'PUBLISH' || this.#excuses.delivered(clientId, observed)
    const { identity, type } = observed
    this.#step(tracked, time, { do: 'receive', type, identity, qos: summary.qos, expected })
    const answer = malformed ? undefined : awaitedAnswer(summary)
    if (answer === undefined) return
    const waiting = unanswered.get(answer)
    if (waiting === undefined) unanswered.set(answer, { steps: [this.#steps.length - 1], next: 0 })
    else waiting.steps.push(this.#steps.length - 1)
  }

  #event(tracked: Tracked, { event, time }: CapturedEvent): void {
    if (isFate(event)) this.#fate(tracked, event, time)
    else if (event.type === 'closed' || event.type === 'one end closed') this.#closed(tracked, event, time)
    else if (event.type === 'opened' && event.transport !== 'tcp' && tracked.leftOut === undefined) {
      this.#notes.transport(event.transport)
    }
  }

  #fate(tracked: Tracked, fate: PacketFate, time: number): void {
    const record = this.#onTheirWay.get(fate.packet)
    if (record === undefined || fate.type === 'packet held') return
    this.#onTheirWay.delete(fate.packet)
    if (record.direction === 'to broker') {
      this.#heard(tracked, record, fate)
      return
    }
    if (tracked.leftOut === undefined) this.#notes.faulty()
    const isReplayed = tracked.leftOut === undefined && tracked.end === undefined && record.malformed === false
    const describe = () => tracked.observer.describe(record.octets.subarray(0, mostObserved), record.length)
    if (fate.type === 'packet dropped') {
      const { packetId } = summarize(record.octets, tracked.version)
      if (isReplayed) this.#faults.lost(tracked.number, clientKey(tracked), describe(), packetId)
      return
    }
    const original = isReplayed && fate.octets !== undefined ? describe() : undefined
    const octets = fate.octets === undefined ? record.octets : fromHex(fate.octets)
    const length = fate.octets === undefined ? record.length : octets.length
    const came = this.#received(tracked, { ...record, octets, length }, time, fate.copies)
    if (came === undefined) return
    if (original !== undefined) this.#faults.altered(tracked.number, original, came)
    if (fate.copies > 1) this.#faults.multiplied(tracked.number, came, fate.copies)
    if (fate.delay > 0) this.#faults.delayed(tracked.number, came)
  }

  /** What became of a packet of a client on its way to the broker: now it comes there as it was sent. */
  #heard(tracked: Tracked, { length, malformed, octets }: CapturedPacket, fate: PacketFate): void {
    if (tracked.leftOut !== undefined || malformed !== false) return
    const { number, version } = tracked
    const summary = summarize(octets, version)
    const identity = this.#identityOf(tracked, summary, length - octets.length)
    if (fate.type === 'packet dropped') this.#faults.unheard(number, clientKey(tracked), summary, identity)
    if (fate.type !== 'packet sent') return
    if (fate.copies > 1) this.#faults.heardOften(number, summary, identity, fate.copies)
    if (summary.type !== 'PUBLISH' || identity === undefined) return
    if (fate.delay > 0) this.#faults.heardLate(identity)
    if (fate.octets === undefined) return
    this.#faults.misheard(identity)
    const changed = fromHex(fate.octets)
    this.#excuses.publishes(number, version, changed, changed.length, 'its PUBLISH was changed by a fault then')
  }

  /** Of the message that a client publishes, or that its PUBREC is about. @param unkept octets that are not in the recording */
  #identityOf({ clientId, number }: Tracked, summary: PacketSummary, unkept: number): string | undefined {
    const { packetId = 0, payload = new Uint8Array(0), topic = '', type } = summary
    if (type === 'PUBLISH') return messageIdentity(topic, payload, payload.length + unkept)
    const message = type === 'PUBREC' ? this.#inboundOf(number, clientId).get(packetId) : undefined
    return message === undefined ? undefined : `PUBREL of ${message}`
  }

  #closed(tracked: Tracked, { by, cause, ...event }: Closed, time: number): void {
    if (tracked.end !== undefined || tracked.leftOut !== undefined) return
    const { farewell, left } = tracked.observer
    if (by === 'broker' && !left) {
      tracked.end = { by: 'broker', code: farewell }
      this.#step(tracked, time, { do: 'ended' })
      return
    }
    // After DISCONNECT either may be the first to close [MQTT 3.1.1 §3.14.4].
    tracked.end = { by: 'client' }
    if (by === 'link') this.#notes.cut(tracked.clientId || `connection ${tracked.number}`, event.reason)
    this.#step(tracked, time, { do: 'end', how: cause === 'fin' || (by === 'broker' && left) ? 'fin' : 'rst' })
  }

  #step({ number }: Pick<Tracked, 'number'>, time: number, step: StepParts): void {
    if (this.#steps.length === this.#mostSteps) throw tooMuch(`${this.#mostSteps} steps`)
    this.#steps.push({ connection: number, at: this.#timeOf(time), ...step })
  }

  /** @param time in nanoseconds since the capture began */
  #timeOf(time: number): number {
    this.#start ??= time
    return (time - this.#start) / 1e6
  }
}

/** A step without its place and time. */
type StepParts = ReplayStep extends infer S ? (S extends ReplayStep ? Omit<S, 'connection' | 'at'> : never) : never

/** The numbers of the packets among these records of which an event says what became of them. */
export function fatedPackets(records: Iterable<Captured>): Set<number> {
  const fated = new Set<number>()
  for (const record of records) if (record.kind === 'event' && isFate(record.event)) fated.add(record.event.packet)
  return fated
}

function observationOf({ end = { by: 'nobody' }, observer }: Tracked): Observation {
  return observer.observation(end)
}

/** What a client would answer; undefined where it need not. */
function awaitedAnswer({ code, packetId, qos, type }: PacketSummary): string | undefined {
  if (type === 'PUBLISH' && qos !== 0) return `${qos === 1 ? 'PUBACK' : 'PUBREC'} ${packetId}`
  if (type === 'PUBREL') return `PUBCOMP ${packetId}`
  if (type === 'PUBREC' && (code ?? 0) < 0x80) return `PUBREL ${packetId}`
  // 0x18 Continue authentication; with another code there is nothing to say [MQTT 5 §4.12].
  return type === 'AUTH' && code === 0x18 ? 'AUTH' : undefined
}

/** A client goes on with its Session on another connection; one without a name has that connection only. */
function clientKey({ clientId, number }: Pick<Tracked, 'clientId' | 'number'>): string {
  return clientId === '' ? `#${number}` : `=${clientId}`
}

function answerKey({ packetId, type }: PacketSummary): string {
  return type === 'AUTH' ? 'AUTH' : `${type} ${packetId}`
}

function takeFirst(unanswered: Map<string, Unanswered>, key: string): number | undefined {
  const waiting = unanswered.get(key)
  if (waiting === undefined) return undefined
  const first = waiting.steps[waiting.next++]
  if (waiting.next === waiting.steps.length) unanswered.delete(key)
  return first
}

function tooMuch(what: string): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: `there is too much in the recording to be replayed at once: more than ${what}`,
    hint: 'replay the clients that matter alone, with --clients',
  })
}
