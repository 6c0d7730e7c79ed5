import type { Captured, ConnectionEvent } from '../../app/capture/captured.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { Malformation } from '../../app/mqtt/framer.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'

/** A tap that writes down what it hears, in order. */
export class TapLog implements Tap {
  readonly keeps: number
  readonly records: Captured[] = []

  constructor(keeps = 1024 * 1024) {
    this.keeps = keeps
  }

  packet(
    connection: number,
    direction: Direction,
    octets: Uint8Array,
    malformed: Malformation | false,
    origin: Origin | undefined,
    length: number,
  ): number {
    const copy = Uint8Array.from(octets)
    const number = this.records.length + 1
    this.records.push({
      kind: 'packet',
      number,
      time: 0,
      connection,
      direction,
      octets: copy,
      length,
      malformed,
      origin,
    })
    return number
  }

  event(connection: number, event: ConnectionEvent): void {
    this.records.push({ kind: 'event', number: this.records.length + 1, time: 0, connection, event })
  }

  get packets() {
    return this.records.filter((record) => record.kind === 'packet')
  }

  get events(): ConnectionEvent[] {
    return this.records.flatMap((record) => (record.kind === 'event' ? [record.event] : []))
  }

  octets(direction: Direction): Buffer {
    return Buffer.concat(this.packets.filter((packet) => packet.direction === direction).map(({ octets }) => octets))
  }
}
