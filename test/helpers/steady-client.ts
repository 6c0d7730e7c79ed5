import { once } from 'node:events'
import { connect as openSocket, type Socket } from 'node:net'
import type { Address } from './conformance-client.ts'
import { ack, connect, octets, publish, type QoS, subscribe, type Version } from './mqtt-octets.ts'
import { type Came, readPackets } from './mqtt-reading.ts'

/** Hears of each packet that a steady client gets. */
export type Witness = () => void

/** A client that keeps its half of the Session over any number of Network Connections, as the specification demands. */
abstract class SteadyClient {
  readonly id: string
  readonly version: Version
  /** What the broker has done wrong. */
  readonly complaints: string[] = []
  readonly #witness: Witness
  #socket: Socket | undefined
  #wasThere = false
  #isServed = false

  constructor(id: string, version: Version, witness: Witness) {
    this.id = id
    this.version = version
    this.#witness = witness
  }

  get isServed(): boolean {
    return this.#isServed
  }

  /** Opens a Network Connection; whether the broker answers on it is another question. */
  async join(address: Address): Promise<void> {
    const socket = openSocket({ host: address.host, port: address.port, noDelay: true })
    this.#socket = socket
    this.#isServed = false
    let rest: Buffer = Buffer.alloc(0)
    // A broker that is killed ends it in any way there is.
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#socket === socket) this.#isServed = false
    })
    socket.on('data', (chunk) => {
      const read = readPackets(Buffer.concat([rest, chunk]), this.version)
      rest = read.rest
      for (const came of read.packets) {
        if (this.#socket !== socket) return
        this.#take(came)
        this.#witness()
      }
    })
    await Promise.race([once(socket, 'connect'), once(socket, 'close')])
    const properties = this.version === 5 ? [['sessionExpiryInterval', 0xffffffff] as const] : []
    this.send(connect({ version: this.version, id: this.id, clean: false, properties }))
  }

  leave(): void {
    this.#socket?.destroy()
    this.#socket = undefined
    this.#isServed = false
  }

  protected send(packet: Uint8Array): void {
    if (this.#socket?.writable) this.#socket.write(packet)
  }

  #take(came: Came): void {
    if (came.kind !== 'CONNACK') {
      this.taken(came)
      return
    }
    if (came.code !== 0) this.complaints.push(`${this.id} was refused with ${came.code}`)
    if (this.#wasThere && !came.sessionPresent) this.complaints.push(`the Session of ${this.id} was lost`)
    this.#wasThere = true
    this.#isServed = true
    this.resumed()
  }

  /** CONNACK has come. */
  protected abstract resumed(): void
  protected abstract taken(came: Came): void
}

export interface SteadyTopic {
  readonly topic: string
  readonly qos: 1 | 2
  readonly retain: boolean
}

interface Unfinished {
  readonly topic: string
  readonly number: number
  readonly qos: QoS
  readonly retain: boolean
  isReceived: boolean
}

/** Publishes numbers, as many at a time as its window has room for, in order to each of its topics. */
export class SteadyPublisher extends SteadyClient {
  /** Highest number that was acknowledged to the end, by topic. */
  readonly acknowledged = new Map<string, number>()
  isPaused = false
  readonly #topics: readonly SteadyTopic[]
  readonly #window: number
  readonly #unfinished = new Map<number, Unfinished>()
  readonly #last = new Map<string, number>()
  #packetId = 0
  #turn = 0

  constructor(
    id: string,
    version: Version,
    witness: Witness,
    options: { topics: readonly SteadyTopic[]; window: number },
  ) {
    super(id, version, witness)
    this.#topics = options.topics
    this.#window = options.window
  }

  get unfinished(): number {
    return this.#unfinished.size
  }

  /** The highest number of each topic that was ever sent. */
  get sent(): ReadonlyMap<string, number> {
    return this.#last
  }

  protected resumed(): void {
    for (const [packetId, message] of this.#unfinished) {
      if (message.isReceived) this.send(ack('PUBREL', packetId))
      else this.#publish(packetId, message, true)
    }
    this.#fill()
  }

