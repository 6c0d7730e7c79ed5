import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import { packetTypeOf } from '../mqtt/control-packet.ts'
import { summarize } from '../mqtt/summary.ts'
import type { Captured, CapturedPacket } from './captured.ts'
import type { KnownConnection } from './recording-format.ts'
import type { ConnectionNames } from './subject.ts'

/** A Network Connection as the records tell of it; times are wall times in milliseconds. */
export interface RecordedConnection extends KnownConnection {
  readonly open: boolean
  /** When it opened, or when the capture began. */
  readonly since: number
  /** Control Packets, both ways. */
  readonly packets: number
  readonly lastFromClientAt?: number | undefined
}

type Row = { -readonly [K in keyof RecordedConnection]: RecordedConnection[K] }

/** Who is who in a capture that is read from its start: fed with every record, it knows the connections so far. */
export class RecordedConnections implements ConnectionNames {
  readonly #captureStart: number
  readonly #rows = new Map<number, Row>()

  /** @param known connections that the records alone do not tell of. */
  constructor(captureStart: number, known: readonly KnownConnection[]) {
    this.#captureStart = captureStart
    for (const { id, clientId, protocolVersion, keepAlive, remote } of known) {
      const row = { id, clientId, protocolVersion, keepAlive, remote, open: true, since: captureStart, packets: 0 }
      this.#rows.set(id, row)
    }
  }

  list(): RecordedConnection[] {
    return [...this.#rows.values()].map((row) => ({ ...row }))
  }

  get(connection: number): RecordedConnection | undefined {
    return this.#rows.get(connection)
  }

  /** Undefined also for the empty one that a client may come with. */
  clientId(connection: number): string | undefined {
    return this.#rows.get(connection)?.clientId || undefined
  }

  version(connection: number): ProtocolVersion | undefined {
    const version = this.#rows.get(connection)?.protocolVersion
    return version === 3 || version === 4 || version === 5 ? version : undefined
  }

  add(record: Captured): void {
    if (record.connection === 0) return
    const at = this.#captureStart + record.time / 1e6
    const row = this.#rowOf(record, at)
    if (record.kind === 'event') {
      if (record.event.type === 'closed') row.open = false
      return
    }
    if (record.malformed) return
    row.packets += 1
    if (record.direction === 'to client') return
    row.lastFromClientAt = at
    introduce(row, record)
  }

  #rowOf({ connection, ...record }: Captured, at: number): Row {
    const opened = record.kind === 'event' && record.event.type === 'opened' ? record.event : undefined
    const known = this.#rows.get(connection)
    if (known !== undefined) {
      if (opened !== undefined) Object.assign(known, { remote: opened.remote, since: at, open: true })
      return known
    }
    const since = opened === undefined ? this.#captureStart : at
    const row = { id: connection, remote: opened?.remote ?? 'unknown', open: true, since, packets: 0 }
    this.#rows.set(connection, row)
    return row
  }
}

/** A second CONNECT on a connection is an error and changes nothing [MQTT-3.1.0-2]. */
function introduce(row: Row, { octets }: CapturedPacket): void {
  if (packetTypeOf(octets[0] ?? 0) !== 'CONNECT' || row.protocolVersion !== undefined) return
  const { clientId, protocolVersion, keepAlive } = summarize(octets, 4)
  // The broker may have given a name to a client that came without one [MQTT-3.1.3-6].
  row.clientId = clientId || (row.clientId ?? clientId)
  row.protocolVersion = protocolVersion
  row.keepAlive = keepAlive
}
