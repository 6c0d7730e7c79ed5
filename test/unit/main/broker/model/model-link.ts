import { createConnectionPair } from '../../../../../app/mqtt/connection-pair.ts'
import type { NetworkConnection } from '../../../../../app/mqtt/network-connection.ts'
import type { Version } from '../../../../helpers/mqtt-octets.ts'
import { type Came, readPackets } from '../../../../helpers/mqtt-reading.ts'
import type { Sent } from './model-words.ts'

interface Travelling<T> {
  readonly octets: Buffer
  readonly packet: T
}

/** Octets under way in one direction, and the packets that they are. */
class Pipe<T> {
  readonly packets: Travelling<T>[] = []
  /** Octets of the first packet that have arrived already. */
  begun = 0

  get isEmpty(): boolean {
    return this.packets.length === 0
  }

  /** Takes at most so many octets of the first packet. @returns them, and the packet where they are its last */
  take(most: number): { octets: Buffer; packet: T | undefined } {
    const first = this.packets[0]
    if (first === undefined) return { octets: Buffer.alloc(0), packet: undefined }
    const octets = first.octets.subarray(this.begun, this.begun + most)
    this.begun += octets.length
    if (this.begun < first.octets.length) return { octets, packet: undefined }
    this.packets.shift()
    this.begun = 0
    return { octets, packet: first.packet }
  }

  /** Loses a packet of which nothing has arrived yet. */
  lose(mayBe: (packet: T) => boolean): T | undefined {
    const at = this.packets.findIndex(({ packet }, index) => (index > 0 || this.begun === 0) && mayBe(packet))
    return at < 0 ? undefined : this.packets.splice(at, 1)[0]?.packet
  }

  clear(): void {
    this.packets.length = 0
    this.begun = 0
  }
}

export interface LinkHost {
  /** The broker has written a packet; nobody has it yet. */
  written(link: ModelLink, came: Came): void
  /** The broker has ended the connection. */
  ended(link: ModelLink): void
}

/**
 * A Network Connection between a client of the model and the broker, on which octets travel only when they are told to.
 * What is still under way when it is cut is lost, as on TCP.
 */
export class ModelLink {
  readonly number: number
  readonly clientId: string
  readonly version: Version
  readonly toBroker = new Pipe<Sent>()
  readonly toClient = new Pipe<Came>()
  /** What the broker is given. */
  readonly brokerEnd: NetworkConnection
  readonly #far: NetworkConnection
  readonly #host: LinkHost
  #rest: Buffer = Buffer.alloc(0)
  #gone = false
  #muted = false
  /** The broker has ended it, or has heard of its end. */
  isOver = false
  isStalled = false
  /** Of the Session that it serves, by the model; 0 before CONNECT has arrived. */
  incarnation = 0
  /** A packet was lost in the middle of it, so that it has to be cut before anything is sent again. */
  isLossy = false

  constructor(number: number, clientId: string, version: Version, host: LinkHost) {
    this.number = number
    this.clientId = clientId
    this.version = version
    this.#host = host
    const [near, far] = createConnectionPair()
    this.#far = far
    this.brokerEnd = {
      remote: near.remote,
      listen: (handler) => near.listen(handler),
      write: (octets, origin) => {
        this.#wrote(octets)
        return near.write(octets, origin)
      },
      end: (reason) => near.end(reason),
      reset: (reason) => near.reset(reason),
      pause: () => near.pause(),
      resume: () => near.resume(),
    }
    far.listen({
      // What the broker wrote was seen when it wrote it; here it has only left the broker.
      octets: () => {},
      drained: () => {},
      ended: () => this.#ended(),
      closed: () => {
        this.#gone = true
        this.#ended()
      },
    })
    far.resume()
  }

  send(octets: Buffer, packet: Sent): void {
    this.toBroker.packets.push({ octets, packet })
  }

  /** Hands octets to the broker. */
  arrive(octets: Buffer): void {
    if (!this.#gone) this.#far.write(octets)
  }

  /** The broker learns that the connection is lost. */
  cut(): void {
    this.toBroker.clear()
    this.#far.reset('cut')
  }

  /** Nobody is told of it any more. */
  mute(): void {
    this.#muted = true
    this.isOver = true
  }

  /** Answers the FIN of the broker. */
  finish(): void {
    this.toBroker.clear()
    if (!this.#gone) this.#far.end()
  }

  /** What the broker writes from now on waits, and after some 64 KiB of it the broker is told. */
  stall(): void {
    this.isStalled = true
    this.#far.pause()
  }

  flow(): void {
    this.isStalled = false
    this.#far.resume()
  }

  #wrote(octets: Uint8Array): void {
    if (this.#muted) return
    const all = this.#rest.length === 0 ? Buffer.from(octets) : Buffer.concat([this.#rest, octets])
    const { packets, rest } = readPackets(all, this.version)
    this.#rest = rest
    for (const came of packets) {
      this.toClient.packets.push({ octets: came.octets, packet: came })
      this.#host.written(this, came)
    }
  }

  #ended(): void {
    if (this.isOver) return
    this.isOver = true
    this.#host.ended(this)
  }
}
