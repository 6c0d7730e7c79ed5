import { Aedes, type AedesOptions, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import type { Origin } from '../../app/mqtt/network-connection.ts'
import type { OutgoingStore } from './outgoing-queues.ts'
import type { Connect } from './session-table.ts'

/** What a client of aedes 1.2.0 has and its types do not say. */
export interface AedesClient extends Client {
  /** The very packet that aedes hands to `authorizePublish` and `publish` when it publishes the will. */
  readonly will: PublishPacket | null
  /** DISCONNECT was received. */
  readonly _disconnected: boolean
}

/** Hears of every message before anybody is given it; `client` is undefined when the broker itself publishes. */
type OnPublish = (packet: PublishPacket, client: AedesClient | undefined) => void

/**
 * aedes, with a number for every message. All that is published passes through `publish`, and from there the payload's
 * buffer travels by identity: through copies of the packet, the retained store and the queues in memory, into the writes
 * of the stream. So the buffer tells the Origin wherever it comes out. A message that reaches the wire by another way has
 * an unknown buffer, and no Origin rather than a wrong one.
 */
export class NumberingAedes extends Aedes {
  readonly #onPublish: OnPublish
  readonly #origins = new WeakMap<Uint8Array, Origin>()
  #messages = 0

  constructor(options: AedesOptions, onPublish: OnPublish) {
    super(options)
    this.#onPublish = onPublish
  }

  /** The Origin of the message with this payload: the same buffer, not an equal one. */
  originOf(payload: Uint8Array): Origin | undefined {
    return this.#origins.get(payload)
  }

  /** Where aedes keeps what is not acknowledged. */
  get outgoing(): OutgoingStore {
    return (this as unknown as { persistence: OutgoingStore }).persistence
  }

  /** aedes itself calls this with the client before the callback. */
  override publish(packet: PublishPacket, ...rest: unknown[]): void {
    const client = typeof rest[0] === 'object' && rest[0] !== null ? (rest[0] as AedesClient) : undefined
    const kind = client?.will === packet ? 'will' : 'publish'
    const payload = this.#own(packet.payload)
    packet.payload = payload
    this.#messages += 1
    this.#origins.set(payload, { message: this.#messages, kind, clientId: client?.id })
    this.#onPublish(packet, client)
    ;(super.publish as (packet: PublishPacket, ...rest: unknown[]) => void).call(this, packet, ...rest)
  }

  /** Two messages must never share a buffer; one that is known already gets a view of its own. */
  #own(payload: string | Buffer): Buffer {
    if (typeof payload === 'string') return Buffer.from(payload)
    if (!this.#origins.has(payload)) return payload
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  }
}

/** Translates CONNECT from aedes' words. */
export function toConnect(client: Client, packet: ConnectPacket): Connect {
  const will = packet.will
  return {
    clientId: client.id,
    protocolVersion: packet.protocolVersion ?? 4,
    clean: packet.clean ?? true,
    keepAlive: packet.keepalive ?? 0,
    will: will && {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: will.qos ?? 0,
      retain: will.retain ?? false,
    },
  }
}

/** aedes gives a topic no more levels than its matcher takes. */
const mostLevels = 100

/** Why nobody but the broker may publish to this topic; undefined when everybody may. */
export function publishRefusal(topic: string): string | undefined {
  if (topic.startsWith('$SYS/')) return 'topics under $SYS/ are reserved'
  // Cheap for the topics that are used: so many levels take at least so many characters.
  if (topic.length < mostLevels || topic.split('/', mostLevels + 1).length <= mostLevels) return undefined
  return 'the topic has too many levels'
}

/** Why aedes has given up on a client, in words. */
export function reasonOf(error: Error & { errorCode?: number }): string {
  if (error.errorCode === 1) return 'refused: this broker does not speak the protocol version that CONNECT asks for'
  if (error.errorCode !== undefined) return `refused: ${error.message}`
  switch (error.message) {
    case 'keep alive timeout':
      return 'keep alive ran out'
    case 'connect did not arrive in time':
      return 'no CONNECT came in time'
    case 'drain timeout':
      return 'the client has stopped reading'
    default:
      return `protocol error: ${error.message}`
  }
}
