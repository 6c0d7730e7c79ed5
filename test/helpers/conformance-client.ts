import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect as openSocket, type Socket } from 'node:net'
import { expect } from 'vitest'
import {
  ack,
  type Connect,
  connect,
  disconnect,
  type Filter,
  type Kind,
  type Octets,
  octets,
  type Part,
  type PropertyList,
  type Publish,
  pingreq,
  publish,
  subscribe,
  unsubscribe,
  type Version,
} from './mqtt-octets.ts'
import { type Came, describeCame, readPackets } from './mqtt-reading.ts'
import { patience, until } from './until.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** What the fences below are called; nothing else may be. */
const fencePrefix = 'conformance-fence/'
let fences = 0

/**
 * A client that is a socket: it sends any octets, answers nothing by itself, and keeps what comes until a test asks for
 * it. What comes must be well-formed: a broken packet of the broker fails whatever waits next.
 */
export class ConformanceClient {
  readonly version: Version
  readonly socket: Socket
  /** What came and no test has asked for yet, oldest first. Fences are left out. */
  readonly unread: Came[] = []
  /** FIN or RST came. */
  closed = false
  #rest: Buffer = Buffer.alloc(0)
  #broken: Error | undefined
  readonly #fences = new Set<string>()
  #packetId = 0
  readonly #wake: (() => void)[] = []
  readonly #patience: number

  private constructor(socket: Socket, version: Version, patience: number) {
    this.socket = socket
    this.version = version
    this.#patience = patience
    socket.on('data', (chunk) => {
      this.#read(chunk)
      this.#changed()
    })
    const end = () => {
      this.closed = true
      this.#changed()
    }
    // RST, which is an error to the system, is one way to close a Network Connection.
    for (const way of ['end', 'close', 'error']) socket.on(way, end)
  }

  /** @param within for how many milliseconds it waits for anything before that is a failure. */
  static async open(address: Address, version: Version, within = patience): Promise<ConformanceClient> {
    const socket = openSocket({ ...address, noDelay: true })
    await once(socket, 'connect')
    return new ConformanceClient(socket, version, within)
  }

