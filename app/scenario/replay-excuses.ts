import { readConnect } from '../mqtt/codec/read-connect.ts'
import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import { decodePacket } from '../mqtt/decode.ts'
import { PacketError } from '../mqtt/packets.ts'
import { summarize } from '../mqtt/summary.ts'
import type { Excuse } from './replay-compare.ts'
import type { Observed } from './replay-observation.ts'
import { messageIdentity } from './replay-observer.ts'

/** What a recording shows of where a message, or a Session, comes from: what is not from within it cannot come again. */
export class ReplayExcuses {
  /** Messages that are published again. */
  readonly #published = new Set<string>()
  /** Messages that are not, and why. */
  readonly #leftOut = new Map<string, string>()
  /** Topic Aliases of clients, by connection and alias. */
  readonly #aliases = new Map<string, string>()
  /** Clients that the broker has let in, of those that connect again. */
  readonly #known = new Set<string>()
  /** Clients whose Session is older than the recording, and that have not subscribed in it. */
  readonly #older = new Set<string>()
  readonly #excuses = new WeakMap<Observed, string>()

  readonly excuse: Excuse = (observed) => this.#excuses.get(observed)

  /** A client sends CONNECT: its Will Message may come of it. */
  connects(octets: Uint8Array, leftOut: string | undefined): void {
    try {
      const { will } = readConnect(octets)
      if (will !== undefined) this.#publishes(messageIdentity(will.topic, will.payload), leftOut)
    } catch (error) {
      // What no broker can read is no will to any.
      if (!(error instanceof PacketError)) throw error
    }
  }

  /**
   * A client sends PUBLISH.
   *
   * @param length on the wire
   * @param leftOut why it is not sent again, in words; undefined where it is
   */
  publishes(
    connection: number,
    version: ProtocolVersion,
    octets: Uint8Array,
    length: number,
    leftOut: string | undefined,
  ): void {
    const { payload = new Uint8Array(0), topic = '' } = summarize(octets, version)
    const name = version === 5 ? this.#topic(connection, topic, octets, length) : topic
    this.#publishes(messageIdentity(name, payload, payload.length + length - octets.length), leftOut)
  }

  subscribes(clientId: string): void {
    this.#older.delete(clientId)
  }

  /** The broker has let a client in. */
  accepted(clientId: string, connack: Observed): void {
    if (connack.details['Session Present'] === '1' && !this.#known.has(clientId)) {
      this.#excuses.set(connack, 'the broker had its Session from before the recording began')
      this.#older.add(clientId)
    }
    this.#known.add(clientId)
  }

  /** A message has come to a client; gives whether it can be expected to come again. */
  delivered(clientId: string, message: Observed): boolean {
    if (this.#published.has(message.identity) && !this.#older.has(clientId)) return true
    this.#excuses.set(message, this.#why(clientId, message))
    return false
  }

  #why(clientId: string, { details, identity }: Observed): string {
    const leftOut = this.#leftOut.get(identity)
    if (this.#published.has(identity) || this.#older.has(clientId))
      return 'its Subscription is from before the recording began'
    if (leftOut !== undefined) return leftOut
    if (details['RETAIN'] === '1') return 'it was retained before the recording began'
    return 'nobody has published it within the recording'
  }

  #publishes(identity: string, leftOut: string | undefined): void {
    if (leftOut === undefined) this.#published.add(identity)
    else this.#leftOut.set(identity, leftOut)
  }

  #topic(connection: number, topic: string, octets: Uint8Array, length: number): string {
    const properties = decodePacket(octets, 5, length).fields.find(({ name }) => name === 'Properties')
    const alias = properties?.parts.find(({ name }) => name === 'Topic Alias')?.value
    if (alias === undefined) return topic
    const key = `${connection} ${alias}`
    if (topic !== '') this.#aliases.set(key, topic)
    return this.#aliases.get(key) ?? topic
  }
}
