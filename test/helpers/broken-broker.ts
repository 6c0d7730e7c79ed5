import { generate, type Packet, parser } from 'mqtt-packet'
import type { NetworkConnection, NetworkConnectionHandler, Origin } from '../../app/mqtt/network-connection.ts'

/** What becomes of a packet: those that go on in its place. */
export type Rewrite = (packet: Packet) => readonly Packet[]

/** A rule of the broker's that is broken on one connection. What is not there is as it should be. */
export interface Breakage {
  /** From the client, before the broker has it. */
  readonly toBroker?: Rewrite
  /** From the broker, before anybody else has it. */
  readonly toClient?: Rewrite
  /** The connection is gone. */
  readonly closed?: () => void
}

/**
 * A broker that breaks a rule, seen from outside: at its end of each connection packets are read and written anew. `begin` is
 * called once for each connection.
 */
export function breakingAt(begin: () => Breakage): (end: NetworkConnection) => NetworkConnection {
  return (end) => new BrokenEnd(end, begin())
}

class BrokenEnd implements NetworkConnection {
  readonly #end: NetworkConnection
  readonly #breakage: Breakage
  readonly #out: PacketStream
  /** As the CONNECT says, which comes before all that depends on it. */
  #version = 4

  constructor(end: NetworkConnection, breakage: Breakage) {
    this.#end = end
    this.#breakage = breakage
    this.#out = new PacketStream(() => this.#version)
  }

  get remote(): string {
    return this.#end.remote
  }

  listen(handler: NetworkConnectionHandler): void {
    const { closed, toBroker = unchanged } = this.#breakage
    const incoming = new PacketStream(() => this.#version)
    this.#end.listen({
      octets: (octets, origin) => {
        for (const packet of incoming.read(octets)) {
          if (packet.cmd === 'connect') this.#version = packet.protocolVersion ?? 4
          for (const next of toBroker(packet)) handler.octets(incoming.write(next), origin)
        }
      },
      ended: (reason) => handler.ended(reason),
      drained: () => handler.drained(),
      closed: (cause, reason) => {
        closed?.()
        handler.closed(cause, reason)
      },
    })
  }

  write(octets: Uint8Array, origin?: Origin): boolean {
    const { toClient = unchanged } = this.#breakage
    let hasRoom = true
    for (const packet of this.#out.read(octets)) {
      for (const next of toClient(packet)) hasRoom = this.#end.write(this.#out.write(next), origin)
    }
    return hasRoom
  }

  end(reason?: string): void {
    this.#end.end(reason)
  }

  reset(reason?: string): void {
    this.#end.reset(reason)
  }

  pause(): void {
    this.#end.pause()
  }

  resume(): void {
    this.#end.resume()
  }
}

/** Packets of one direction. */
class PacketStream {
  readonly #version: () => number
  readonly #parser = parser()
  #packets: Packet[] = []
  #known = 0

  constructor(version: () => number) {
    this.#version = version
    this.#parser.on('packet', (packet) => this.#packets.push(packet))
    this.#parser.on('error', (error: Error) => {
      throw error
    })
  }

  read(octets: Uint8Array): Packet[] {
    // From what it has read of a CONNECT the parser goes on by itself; towards the client there is none.
    if (this.#known !== this.#version()) {
      this.#known = this.#version()
      Object.assign(this.#parser, { settings: { protocolVersion: this.#known } })
    }
    this.#parser.parse(Buffer.from(octets))
    const packets = this.#packets
    this.#packets = []
    return packets
  }

  write(packet: Packet): Uint8Array {
    return generate(packet, { protocolVersion: this.#version() })
  }
}

function unchanged(packet: Packet): readonly Packet[] {
  return [packet]
}
