import { type SenderState, type SenderTransition, stepSender } from '../../../app/qos/sender.ts'
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
  #lastId = 0

  constructor(version: 3 | 4 | 5) {
    this.#version = version
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
    if (step.end !== undefined) this.#messages.delete(packetId)
    else {
      message.state = step.state
      if (step.state === 'awaiting PUBCOMP' && message.packet !== undefined) {
        message.packet = undefined
        // PUBREL goes out in the order in which PUBREC came in [MQTT-4.6.0-4].
        this.#messages.delete(packetId)
        this.#messages.set(packetId, message)
      }
    }
    return { step, send, at: message.at }
  }

  /**
   * CONNACK has come on a new Network Connection: what is to be sent again [MQTT-4.4.0-1], and how many messages are
   * given up because the broker has no Session.
   */
  reconnected(sessionPresent: boolean): { readonly again: Buffer[]; readonly discarded: number } {
    const again: Buffer[] = []
    let discarded = 0
    for (const [packetId, message] of this.#messages) {
      const step = stepSender(message.state, { type: 'reconnected', sessionPresent }, this.#version)
      message.state = step.state
      if (step.send === 'PUBREL') again.push(encodeAnswer('PUBREL', packetId, 0))
      else if (step.send === 'PUBLISH' && message.packet !== undefined) again.push(withDup(message.packet))
      if (step.end === 'discarded') {
        this.#messages.delete(packetId)
        discarded++
      }
    }
    return { again, discarded }
  }
}
