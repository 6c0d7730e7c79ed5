import type { Captured, ConnectionEvent } from '../../app/capture/captured.ts'
import type { Malformation } from '../../app/mqtt/framer.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'

const firstOctets = 16 * 1024
const columnOctets = 8 + 8 + 4 + 4 + 4 + 1
const flag = { toClient: 1, will: 2 } as const

const utf8 = new TextEncoder()

/**
 * A run of consecutive records in columns, so that a packet costs its octets and some 29 more and no object. It is
 * filled, read, and let go of whole.
 */
export class Segment {
  #first: number
  readonly #capacity: number
  readonly #mostOctets: number
  readonly #times: Float64Array
  readonly #messages: Float64Array
  readonly #connections: Uint32Array
  readonly #publishers: Uint32Array
  readonly #ends: Uint32Array
  readonly #flags: Uint8Array
  /** What is rare lies beside the columns, by the record's position. */
  readonly #events = new Map<number, ConnectionEvent>()
  readonly #malformed = new Map<number, Malformation>()
  /** The length on the wire of packets that were kept in part. */
  readonly #lengths = new Map<number, number>()
  /** Client Identifiers, and where they are in the list, from 1. */
  readonly #publisherList: (string | undefined)[] = [undefined]
  readonly #publisherIndex = new Map<string, number>()
  #octets: Uint8Array
  #count = 0
  #asideOctets = 0

  /**
   * @param first the number of its first record
   * @param mostOctets how many octets it takes; a larger record is taken only as the first.
   */
  constructor(first: number, capacity: number, mostOctets: number) {
    this.#first = first
    this.#capacity = capacity
    this.#mostOctets = mostOctets
    this.#times = new Float64Array(capacity)
    this.#messages = new Float64Array(capacity)
    this.#connections = new Uint32Array(capacity)
    this.#publishers = new Uint32Array(capacity)
    this.#ends = new Uint32Array(capacity)
    this.#flags = new Uint8Array(capacity)
    this.#octets = new Uint8Array(Math.min(firstOctets, mostOctets))
  }

  /** The number of its first record. */
  get first(): number {
    return this.#first
  }

  get count(): number {
    return this.#count
  }

  /** Octets of memory that it takes, columns included. */
  get size(): number {
    return this.#octets.length + this.#capacity * columnOctets + this.#asideOctets
  }

  /** Octets of memory that one takes when it is full, besides what is rare. */
  static sizeOf(capacity: number, mostOctets: number): number {
    return mostOctets + capacity * columnOctets
  }

  /** Lets go of its records, and begins anew in the same memory: new memory must be cleared, and grown into. */
  reuse(first: number): void {
    this.#first = first
    this.#count = 0
    this.#asideOctets = 0
    this.#events.clear()
    this.#malformed.clear()
    this.#lengths.clear()
    this.#publisherIndex.clear()
    this.#publisherList.length = 1
    // What was larger than a segment takes is not kept for what is smaller.
    if (this.#octets.length > this.#mostOctets) this.#octets = new Uint8Array(this.#mostOctets)
  }

  fits(octets: number): boolean {
    return this.#count < this.#capacity && (this.#count === 0 || this.#used + octets <= this.#mostOctets)
  }

  addPacket(
    time: number,
    connection: number,
    direction: Direction,
    octets: Uint8Array,
    malformed: Malformation | false,
    origin: Origin | undefined,
    length: number,
  ): void {
    const index = this.#count
    if (malformed) this.#malformed.set(index, malformed)
    if (length !== octets.length) this.#lengths.set(index, length)
    this.#messages[index] = origin === undefined ? 0 : origin.message
    this.#publishers[index] = origin === undefined ? 0 : this.#indexOf(origin.clientId)
    this.#flags[index] = (direction === 'to client' ? flag.toClient : 0) | (origin?.kind === 'will' ? flag.will : 0)
    this.#append(time, connection, octets)
  }

  addEvent(time: number, connection: number, event: ConnectionEvent): void {
    this.#events.set(this.#count, event)
    this.#asideOctets += utf8.encode(JSON.stringify(event)).length
    this.#append(time, connection, none)
  }

  /** The record at this position, from 0 to `count` - 1. */
  at(index: number): Captured {
    const common = {
      number: this.first + index,
      time: this.#times[index] as number,
      connection: this.#connections[index] as number,
    }
    const event = this.#events.get(index)
    if (event) return { kind: 'event', ...common, event }
    const flags = this.#flags[index] as number
    const message = this.#messages[index] as number
    const kind = flags & flag.will ? 'will' : 'publish'
    const clientId = this.#publisherList[this.#publishers[index] as number]
    const octets = this.#octets.subarray(index === 0 ? 0 : this.#ends[index - 1], this.#ends[index])
    return {
      kind: 'packet',
      ...common,
      direction: flags & flag.toClient ? 'to client' : 'to broker',
      octets,
      length: this.#lengths.get(index) ?? octets.length,
      malformed: this.#malformed.get(index) ?? false,
      origin: message === 0 ? undefined : { message, kind, clientId },
    }
  }

  get #used(): number {
    return this.#count === 0 ? 0 : (this.#ends[this.#count - 1] as number)
  }

  #append(time: number, connection: number, octets: Uint8Array): void {
    const used = this.#used
    const end = used + octets.length
    if (end > this.#octets.length) this.#grow(end)
    this.#octets.set(octets, used)
    this.#times[this.#count] = time
    this.#connections[this.#count] = connection
    this.#ends[this.#count] = end
    this.#count += 1
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#octets.length, this.#mostOctets)))
    larger.set(this.#octets.subarray(0, this.#used))
    this.#octets = larger
  }

  #indexOf(clientId: string | undefined): number {
    if (clientId === undefined) return 0
    const known = this.#publisherIndex.get(clientId)
    if (known !== undefined) return known
    const index = this.#publisherList.push(clientId) - 1
    this.#publisherIndex.set(clientId, index)
    this.#asideOctets += 2 * clientId.length
    return index
  }
}

const none = new Uint8Array(0)
