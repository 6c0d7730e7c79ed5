import { type IPublishPacket, type IStore, type Packet, Store } from 'mqtt'

/** A message whose handshake is not finished, and how far it is: to be sent again, or to be released (QoS 2). */
export type Unacknowledged =
  | {
      readonly type: 'PUBLISH'
      readonly packetId: number
      readonly topic: string
      readonly payload: Uint8Array
      readonly qos: 1 | 2
      readonly retain: boolean
    }
  | { readonly type: 'PUBREL'; readonly packetId: number }

type Callback = (error?: Error, packet?: Packet) => void

/**
 * The QoS 1 and 2 messages that a client has sent and that are not acknowledged yet, in the order of sending; from PUBREC
 * on, the PUBREL takes a message's place. They outlive the connection, not the power.
 *
 * MQTT.js asks its store for them when a new connection is accepted, and then sends one, waits until it is acknowledged,
 * sends the next, and holds back everything else for so long; and it leaves DUP at 0. One lost PUBACK would silence the
 * device for good. So this store gives it nothing, and sends all of them itself at that moment, in order
 * [MQTT-4.4.0-1, MQTT-4.6.0-1], with DUP [MQTT-3.3.1-1].
 */
export class OutgoingMessages implements IStore {
  readonly #packets = new Map<number, Packet>()
  readonly #sendAgain: (packet: Unacknowledged) => void
  readonly #nothing = new Store()

  constructor(sendAgain: (packet: Unacknowledged) => void) {
    this.#sendAgain = sendAgain
  }

  put(packet: Packet, done: (error?: Error) => void): this {
    if (packet.messageId !== undefined) this.#packets.set(packet.messageId, packet)
    done()
    return this
  }

  createStream() {
    for (const [packetId, packet] of this.#packets) {
      if (packet.cmd === 'publish') {
        const { topic, payload, qos, retain } = packet as IPublishPacket
        this.#sendAgain({
          type: 'PUBLISH',
          packetId,
          topic,
          payload: Buffer.from(payload),
          qos: qos === 2 ? 2 : 1,
          retain,
        })
      } else {
        this.#sendAgain({ type: 'PUBREL', packetId })
      }
    }
    return this.#nothing.createStream()
  }

  del({ messageId = 0 }: Pick<Packet, 'messageId'>, done: Callback): this {
    const packet = this.#packets.get(messageId)
    this.#packets.delete(messageId)
    this.#answer(packet, done)
    return this
  }

  get({ messageId = 0 }: Pick<Packet, 'messageId'>, done: Callback): this {
    this.#answer(this.#packets.get(messageId), done)
    return this
  }

  /** A Session with Clean Session lasts as long as its Network Connection [MQTT-3.1.2-6]. */
  clear(): void {
    this.#packets.clear()
  }

  close(done: (error?: Error) => void): void {
    done()
  }

  #answer(packet: Packet | undefined, done: Callback): void {
    if (packet === undefined) done(new Error('missing packet'))
    else done(undefined, packet)
  }
}
