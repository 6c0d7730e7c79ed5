import { generate, type Packet } from 'mqtt-packet'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { ExportFormat } from '../../app/capture/export-encoder.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import type { KnownConnection } from '../../app/capture/recording-format.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'
import { type CaptureSource, type ExportResult, exportCapture } from '../../main/recorder/export.ts'
import { Recorder } from '../../main/recorder/recorder.ts'
import { FakeClock } from './fake-clock.ts'

/** A capture that is made by hand, a record at a time. */
export class Scene {
  readonly clock = new FakeClock()
  readonly recorder: Recorder
  /** What is known of connections beside the records. */
  readonly known: KnownConnection[] = []

  constructor(budget?: number) {
    this.recorder = new Recorder({ clock: this.clock, ...(budget !== undefined && { budget }) })
  }

  opened(connection: number, remote = `127.0.0.1:${40000 + connection}`): void {
    this.event(connection, { type: 'opened', transport: 'tcp', remote })
  }

  /** Three milliseconds pass, and a packet comes; gives its number. */
  send(
    connection: number,
    direction: Direction,
    packet: Packet | Uint8Array,
    more: { version?: 4 | 5; origin?: Origin; length?: number; malformed?: 'cut short' | 'reserved packet type' } = {},
  ): number {
    this.clock.advance(3)
    const octets = packet instanceof Uint8Array ? packet : generate(packet, { protocolVersion: more.version ?? 4 })
    const { length = octets.length, malformed = false, origin } = more
    return this.recorder.packet(connection, direction, octets, malformed, origin, length)
  }

  event(connection: number, event: ConnectionEvent): void {
    this.recorder.event(connection, event)
  }

  source(): CaptureSource {
    return sourceOf(this.recorder, this.known)
  }

  export(format: ExportFormat, filter = ''): Promise<{ octets: Uint8Array; result: ExportResult }> {
    return exported(this.source(), format, filter)
  }
}

export function sourceOf(recorder: Recorder, connections: readonly KnownConnection[]): CaptureSource {
  return {
    captureStart: recorder.startedAt,
    first: recorder.first,
    next: recorder.next,
    connections,
    read: (from, limit) => recorder.read(from, limit),
  }
}

/** What an export writes. */
export async function exported(
  source: CaptureSource,
  format: ExportFormat,
  filter = '',
): Promise<{ octets: Uint8Array; result: ExportResult }> {
  const pieces: Uint8Array[] = []
  const sink = {
    write: async (octets: Uint8Array) => {
      pieces.push(octets)
    },
  }
  const result = await exportCapture(source, { format, filter: compileFilter(filter), program: '1.2.3' }, sink)
  return { octets: new Uint8Array(Buffer.concat(pieces)), result }
}
