import { packetTypeOf } from '../mqtt/control-packet.ts'
import type { Arrivals } from './arrivals.ts'
import type { MessageStore } from './message-store.ts'
import type { ObservedFate, ObservedHappening } from './observed.ts'
import { readPacketId, readPublish } from './read.ts'
import type { SessionTable } from './session-table.ts'
import type { StepLog } from './step-log.ts'
import type { TopicNames } from './topic-names.ts'
import type { PacketRung } from './tracked-exchange.ts'
import { type Arrival, type Content, mostPayload, type TrackedMessage } from './tracked-message.ts'

/** Copies of one PUBLISH that are expected to be delivered. */
const mostCopies = 100

export function isFate(event: ObservedHappening): event is ObservedFate {
  return event.type === 'packet held' || event.type === 'packet dropped' || event.type === 'packet sent'
}

/** Takes in what became of packets, which is told later than that they were sent. */
export class Fates {
  readonly #log: StepLog
  readonly #store: MessageStore
  readonly #arrivals: Arrivals
  readonly #names: TopicNames
  readonly #sessions: SessionTable

  constructor(parts: {
    readonly log: StepLog
    readonly store: MessageStore
    readonly arrivals: Arrivals
    readonly names: TopicNames
    readonly sessions: SessionTable
  }) {
    this.#log = parts.log
    this.#store = parts.store
    this.#arrivals = parts.arrivals
    this.#names = parts.names
    this.#sessions = parts.sessions
  }

  take(event: ObservedFate): void {
    const rung = this.#log.find(event.packet)
    const message = rung && this.#store.get(rung.exchange.message)
    if (!rung || !message) return
    const { exchange } = rung
    const changed = applyFate(rung, event)
    const held = this.#sessions.open(rung.connection)?.held
    if (held && event.type === 'packet held') held[rung.direction] = rung
    else if (held?.[rung.direction] === rung) held[rung.direction] = undefined
    if (!exchange.finished) this.#store.countSteps(exchange.bridge())
    if (rung.type === 'PUBLISH' && exchange.role === 'publisher') this.#correctArrivals(rung, message, event, changed)
    this.#store.touch(message)
  }

  /** What the broker was given, and when, is not what it looked like. */
  #correctArrivals(
    rung: PacketRung,
    message: TrackedMessage,
    event: ObservedFate,
    changed: Uint8Array | undefined,
  ): void {
    if (event.type === 'packet held') return
    // One that the broker has delivered has arrived, whatever is said of it.
    const wrong = message.arrivals.filter(({ record, origin }) => record === rung.number && origin === undefined)
    for (const arrival of wrong) this.#arrivals.remove(arrival)
    const [first] = wrong
    if (first === undefined) return
    if (event.type === 'packet sent') this.#addAgain(rung, first, event.delay, changed)
    else if (message.arrivals.length === 0) message.expectNobody()
  }

  #addAgain(rung: PacketRung, arrival: Arrival, delay: number, changed: Uint8Array | undefined): void {
    const { message, target, publisher, kind, qos, record } = arrival
    const { topic, payload, length } = (changed && this.#contentOf(changed, rung.connection)) ?? arrival
    const time = rung.time + delay
    // The second of QoS 2 is known to the broker already.
    const copies = qos === 2 ? 1 : Math.min(rung.copies, mostCopies)
    for (let copy = 0; copy < copies; copy++) {
      this.#arrivals.add(message, { target, topic, payload, length, publisher, kind, qos, time, record })
    }
    if (message.retain) this.#arrivals.retain(message, message)
  }

  /** What a PUBLISH that was changed on its way publishes; undefined where it is none any more. */
  #contentOf(octets: Uint8Array, connection: number): Content | undefined {
    if (packetTypeOf(octets[0] ?? 0) !== 'PUBLISH') return undefined
    const version = this.#sessions.open(connection)?.version ?? 4
    const fields = readPublish(octets, version, this.#names)
    if (fields === undefined) return undefined
    const start = fields.payloadStart
    return { topic: fields.topic, payload: octets.subarray(start, start + mostPayload), length: octets.length - start }
  }
}

/** Writes down what became of a packet; gives the octets that went on where they are not those that came. */
function applyFate(rung: PacketRung, event: ObservedFate): Uint8Array | undefined {
  rung.by = event.by
  rung.exchange.touch()
  if (event.type !== 'packet sent') {
    rung.fate = event.type === 'packet held' ? 'held' : 'dropped'
    return undefined
  }
  const { delay, octets } = event
  rung.delay = delay
  rung.copies = Math.max(1, event.copies)
  rung.fate = octets !== undefined ? 'changed' : event.copies > 1 ? 'duplicated' : delay > 0 ? 'delayed' : undefined
  if (rung.fate === undefined) rung.by = ''
  if (octets === undefined) return undefined
  const changed = fromHexadecimal(octets)
  rung.recognizable = isStill(rung, changed)
  return changed
}

/** Whether the receiver takes it for the same packet: its type, QoS and Packet Identifier are as they were. */
function isStill({ type, qos, packetId, exchange }: PacketRung, octets: Uint8Array): boolean {
  const first = octets[0]
  if (first === undefined || packetTypeOf(first) !== type) return false
  if (type !== 'PUBLISH') return readPacketId(octets) === packetId
  if (((first >>> 1) & 3) !== qos) return false
  return exchange.packetId === undefined || publishedId(octets) === packetId
}

/** The Packet Identifier of a PUBLISH of QoS 1 or 2 comes after its Topic Name, whose length comes first. */
function publishedId(octets: Uint8Array): number | undefined {
  let at = 1
  while (at < 5 && ((octets[at] ?? 0) & 0x80) !== 0) at += 1
  const length = (octets[at + 1] ?? 0) * 256 + (octets[at + 2] ?? 0)
  const high = octets[at + 3 + length]
  const low = octets[at + 4 + length]
  return high === undefined || low === undefined ? undefined : high * 256 + low
}

function fromHexadecimal(text: string): Uint8Array {
  const octets = new Uint8Array(text.length >>> 1)
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return octets
}