  protected taken({ kind, packetId, code }: Came): void {
    const message = this.#unfinished.get(packetId)
    // PUBREL had come through, and PUBCOMP had not: that is no mistake when Sessions are resumed [MQTT 5 §3.7.2.1].
    const isKnown = kind === 'PUBCOMP' && code === 0x92
    if (code >= 0x80 && !isKnown) this.complaints.push(`${this.id} got ${kind} with ${code}`)
    if (message === undefined) return
    if (kind === 'PUBREC') {
      message.isReceived = true
      // PUBREL goes out in the order of PUBREC, also the next time [MQTT-4.6.0-4].
      this.#unfinished.delete(packetId)
      this.#unfinished.set(packetId, message)
      this.send(ack('PUBREL', packetId))
    } else if (kind === 'PUBACK' || kind === 'PUBCOMP') {
      this.#unfinished.delete(packetId)
      const before = this.acknowledged.get(message.topic) ?? 0
      this.acknowledged.set(message.topic, Math.max(before, message.number))
      this.#fill()
    }
  }

  #fill(): void {
    while (!this.isPaused && this.#unfinished.size < this.#window) {
      const { topic, qos, retain } = this.#topics[this.#turn++ % this.#topics.length] as SteadyTopic
      const number = (this.#last.get(topic) ?? 0) + 1
      this.#last.set(topic, number)
      do this.#packetId = (this.#packetId % 65_535) + 1
      while (this.#unfinished.has(this.#packetId))
      const message: Unfinished = { topic, number, qos, retain, isReceived: false }
      this.#unfinished.set(this.#packetId, message)
      this.#publish(this.#packetId, message, false)
    }
  }

  #publish(packetId: number, { topic, number, qos, retain }: Unfinished, dup: boolean): void {
    this.send(publish(this.version, topic, String(number), { qos, retain, dup, packetId }))
  }
}

/** Writes down every number that it gets. */
export class SteadySubscriber extends SteadyClient {
  /** By topic, in the order in which they came; of QoS 2 each message once. */
  readonly received = new Map<string, number[]>()
  /** PUBLISH that came for something that it had, with and without DUP. */
  repeated = 0
  readonly #filter: string
  readonly #qos: 1 | 2
  /** Packet Identifiers of QoS 2 that were not released. */
  readonly #stored = new Set<number>()
  #isSubscribed = false

  constructor(id: string, version: Version, witness: Witness, options: { filter: string; qos: 1 | 2 }) {
    super(id, version, witness)
    this.#filter = options.filter
    this.#qos = options.qos
  }

  get isSubscribed(): boolean {
    return this.#isSubscribed
  }

  protected resumed(): void {
    if (!this.#isSubscribed) this.send(subscribe(this.version, 1, [[this.#filter, this.#qos]]))
  }

  protected taken(came: Came): void {
    const { kind, packetId, qos } = came
    if (kind === 'SUBACK') this.#isSubscribed = true
    else if (kind === 'PUBREL') {
      this.#stored.delete(packetId)
      this.send(ack('PUBCOMP', packetId))
    } else if (kind === 'PUBLISH' && qos === 1) {
      this.#note(came)
      this.send(ack('PUBACK', packetId))
    } else if (kind === 'PUBLISH' && qos === 2) {
      if (this.#stored.has(packetId)) {
        this.repeated += 1
        if (!came.dup) this.complaints.push(`${this.id} got ${packetId} again without DUP`)
      } else this.#note(came)
      this.#stored.add(packetId)
      this.send(ack('PUBREC', packetId))
    }
  }

  #note({ topic, text }: Came): void {
    const list = this.received.get(topic)
    if (list === undefined) this.received.set(topic, [Number(text)])
    else list.push(Number(text))
  }
}

/** All that the broker has retained under a filter, by topic. */
export async function retainedOf(address: Address, filter: string): Promise<Map<string, number>> {
  const socket = openSocket({ host: address.host, port: address.port, noDelay: true })
  const found = new Map<string, number>()
  // PINGRESP comes after what SUBSCRIBE brings: those are sent in the turn in which it is granted.
  socket.write(octets(connect({ id: 'retained-reader' }), subscribe(4, 1, [[filter, 0]]), Buffer.of(0xc0, 0)))
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of socket) {
    const read = readPackets(Buffer.concat([rest, chunk as Buffer]), 4)
    rest = read.rest
    for (const { kind, topic, text } of read.packets) {
      if (kind === 'PUBLISH') found.set(topic, Number(text))
      if (kind === 'PINGRESP') {
        socket.destroy()
        return found
      }
    }
  }
  throw new Error('the broker closed before it had sent what is retained')
}
