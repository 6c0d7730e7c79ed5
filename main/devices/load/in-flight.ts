import { type SenderState, type SenderTransition, stepSender } from '../../../app/qos/sender.ts'
import { SendWindow } from '../guest/send-window.ts'
import type { Backlog } from './backlog.ts'
import { encodeAnswer, withDup } from './load-packets.ts'

interface Message {
  state: SenderState
  /** The PUBLISH as it was sent; released with PUBREC, from when on it is never sent again [MQTT-4.3.3-1]. */
  packet: Buffer | undefined
  /** When it was first sent, in milliseconds of a monotonic clock. */
  readonly at: number
}

/** The messages of QoS 1 and 2 that one client has sent and whose handshakes are not finished, in the order of sending. */
export class InFlight {
  readonly #version: 3 | 4 | 5
  readonly #messages = new Map<number, Message>()
  /** How many the broker takes at once, on the connection that there is. */
  readonly #window = new SendWindow()
  /** Packet Identifiers of what has not been sent again on this connection, in order. */
  #waiting: number[] = []
  #lastId = 0
  readonly #backlog: Backlog

  constructor(version: 3 | 4 | 5, backlog: Backlog) {
    this.#version = version
    this.#backlog = backlog
  }

  get size(): number {
    return this.#messages.size
  }

  /** A Packet Identifier that is not in use: 1, 2, 3, ... and round again [MQTT-2.3.1-2]. There must be one. */
  nextId(): number {
    do this.#lastId = (this.#lastId % 65_535) + 1
    while (this.#messages.has(this.#lastId))
    return this.#lastId
  }

  /** A PUBLISH is sent now. */
  add(packetId: number, qos: 1 | 2, packet: Buffer, at: number): void {
    const { state } = stepSender('idle', { type: 'publish', qos }, this.#version)
    this.#messages.set(packetId, { state, packet, at })
    this.#backlog.add(packet.length)
    this.#window.take(packetId)
  }

  /**
   * An acknowledgement has come.
   *
   * @returns what to send now, and when the message was sent if it is acknowledged or refused by this
   */
  answered(
    type: 'PUBACK' | 'PUBREC' | 'PUBCOMP',
    packetId: number,
    code: number,
  ): { readonly step: SenderTransition; readonly send: Buffer | undefined; readonly at: number } {
    const message = this.#messages.get(packetId)
    const step = stepSender(message?.state ?? 'idle', { type, code }, this.#version)
    const send = step.send === 'PUBREL' ? encodeAnswer('PUBREL', packetId, step.code) : undefined
    if (message === undefined) return { step, send, at: 0 }
    if (step.end !== undefined) {
      this.#remove(packetId, message)
      this.#window.give(packetId)
    } else {
      message.state = step.state
      if (step.state === 'awaiting PUBCOMP' && message.packet !== undefined) {
        this.#backlog.add(-message.packet.length)
        message.packet = undefined
        // PUBREL goes out in the order in which PUBREC came in [MQTT-4.6.0-4].
        this.#messages.delete(packetId)
        this.#messages.set(packetId, message)
      }
    }
    return { step, send, at: message.at }
  }

  /**
   * CONNACK has come on a new Network Connection. What is to be sent again [MQTT-4.4.0-1] is every PUBREL now, and the
   * messages that `next` gives, as the broker has room for them.
   *
   * @param limits the broker's Receive Maximum, and its Maximum Packet Size in octets
   * @returns how many messages are given up because the broker has no Session, or because they are larger than it takes
   */
  reconnected(
    sessionPresent: boolean,
    limits: { readonly receiveMaximum: number; readonly maximumPacketSize: number },
  ): { readonly releases: Buffer[]; readonly discarded: number; readonly tooLarge: number } {
    const releases: Buffer[] = []
    let discarded = 0
    let tooLarge = 0
    this.#window.reset(limits.receiveMaximum)
    this.#waiting = []
    for (const [packetId, message] of this.#messages) {
      const step = stepSender(message.state, { type: 'reconnected', sessionPresent }, this.#version)
      message.state = step.state
      if (step.end === 'discarded') {
        this.#remove(packetId, message)
        discarded++
      } else if (step.send === 'PUBREL') releases.push(encodeAnswer('PUBREL', packetId, 0))
      else if ((message.packet?.length ?? 0) > limits.maximumPacketSize) {
        // [MQTT-3.2.2-15] of MQTT 5
        this.#remove(packetId, message)
        tooLarge++
      } else this.#waiting.push(packetId)
    }
    return { releases, discarded, tooLarge }
  }

  /** The PUBLISH to be sent again now; undefined while the broker takes no more [MQTT-3.3.4-7], or when all are sent. */
  next(): Buffer | undefined {
    while (this.#waiting.length > 0 && this.#window.hasRoom) {
      const packetId = this.#waiting.shift() as number
      const packet = this.#messages.get(packetId)?.packet
      if (packet === undefined) continue
      this.#window.take(packetId)
      return withDup(packet)
    }
    return undefined
  }

  /** The client is gone for good. */
  clear(): void {
    for (const [packetId, message] of this.#messages) this.#remove(packetId, message)
  }

  #remove(packetId: number, { packet }: Message): void {
    this.#messages.delete(packetId)
    this.#backlog.add(-(packet?.length ?? 0))
  }
}
