import type { HeldPacket, WireState } from '../../../app/contract/wire.ts'
import type { PacketType } from '../../../app/mqtt/control-packet.ts'
import { summarize } from '../../../app/mqtt/summary.ts'
import { formatPlural } from '../../ui/format.ts'

/** A held packet in words. */
export interface HeldWords {
  readonly type: PacketType | undefined
  /** Such as `PUBREL 77`. */
  readonly name: string
  readonly from: string
  readonly to: string
  /** Topic Name of a PUBLISH, or first Topic Filter; empty where it has none. */
  readonly topic: string
  /** What holds it. */
  readonly by: string
  /** What waits behind it; empty where nothing does. */
  readonly behind: string
}

export type ClientName = (connection: number) => string

export function describeHeld(held: HeldPacket, clientName: ClientName): HeldWords {
  // What is read here, type, identifier and topic, stands at the same place in every version of MQTT.
  const { type, packetId, topic } = summarize(held.octets, 4)
  const client = clientName(held.connection)
  const [from, to] = held.direction === 'to broker' ? [client, 'broker'] : ['broker', client]
  return {
    type,
    name: packetId === undefined ? (type ?? 'malformed packet') : `${type} ${packetId}`,
    from,
    to,
    topic: topic ?? '',
    by: held.by,
    behind: held.waiting === 0 ? '' : `${formatPlural(held.waiting, 'packet')} behind it`,
  }
}

/** `PUBREL 77, broker → dashboard` */
export function nextWords(held: HeldPacket, clientName: ClientName): string {
  const { name, from, to } = describeHeld(held, clientName)
  return `${name}, ${from} → ${to}`
}

/** The held packet that the buttons act on: the one that is looked at, otherwise the first in the capture. */
export function targetOf(wire: WireState, selectedPacket: number | undefined): HeldPacket | undefined {
  return wire.held.find(({ packet }) => packet === selectedPacket) ?? wire.held[0]
}

/**
 * The packet that is held where another one goes: all that come behind it on its connection in its direction wait as
 * well. Undefined where none is; also where more are held than are listed, and it is not among them.
 */
export function heldOnWay(wire: WireState, way: Pick<HeldPacket, 'connection' | 'direction'>): HeldPacket | undefined {
  return wire.held.find(({ connection, direction }) => connection === way.connection && direction === way.direction)
}

/** Whether anything is held, or would be. */
export function isHolding(wire: WireState): boolean {
  return wire.holding || wire.heldCount > 0
}

/** What the pill says beside `wire held`. */
export function waitingWords({ heldCount, waitingCount }: WireState): string {
  if (heldCount === 0) return 'nothing waits yet'
  const held = `${formatPlural(heldCount, 'packet')} waiting`
  return waitingCount === 0 ? held : `${held} · ${waitingCount} behind`
}
