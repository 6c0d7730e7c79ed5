import { PacketError } from '../../../app/mqtt/packets.ts'
import { codes } from './reason-codes.ts'

/** The Topic Aliases of one Network Connection, both ways [MQTT 5 §3.3.2.3.4]. They end with it. */
export class ClientAliases {
  readonly #maximum: number
  readonly #fromClient = new Map<number, string>()
  readonly #toClient = new Map<string, number>()
  #allowed = 0

  /** @param maximum what the broker takes from the client */
  constructor(maximum: number) {
    this.#maximum = maximum
  }

  /** @param maximum the client's Topic Alias Maximum */
  clientAllows(maximum: number): void {
    this.#allowed = maximum
  }

  /** The topic of a PUBLISH that came. @throws PacketError 0x94 for an alias over the maximum, 0x82 for one never set */
  resolve(topic: string, alias: number): string {
    if (alias === 0) return topic
    if (alias > this.#maximum) {
      throw new PacketError(
        codes.topicAliasInvalid,
        `Topic Alias ${alias} is over the Topic Alias Maximum of ${this.#maximum} [MQTT-3.3.2-9]`,
      )
    }
    if (topic !== '') {
      this.#fromClient.set(alias, topic)
      return topic
    }
    const known = this.#fromClient.get(alias)
    if (known === undefined) {
      throw new PacketError(codes.protocolError, `Topic Alias ${alias} stands for no topic [MQTT 5 §3.3.2.3.4]`)
    }
    return known
  }

  /**
   * The alias with which to send a topic: 0 for none, negative where the client knows it already. The first topics get
   * one each, and keep it; but none that is no longer than an alias, which takes three octets in each packet.
   */
  forTopic(topic: string): number {
    if (this.#allowed === 0 || isShort(topic)) return 0
    const known = this.#toClient.get(topic)
    if (known !== undefined) return -known
    if (this.#toClient.size >= this.#allowed) return 0
    const alias = this.#toClient.size + 1
    this.#toClient.set(topic, alias)
    return alias
  }

  /** The packet that was to set it was not sent. It was the newest. */
  forget(topic: string): void {
    this.#toClient.delete(topic)
  }
}

/** Octets count; a name of more UTF-16 units than that has no fewer. */
function isShort(topic: string): boolean {
  return topic.length <= 3 && Buffer.byteLength(topic) <= 3
}
