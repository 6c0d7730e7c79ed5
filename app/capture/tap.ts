import type { Malformation } from '../mqtt/framer.ts'
import type { Direction, Origin } from '../mqtt/network-connection.ts'
import type { ConnectionEvent } from './captured.ts'

/**
 * Hears of all that passes a Link, before it goes on. It must be cheap: every packet of every connection waits for it.
 * It must copy what it keeps.
 */
export interface TapListener {
  /**
   * @param octets the packet; of one that is longer than `Tap.keeps` perhaps only the first part.
   * @param length how many octets the packet has on the wire.
   */
  packet(
    connection: number,
    direction: Direction,
    octets: Uint8Array,
    malformed: Malformation | false,
    origin: Origin | undefined,
    length: number,
  ): void
  event(connection: number, event: ConnectionEvent): void
}

/** Where a Link reports. The recorder is one. */
export interface Tap extends TapListener {
  /** How many octets of one packet are of interest: the rest of a larger one need not be collected to be reported. */
  readonly keeps: number
  /** Gives the number of the record. */
  packet(...packet: Parameters<TapListener['packet']>): number
}

/** A tap whose reports another one hears as well, afterwards. */
export function joinTaps(tap: Tap, listener: TapListener): Tap {
  return {
    keeps: tap.keeps,
    packet(connection, direction, octets, malformed, origin, length) {
      const number = tap.packet(connection, direction, octets, malformed, origin, length)
      listener.packet(connection, direction, octets, malformed, origin, length)
      return number
    },
    event(connection, event) {
      tap.event(connection, event)
      listener.event(connection, event)
    },
  }
}
