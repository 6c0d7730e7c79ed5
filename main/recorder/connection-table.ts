import { ChangeFeed, type Changes } from '../../app/base/change-feed.ts'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { Event } from '../../app/base/emitter.ts'
import type { ConnectionEvent } from '../../app/capture/captured.ts'
import type { TapListener } from '../../app/capture/tap.ts'
import type { ConnectionSnapshot } from '../../app/contract/contract.ts'
import { type ProtocolVersion, packetTypeOf } from '../../app/mqtt/control-packet.ts'
import type { Malformation } from '../../app/mqtt/framer.ts'
import type { Direction } from '../../app/mqtt/network-connection.ts'
import { summarize } from '../../app/mqtt/summary.ts'

/** Who is there is told soon; how much they have sent can wait. */
const soonMs = 20
const countsMs = 250

/** How many closed connections are told of whole. */
const mostClosed = 1000
/** Of how many older ones the name is kept: a bound, so that a storm of connections does not take memory without end. */
const mostNames = 100_000

type Row = { -readonly [K in keyof ConnectionSnapshot]: ConnectionSnapshot[K] }

/** What is left of a connection that closed long ago. */
interface Name {
  readonly clientId: string | undefined
  readonly version: ProtocolVersion | undefined
  lastRecord: number
}

/** The numbers of the records that there are: those of a `Recorder`. */
export interface RecordNumbers {
  /** The number of the oldest record that is still there. */
  readonly first: number
  /** The number that the next record will have. */
  readonly next: number
  /** Wall time of the newest record, in milliseconds since 1970. */
  readonly newestAt: number
}

/**
 * Every Network Connection that is open, and the newest 1000 that are closed, from what passes the tap. `clientId` and
 * `version` know also older ones, as long as the ring holds a record of theirs: up to 100,000, of more the newest.
 */
export class ConnectionTable implements TapListener, Disposable {
  readonly #clock: Clock
  readonly #ring: RecordNumbers
  readonly #rows = new Map<number, Row>()
  /** The number of the last record of each that is closed, in the order in which they closed. */
  readonly #closed = new Map<number, number>()
  /** Those that closed before, in the same order. */
  readonly #names = new Map<number, Name>()
  readonly #openByClient = new Map<string, Row>()
  readonly #feed: ChangeFeed<number, ConnectionSnapshot>
  readonly onChanged: Event<Changes<number, ConnectionSnapshot>>
  #packets = 0
  #clients = 0

  /** @param options.ring takes every record before this hears of it. */
  constructor({ clock, ring }: { readonly clock: Clock; readonly ring: RecordNumbers }) {
    this.#clock = clock
    this.#ring = ring
    this.#feed = new ChangeFeed(clock, (id) => this.get(id))
    this.onChanged = this.#feed.onChanged
  }

  /** Control Packets of all connections since the start, both ways. */
  get packets(): number {
    return this.#packets
  }

  /** How many connections are open and have said who they are. */
  get clients(): number {
    return this.#clients
  }