  #read(chunk: Buffer): void {
    if (this.#broken !== undefined) return
    try {
      const { packets, rest } = readPackets(Buffer.concat([this.#rest, chunk]), this.version)
      this.#rest = rest
      for (const came of packets) {
        if (came.topic.startsWith(fencePrefix)) this.#fences.add(came.topic)
        else this.unread.push(came)
      }
    } catch (error) {
      this.#broken = error as Error
    }
  }

  /** One write, so that all of it leaves in as few segments as possible. */
  send(...parts: readonly Part[]): void {
    this.socket.write(octets(...parts))
  }

  /** One segment for each octet. */
  async sendOctetByOctet(bytes: Buffer): Promise<void> {
    for (const octet of bytes) {
      await new Promise((resolve) => this.socket.write(Buffer.of(octet), resolve))
      await new Promise(setImmediate)
    }
  }

  /** Sends CONNECT and gives the CONNACK, whatever it says. */
  async connect(options: Connect): Promise<Came> {
    this.send(connect({ ...options, version: options.version ?? this.version }))
    return this.receive('CONNACK')
  }

  /** The oldest unread packet of a kind; it is read with that. Fails when the connection closes without one. */
  receive(kind: Kind, isIt: (came: Came) => boolean = () => true): Promise<Came> {
    return this.#wait(`${kind} comes`, () => {
      const index = this.unread.findIndex((came) => came.kind === kind && isIt(came))
      return index >= 0 && this.unread.splice(index, 1)[0]
    })
  }

  /** So many of a kind, in the order in which they came. */
  async receiveAll(kind: Kind, count: number): Promise<Came[]> {
    const all: Came[] = []
    while (all.length < count) all.push(await this.receive(kind))
    return all
  }

  /** All of a kind that have come, at least one. */
  async receiveSome(kind: Kind): Promise<Came[]> {
    const some = [await this.receive(kind)]
    for (const came of this.unread.splice(0)) (came.kind === kind ? some : this.unread).push(came)
    return some
  }

  /** The next packet, of whatever kind. */
  next(): Promise<Came> {
    return this.#wait('something comes', () => this.unread.shift())
  }

  async #wait<T>(what: string, probe: () => T | undefined | false): Promise<T> {
    const told = () => `unread: ${this.unread.slice(0, 20).map(describeCame).join(' ') || 'nothing'}`
    const deadline = performance.now() + this.#patience
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken
      const found = probe()
      if (found !== undefined && found !== false) return found
      if (this.closed) throw new Error(`the broker closed the Network Connection before ${what}; ${told()}`)
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`waited ${this.#patience} ms in vain until ${what}; ${told()}`)
      await this.#somethingNew(left)
    }
  }

  /** Settles when something has come, or after that many milliseconds. */
  #somethingNew(within: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, within)
      this.#wake.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Settles when the broker has closed; gives what came before that and was not read. */
  async closing(): Promise<Came[]> {
    await until(`the broker closes (${this.unread.map(describeCame).join(' ')})`, () => this.closed, this.#patience)
    if (this.#broken !== undefined) throw this.#broken
    return this.unread.splice(0)
  }

  /** A Packet Identifier that this client has not used yet. */
  packetId(): number {
    this.#packetId += 1
    return this.#packetId
  }

  /** Gives the SUBACK. Filters are `[filter, options]`; options are the QoS, and more in MQTT 5. */
  async subscribe(filters: readonly Filter[], list: PropertyList = []): Promise<Came> {
    const id = this.packetId()
    this.send(subscribe(this.version, id, filters, list))
    return this.receive('SUBACK', ({ packetId }) => packetId === id)
  }

  /** Gives the UNSUBACK. */
  async unsubscribe(filters: readonly Octets[]): Promise<Came> {
    const id = this.packetId()
    this.send(unsubscribe(this.version, id, filters))
    return this.receive('UNSUBACK', ({ packetId }) => packetId === id)
  }

  /** Goes through the whole handshake of the QoS; when it settles, the broker has taken the message. Gives the first answer. */
  async publish(topic: Octets, payload: Octets, options: Publish = {}): Promise<Came | undefined> {
    const { qos = 0 } = options
    if (qos === 0) {
      this.send(publish(this.version, topic, payload, options))
      await this.ping()
      return undefined
    }
    const id = options.packetId ?? this.packetId()
    this.send(publish(this.version, topic, payload, { ...options, packetId: id }))
    const answer = await this.receive(qos === 1 ? 'PUBACK' : 'PUBREC', ({ packetId }) => packetId === id)
    if (qos === 2 && answer.code < 0x80) {
      this.send(ack('PUBREL', id))
      await this.receive('PUBCOMP', ({ packetId }) => packetId === id)
    }
    return answer
  }

  /** Receives a PUBLISH and goes through the handshake of its QoS. */
  async take(): Promise<Came> {
    const came = await this.receive('PUBLISH')
    await this.answer(came)
    return came
  }

  async takeAll(count: number): Promise<Came[]> {
    const all: Came[] = []
    while (all.length < count) all.push(await this.take())
    return all
  }

  /** Acknowledges a PUBLISH to the end of its handshake. */
  async answer({ qos, packetId: id }: Came): Promise<void> {
    if (qos === 1) this.send(ack('PUBACK', id))
    if (qos === 2) {
      this.send(ack('PUBREC', id))
      await this.receive('PUBREL', ({ packetId }) => packetId === id)
      this.send(ack('PUBCOMP', id))
    }
  }

  async ping(): Promise<void> {
    this.send(pingreq)
    await this.receive('PINGRESP')
  }

  /**
   * Waits until what the broker still had to send because of what `publisher` published has come, and expects that no
   * packet is unread. The publisher publishes a fence after everything else, which the broker must not overtake.
   */
  async expectNothing(publisher: ConformanceClient = this): Promise<void> {
    await this.fence(publisher)
    expect(this.unread.map(describeCame)).toEqual([])
  }

  /** Waits until what `publisher` published before has come here. */
  async fence(publisher: ConformanceClient = this): Promise<void> {
    fences += 1
    const topic = `${fencePrefix}${process.pid}/${fences}`
    await this.subscribe([[topic, 0]])
    publisher.send(publish(publisher.version, topic, ''))
    await this.#wait('the fence comes', () => this.#fences.has(topic))
    await this.unsubscribe([topic])
    await this.ping()
  }

  /** Sends DISCONNECT, and settles when the broker has closed. */
  async disconnect(code?: number, list?: PropertyList): Promise<void> {
    this.send(disconnect(code, list))
    this.socket.end()
    await this.closing()
  }

  /** Ends the Network Connection without DISCONNECT, in order. */
  async hangUp(): Promise<void> {
    this.socket.end()
    await until('the broker closes too', () => this.closed)
  }

  /** Breaks the Network Connection: RST. */
  reset(): void {
    this.closed = true
    this.socket.resetAndDestroy()
  }
}
