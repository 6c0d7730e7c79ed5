import { generate, type IConnectPacket, type Packet } from 'mqtt-packet'
import type { Captured, CapturedPacket, ConnectionEvent } from '../../app/capture/captured.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'

/** A millisecond in the capture's unit. */
export const ms = 1e6

/** mqtt-packet wants of some packets what only MQTT 5 has. */
type PacketLike = { readonly cmd: Packet['cmd']; readonly [field: string]: unknown }

type Publish = {
  readonly topic?: string
  readonly payload?: string
  readonly qos?: 0 | 1 | 2
  readonly id?: number
  readonly dup?: boolean
  readonly retain?: boolean
  readonly origin?: Origin
}

/**
 * Records of a capture, written by hand: who says what, in order. Time goes on by 1 ms with every record, and by what
 * `wait` says.
 */
export class Conversation {
  readonly records: Captured[] = []
  #time = 0
  #connections = 0
  readonly #version: 4 | 5

  constructor(version: 4 | 5 = 4) {
    this.#version = version
  }

  get time(): number {
    return this.#time
  }

  wait(milliseconds: number): void {
    this.#time += milliseconds * ms
  }

  event(connection: number, event: ConnectionEvent): number {
    this.#time += ms
    const number = this.records.length + 1
    this.records.push({ kind: 'event', number, time: this.#time, connection, event })
    return number
  }

  packet(connection: number, direction: Direction, packet: Packet | PacketLike | Uint8Array, origin?: Origin): number {
    const octets =
      packet instanceof Uint8Array ? packet : generate(packet as Packet, { protocolVersion: this.#version })
    this.#time += ms
    const number = this.records.length + 1
    const common = { number, time: this.#time, connection, direction, origin }
    const record: CapturedPacket = { kind: 'packet', octets, length: octets.length, malformed: false, ...common }
    this.records.push(record)
    return number
  }

  /** A client that connects, and is let in. */
  connect(clientId: string, options: Partial<IConnectPacket> & { readonly present?: boolean } = {}): Talk {
    const { present = false, ...rest } = options
    const connection = ++this.#connections
    this.event(connection, { type: 'opened', transport: 'tcp', remote: '127.0.0.1:50000' })
    const protocolVersion = this.#version
    this.packet(connection, 'to broker', {
      cmd: 'connect',
      clientId,
      protocolVersion,
      clean: true,
      keepalive: 0,
      ...rest,
    } as Packet)
    const code = this.#version === 5 ? { reasonCode: 0 } : { returnCode: 0 }
    this.packet(connection, 'to client', { cmd: 'connack', sessionPresent: present, ...code } as Packet)
    return new Talk(this, connection)
  }

  /** A connection that was there before the capture began. */
  unseen(): Talk {
    return new Talk(this, ++this.#connections)
  }
}

/** What is said over one connection. All methods give the number of the record. */
export class Talk {
  readonly connection: number
  readonly #capture: Conversation

  constructor(capture: Conversation, connection: number) {
    this.#capture = capture
    this.connection = connection
  }

  /** The client publishes. */
  publish(what: Publish = {}): number {
    return this.#capture.packet(this.connection, 'to broker', publishOf(what))
  }

  /** The broker sends it a message. */
  deliver(what: Publish = {}): number {
    return this.#capture.packet(this.connection, 'to client', publishOf(what), what.origin)
  }

  /** The client sends PUBACK, PUBREC, PUBREL or PUBCOMP. */
  says(cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', messageId: number, reasonCode?: number): number {
    return this.#answer('to broker', cmd, messageId, reasonCode)
  }

  /** The broker does. */
  hears(cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', messageId: number, reasonCode?: number): number {
    return this.#answer('to client', cmd, messageId, reasonCode)
  }

  subscribe(topic: string, qos: 0 | 1 | 2 = 2): void {
    const subscriptions = [{ topic, qos, nl: false, rap: false, rh: 0 }]
    this.#capture.packet(this.connection, 'to broker', { cmd: 'subscribe', messageId: 1, subscriptions } as Packet)
    this.#capture.packet(this.connection, 'to client', { cmd: 'suback', messageId: 1, granted: [qos] } as Packet)
  }

  disconnect(): void {
    this.#capture.packet(this.connection, 'to broker', { cmd: 'disconnect' })
    this.#capture.event(this.connection, { type: 'closed', by: 'client', cause: 'fin' })
  }

  cut(): void {
    this.#capture.event(this.connection, { type: 'closed', by: 'link', cause: 'rst' })
  }

  held(packet: number, by = 'breakpoint'): void {
    this.#capture.event(this.connection, { type: 'packet held', packet, by })
  }

  dropped(packet: number, by = 'rule'): void {
    this.#capture.event(this.connection, { type: 'packet dropped', packet, by })
  }

  sent(packet: number, what: { delay?: number; copies?: number; octets?: string; by?: string } = {}): void {
    const { delay = 0, copies = 1, octets, by = 'rule' } = what
    this.#capture.event(this.connection, {
      type: 'packet sent',
      packet,
      by,
      delay,
      copies,
      ...(octets !== undefined && { octets }),
    })
  }

  #answer(direction: Direction, cmd: string, messageId: number, reasonCode: number | undefined): number {
    const code = reasonCode === undefined ? {} : { reasonCode }
    return this.#capture.packet(this.connection, direction, { cmd, messageId, ...code } as Packet)
  }
}

function publishOf({ topic = 't', payload = 'x', qos = 0, id, dup = false, retain = false }: Publish): Packet {
  return { cmd: 'publish', topic, payload, qos, dup, retain, ...(id !== undefined && { messageId: id }) } as Packet
}
