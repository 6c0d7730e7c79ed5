import { packetTypeOf } from '../../../app/mqtt/control-packet.ts'
import { stepReceiver } from '../../../app/qos/receiver.ts'
import { encodeAnswer } from './load-packets.ts'
import { readAnswer, readPublishId } from './load-read.ts'

/** Answers messages. Nothing is subscribed to, but a kept Session may have subscriptions of somebody else's making. */
export class LoadReceiver {
  readonly #version: 3 | 4 | 5
  /** Packet Identifiers of messages of QoS 2 that wait for PUBREL; few load clients ever receive one. */
  #stored: Set<number> | undefined

  constructor(version: 3 | 4 | 5) {
    this.#version = version
  }

  /** The Session is gone. */
  forget(): void {
    this.#stored = undefined
  }

  /** @param octets PUBLISH or PUBREL. @returns what to send; undefined at QoS 0 */
  answer(octets: Uint8Array): Buffer | undefined {
    const first = octets[0] as number
    const isPublish = packetTypeOf(first) === 'PUBLISH'
    const qos = (first >>> 1) & 3
    if (isPublish && qos !== 1 && qos !== 2) return undefined
    const packetId = isPublish ? readPublishId(octets) : readAnswer(octets).packetId
    const state = this.#stored?.has(packetId) ? 'stored' : 'idle'
    const input = isPublish ? ({ type: 'PUBLISH', qos: qos === 2 ? 2 : 1 } as const) : ({ type: 'PUBREL' } as const)
    const step = stepReceiver(state, input, this.#version)
    if (step.state === 'stored') {
      this.#stored ??= new Set()
      this.#stored.add(packetId)
    } else this.#stored?.delete(packetId)
    return step.send === undefined ? undefined : encodeAnswer(step.send, packetId, step.code)
  }
}
