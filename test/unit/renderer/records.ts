import { generate, type Packet } from 'mqtt-packet'
import { packBatch } from '../../../app/capture/batch.ts'
import type { Captured, CapturedPacket, ConnectionEvent } from '../../../app/capture/captured.ts'
import type { Direction } from '../../../app/mqtt/network-connection.ts'

/** A record that says its own number, so that a test sees at once whose it is. */
export function numbered(number: number): CapturedPacket {
  return packet({ cmd: 'publish', topic: String(number), payload: '', qos: 0, dup: false, retain: false }, { number })
}

/** A block of such records, both ends included. */
export function block(from: number, to: number): Uint8Array {
  return packBatch(
    Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => numbered(from + i)),
    from,
  )
}

export function packet(what: Packet, at: Partial<CapturedPacket> = {}): CapturedPacket {
  const octets = Uint8Array.from(generate(what))
  return {
    kind: 'packet',
    number: 1,
    time: 0,
    connection: 1,
    direction: 'to broker',
    octets,
    length: at.octets?.length ?? octets.length,
    malformed: false,
    origin: undefined,
    ...at,
  }
}

export function event(what: ConnectionEvent, number = 1, connection = 1): Captured {
  return { kind: 'event', number, time: 0, connection, event: what }
}

/** Records one after the other, a millisecond apart, as a capture has them. */
export function conversation(
  ...steps: readonly (readonly [Direction, Packet, number?] | readonly ['event', ConnectionEvent, number?])[]
): Captured[] {
  return steps.map(([direction, what, connection = 1], i) => {
    const number = i + 1
    return direction === 'event'
      ? event(what as ConnectionEvent, number, connection)
      : packet(what as Packet, { number, time: i * 1e6, connection, direction })
  })
}
