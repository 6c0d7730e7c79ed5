import type { Malformation } from '../mqtt/framer.ts'
import type { Origin } from '../mqtt/network-connection.ts'
import type { ConnectionEvent, Direction } from './captured.ts'

/**
 * Where a Link reports all that passes, before it goes on. The recorder is one. A tap must be cheap: every packet of
 * every connection waits for it. It must copy what it keeps.
 */
export interface Tap {
  packet(
    connection: number,
    direction: Direction,
    octets: Uint8Array,
    malformed: Malformation | false,
    origin: Origin | undefined,
  ): void
  event(connection: number, event: ConnectionEvent): void
}

/** One tap that tells two, in this order. */
export function joinTaps(first: Tap, second: Tap): Tap {
  return {
    packet(connection, direction, octets, malformed, origin) {
      first.packet(connection, direction, octets, malformed, origin)
      second.packet(connection, direction, octets, malformed, origin)
    },
    event(connection, event) {
      first.event(connection, event)
      second.event(connection, event)
    },
  }
}
