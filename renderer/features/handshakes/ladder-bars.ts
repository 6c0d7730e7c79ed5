import { type Hop, hasArrived } from './ladder-order.ts'
import type { PacketStep } from './ladder-words.ts'

/** While an end of an exchange holds its Packet Identifier; in pixels. */
export interface Bar {
  readonly lane: number
  readonly y1: number
  readonly y2: number
}

/** The way of one packet: where it left, and where it arrived, if it did. */
export interface Trip {
  readonly step: PacketStep
  readonly hop: Hop
  readonly leaves: number
  readonly arrives: number
}

/**
 * The sender holds the Packet Identifier from PUBLISH until PUBACK or PUBCOMP has come back; the receiver of QoS 2 from
 * PUBLISH until PUBREL has come [MQTT-4.3.2-1], [MQTT-4.3.3-1], [MQTT-4.3.3-2].
 *
 * @param bottom where the ladder ends: so far goes what is held to this moment
 * @param top where it begins, when older steps are left out
 */
export function barsOf(trips: readonly Trip[], brokerLane: number, bottom: number, top: number | undefined): Bar[] {
  const bars: Bar[] = []
  for (const [hop, own] of groupByHop(trips)) {
    if (hop.exchange.qos === 0) continue
    const fromClient = hop.exchange.role === 'publisher'
    const sender = fromClient ? hop.lane : brokerLane
    const receiver = fromClient ? brokerLane : hop.lane
    const open = hop.exchange.state === 'waiting' || hop.exchange.state === 'held'
    const end = open ? bottom : Math.max(...own.map(({ leaves, arrives }) => Math.max(leaves, arrives)))
    const first = own.find(({ step }) => step.type === 'PUBLISH')
    const began = first === undefined || first.step.dup ? (top ?? first?.leaves) : first.leaves
    if (began !== undefined) bars.push({ lane: sender, y1: began, y2: freed(own) ?? end })
    if (hop.exchange.qos !== 2) continue
    const came = own.find(({ step }) => step.type === 'PUBLISH' && hasArrived(step))
    const taken = came === undefined || came.step.dup ? (top ?? came?.arrives) : came.arrives
    if (taken !== undefined) bars.push({ lane: receiver, y1: taken, y2: arrivalOf(own, 'PUBREL') ?? end })
  }
  return bars.filter(({ y1, y2 }) => y2 > y1)
}

function groupByHop(trips: readonly Trip[]): Map<Hop, Trip[]> {
  const groups = new Map<Hop, Trip[]>()
  for (const trip of trips) {
    const group = groups.get(trip.hop)
    if (group === undefined) groups.set(trip.hop, [trip])
    else group.push(trip)
  }
  return groups
}

/** Where the sender may use the Packet Identifier again. A PUBREC that refuses ends the exchange [MQTT 5 §4.3.3]. */
function freed(trips: readonly Trip[]): number | undefined {
  const refused = trips.find(({ step }) => step.type === 'PUBREC' && (step.code ?? 0) >= 0x80 && hasArrived(step))
  return refused?.arrives ?? arrivalOf(trips, 'PUBACK') ?? arrivalOf(trips, 'PUBCOMP')
}

function arrivalOf(trips: readonly Trip[], type: PacketStep['type']): number | undefined {
  return trips.find(({ step }) => step.type === type && hasArrived(step))?.arrives
}
