import type { Clock } from '../../../app/base/clock.ts'
import { pingresp, writeAck } from '../../../app/mqtt/codec/write.ts'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import type { NetworkConnection, Origin } from '../../../app/mqtt/network-connection.ts'
import { type AckType, mostPacketOctets } from '../../../app/mqtt/packets.ts'
import type { Ending } from '../../../app/session/will.ts'
import { ClientAliases } from './client-aliases.ts'
import type { Counters } from './counters.ts'
import type { Limits } from './limits.ts'
import type { Outbox, OutboxClient } from './outbox.ts'
import { codes, shortened } from './reason-codes.ts'
import type { Copy, RoutedMessage } from './routed-message.ts'
import type { Turn } from './turn.ts'

/** What sending needs of the engine. */
export interface SendingHost {
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly turn: Turn
  readonly outbox: Outbox | undefined
}

/** A client as far as it is sent something: nothing larger than it takes, and nothing once it is over. */
export abstract class SendingClient implements OutboxClient {
  readonly aliases: ClientAliases
  readonly #engine: SendingHost
  readonly #end: NetworkConnection
  version: ProtocolVersion = 4
  /** In octets; what the client said in CONNECT, and never more than a packet can have. */
  maximumPacketSize = mostPacketOctets
  /** Whether it wants to be told reasons in words [MQTT-3.1.2-29]. */
  wantsReasons = false
  /** Its Network Connection is closed both ways. */
  protected isClosed = false
  /** Nothing more can be said to it. */
  protected hasHungUp = false
  /** It does not read what it is sent. */
  protected isBlocked = false
  /** So many octets of answers wait for it. */
  protected owed = 0
  /** The turn in which that began, and the wall time. */
  #blockedIn = 0
  #blockedAt = 0

  constructor(engine: SendingHost, end: NetworkConnection) {
    this.#engine = engine
    this.#end = end
    this.aliases = new ClientAliases(engine.limits.topicAliasMaximum)
  }

  abstract get isOver(): boolean

  /** What it is sent leaves when the turn of the event loop ends, and only then can it be known that it does not read. */
  get isUnheard(): boolean {
    return this.isBlocked && this.#engine.turn.number - this.#blockedIn <= 1
  }

  /** Wall time since which there is no room for more on its Network Connection; undefined where there is. */
  get blockedSince(): number | undefined {
    return this.isBlocked ? this.#blockedAt : undefined
  }

  /** It was not let in: nothing that it is told rests on what is stored. */
  protected abstract get isStranger(): boolean
  abstract close(reason: string, code: number | undefined, ending: Ending): void
  abstract hangUp(reason: string): void
  /** Something went wrong here that is no fault of the client. */
  abstract broken(error: unknown): void
  /** Answers wait for it. */
  protected abstract owes(): void

  /** One packet. One that is larger than the client takes is not sent, and ends its connection [MQTT-3.1.2-24]. */
  write(octets: Uint8Array, origin?: Origin): void {
    if (this.isOver) return
    if (octets.length > this.maximumPacketSize) {
      const most = `the ${this.maximumPacketSize} octets that the client takes`
      const reason = `an answer of ${octets.length} octets is larger than ${most} [MQTT-3.1.2-24]`
      this.close(reason, codes.packetTooLarge, 'failed')
      return
    }
    const { outbox } = this.#engine
    if (outbox === undefined || outbox.isOpen || this.isStranger) this.writeNow(octets, origin)
    else outbox.write(this, octets, origin)
  }

  /** The last word to it. It does not wait for a store that fails. */
  protected say(octets: Uint8Array): void {
    if (this.#engine.outbox?.isFailing) this.writeNow(octets)
    else this.write(octets)
  }

  /** Past the outbox: only for what it hands back. */
  writeNow(octets: Uint8Array, origin?: Origin): void {
    if (this.isClosed || this.hasHungUp) return
    const { counters } = this.#engine
    counters.packetsSent++
    counters.octetsSent += octets.length
    const room = this.#end.write(octets, origin)
    if (room) return
    if (!this.isBlocked) {
      this.#blockedIn = this.#engine.turn.number
      this.#blockedAt = this.#engine.clock.now()
    }
    this.isBlocked = true
    // Messages do not count: it did not ask for them, and its PINGREQs are to be heard while a large one is on its way to
    // it [MQTT-3.1.2-24]. More of them are not sent before there is room.
    if (origin !== undefined) return
    this.owed += octets.length
    this.owes()
  }

  sendMessage(message: RoutedMessage, copy: Copy, dup: boolean): boolean {
    try {
      return this.#send(message, copy, dup)
    } catch (error) {
      // Whoever has published it has nothing to do with that. It goes as one that is too large: it would fail again.
      this.broken(error)
      return false
    }
  }

  #send(message: RoutedMessage, copy: Copy, dup: boolean): boolean {
    const { version } = this
    const alias = version === 5 ? this.aliases.forTopic(message.topic) : 0
    const now = version === 5 && message.expiresAt !== undefined ? this.#engine.clock.now() : 0
    let octets = message.encode(copy, dup, version, alias, now, this.maximumPacketSize)
    if (octets === undefined && alias > 0) {
      this.aliases.forget(message.topic)
      // The alias was the choice of the broker: what is not too large without it is to be sent [MQTT-3.1.2-25].
      octets = message.encode(copy, dup, version, 0, now, this.maximumPacketSize)
    }
    if (octets === undefined) return false
    const { counters } = this.#engine
    counters.messagesSent++
    counters.payloadSent += message.payload.length
    this.write(octets, message.origin)
    return true
  }

  sendRelease(packetId: number, code = 0): void {
    this.write(writeAck('PUBREL', packetId, code, this.version))
  }

  sendAck(type: AckType, packetId: number, code: number, reason?: string): void {
    const words = this.wantsReasons && reason !== undefined ? shortened(reason) : undefined
    const octets = writeAck(type, packetId, code, this.version, words)
    // What is said in words must not make it too large [MQTT-3.4.2-2].
    this.write(octets.length > this.maximumPacketSize ? writeAck(type, packetId, code, this.version) : octets)
  }

  sendPingresp(): void {
    this.write(pingresp)
  }
}