  list(): ConnectionSnapshot[] {
    return [...this.#rows.values()].map((row) => ({ ...row }))
  }

  get(id: number): ConnectionSnapshot | undefined {
    const row = this.#rows.get(id)
    return row && { ...row }
  }

  /** The Client Identifier of a connection, where it is known and not empty. */
  clientId(id: number): string | undefined {
    return (this.#rows.get(id)?.clientId ?? this.#names.get(id)?.clientId) || undefined
  }

  /** What the connection's CONNECT said; undefined where that is not known, or is none of MQTT's. */
  version(id: number): ProtocolVersion | undefined {
    const level = this.#rows.get(id)?.protocolVersion
    return level === 3 || level === 4 || level === 5 ? level : this.#names.get(id)?.version
  }

  /** The newest open connection of a Client Identifier. */
  openOf(clientId: string): ConnectionSnapshot | undefined {
    const row = this.#openByClient.get(clientId)
    return row && { ...row }
  }

  /** The broker has named a client that came without a Client Identifier [MQTT-3.1.3-6]. */
  identify(id: number, clientId: string): void {
    const row = this.#rows.get(id)
    if (row?.clientId !== '') return
    row.clientId = clientId
    if (row.open) this.#openByClient.set(clientId, row)
    this.#feed.touch(id, soonMs)
  }

  packet(connection: number, direction: Direction, octets: Uint8Array, malformed: Malformation | false): void {
    const row = this.#rows.get(connection)
    if (!row?.open) this.#noteLate(connection)
    if (!row || malformed) return
    this.#packets += 1
    row.packets += 1
    if (direction === 'to broker') {
      // The record has it: to ask for the time again would be most of the cost of this.
      row.lastFromClientAt = this.#ring.newestAt
      // A second CONNECT on a connection is an error and changes nothing [MQTT-3.1.0-2].
      if (row.clientId === undefined && packetTypeOf(octets[0] ?? 0) === 'CONNECT') this.#introduce(row, octets)
    }
    this.#feed.touch(connection, countsMs)
  }

  event(connection: number, event: ConnectionEvent): void {
    if (event.type === 'opened') this.#open(connection, event.remote)
    else if (event.type === 'closed') this.#close(connection)
    else this.#noteLate(connection)
    // A recording knows from nothing else what the broker called it.
    if ('clientId' in event && event.clientId !== '') this.identify(connection, event.clientId)
  }

  dispose(): void {
    this.#feed.dispose()
  }

  #open(id: number, remote: string): void {
    this.#rows.set(id, { id, remote, open: true, since: this.#clock.now(), packets: 0 })
    this.#feed.touch(id, soonMs)
  }

  #introduce(row: Row, octets: Uint8Array): void {
    const { clientId, protocolVersion, keepAlive } = summarize(octets, 4)
    if (clientId === undefined) return
    row.clientId = clientId
    row.protocolVersion = protocolVersion
    row.keepAlive = keepAlive
    this.#clients += 1
    // An empty one names nobody; `identify` may bring a better one.
    if (clientId !== '') this.#openByClient.set(clientId, row)
    this.#feed.touch(row.id, soonMs)
  }

  #close(id: number): void {
    const row = this.#rows.get(id)
    if (!row?.open) return
    row.open = false
    if (row.clientId !== undefined) {
      this.#clients -= 1
      // Another connection may have taken over the Client Identifier meanwhile.
      if (this.#openByClient.get(row.clientId) === row) this.#openByClient.delete(row.clientId)
    }
    this.#closed.set(id, this.#lastRecord)
    this.#feed.touch(id, soonMs)
    const [oldest] = this.#closed
    if (this.#closed.size > mostClosed && oldest !== undefined) this.#shorten(...oldest)
    this.#dropNames()
  }

  get #lastRecord(): number {
    return this.#ring.next - 1
  }

  /** What has become of a packet, or of a Will, can be told when its connection is closed. */
  #noteLate(id: number): void {
    if (this.#closed.has(id)) this.#closed.set(id, this.#lastRecord)
    const name = this.#names.get(id)
    if (name !== undefined) name.lastRecord = this.#lastRecord
  }

  /** Only the name stays. */
  #shorten(id: number, lastRecord: number): void {
    const name = { clientId: this.clientId(id), version: this.version(id), lastRecord }
    if (name.clientId !== undefined || name.version !== undefined) this.#names.set(id, name)
    this.#closed.delete(id)
    this.#rows.delete(id)
    this.#feed.touch(id, soonMs)
  }

  /** The oldest go, up to the first of which there is a record; one of which much was told late keeps a few others. */
  #dropNames(): void {
    for (const [id, { lastRecord }] of this.#names) {
      if (lastRecord >= this.#ring.first && this.#names.size <= mostNames) return
      this.#names.delete(id)
    }
  }
}
