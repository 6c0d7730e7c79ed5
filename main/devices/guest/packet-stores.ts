import { type IStore, type Packet, Store } from 'mqtt'
import type { ClientMemory } from './client-memory.ts'

type Callback = (error?: Error, packet?: Packet) => void
type Named = Pick<Packet, 'messageId'>

/**
 * What MQTT.js asks for when it handles acknowledgements of messages that were sent. It would send all that is stored when
 * a new connection is accepted: one, then wait until it is acknowledged, then the next, and hold back everything else for
 * so long; and it leaves DUP at 0. One lost PUBACK would silence the device for good. So this store gives it nothing, and
 * tells the Publisher that the moment has come.
 */
export class OutgoingStore implements IStore {
  readonly #outgoing: ClientMemory['outgoing']
  readonly #events: { resume(): void; released(packetId: number): void }
  readonly #nothing = new Store()

  constructor(outgoing: ClientMemory['outgoing'], events: { resume(): void; released(packetId: number): void }) {
    this.#outgoing = outgoing
    this.#events = events
  }

  /** Nothing but PUBREL comes here: messages are stored by the Publisher. */
  put({ messageId: packetId }: Packet, done: (error?: Error) => void): this {
    if (packetId !== undefined) this.#outgoing.set(packetId, { type: 'PUBREL', packetId })
    done()
    return this
  }

  createStream() {
    this.#events.resume()
    return this.#nothing.createStream()
  }

  /** The handshake is finished. */
  del({ messageId = 0 }: Named, done: Callback): this {
    const known = this.#outgoing.delete(messageId)
    if (known) done(undefined)
    else done(new Error('missing packet'))
    // MQTT.js has freed the Packet Identifier by now, which the next message may need.
    if (known) this.#events.released(messageId)
    return this
  }

  get(_packet: Named, done: Callback): this {
    done(new Error('missing packet'))
    return this
  }

  close(done: (error?: Error) => void): void {
    done()
  }
}

/** Messages of QoS 2 between PUBLISH and PUBREL, where MQTT.js looks for them. */
export class IncomingStore implements IStore {
  readonly #packets: ClientMemory['incoming']
  readonly #nothing = new Store()

  constructor(packets: ClientMemory['incoming']) {
    this.#packets = packets
  }

  put(packet: Packet, done: (error?: Error) => void): this {
    if (packet.messageId !== undefined) this.#packets.set(packet.messageId, packet)
    done()
    return this
  }

  createStream() {
    return this.#nothing.createStream()
  }

  del(packet: Named, done: Callback): this {
    this.get(packet, (error, found) => {
      this.#packets.delete(packet.messageId ?? 0)
      done(error, found)
    })
    return this
  }

  get({ messageId = 0 }: Named, done: Callback): this {
    const found = this.#packets.get(messageId)
    if (found === undefined) done(new Error('missing packet'))
    else done(undefined, found)
    return this
  }

  close(done: (error?: Error) => void): void {
    done()
  }
}
