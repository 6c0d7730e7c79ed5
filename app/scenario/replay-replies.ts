import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import { withPacketId } from '../mqtt/edit.ts'
import type { PacketSummary } from '../mqtt/summary.ts'
import type { ReplayPlan, ReplayStep } from './replay-plan.ts'

export type ReceiveStep = Extract<ReplayStep, { do: 'receive' }>
export type AnswerStep = Extract<ReplayStep, { do: 'answer' }>

/** Finds, for what comes to a client now, what of the recording it is: the earliest that is the same and has not come yet. */
export class ReplayMatcher {
  /** Positions of steps, by connection and identity; the next one is the last. */
  readonly #waiting = new Map<string, number[]>()
  /** Positions of answers, by the step that they answer. */
  readonly #answers = new Map<number, number>()

  constructor({ steps }: ReplayPlan) {
    for (const [position, step] of steps.entries()) {
      if (step.do === 'answer') this.#answers.set(step.to, position)
      if (step.do !== 'receive') continue
      const key = `${step.connection}\n${step.identity}`
      const others = this.#waiting.get(key)
      if (others === undefined) this.#waiting.set(key, [position])
      else others.push(position)
    }
    for (const positions of this.#waiting.values()) positions.reverse()
  }

  /** Gives the position of its step, which is taken then; undefined where nothing like it is left. */
  take(connection: number, identity: string): number | undefined {
    return this.#waiting.get(`${connection}\n${identity}`)?.pop()
  }

  /** The position of the answer to the step at this position; undefined where the client gave none. */
  answerTo(position: number): number | undefined {
    return this.#answers.get(position)
  }
}

/**
 * What a client sends for a packet that has come: its answer from the recording, with the Packet Identifier of now. What
 * did not come then, or came at another QoS, is answered as the specification demands [MQTT 3.1.1 §4.3, MQTT 5 §4.3].
 *
 * @param step what the packet is of the recording
 * @param answer of the recording; undefined where the client gave none, as one that was about to lose its connection
 * @returns undefined where nothing is to be sent
 */
export function replyTo(
  came: PacketSummary,
  version: ProtocolVersion,
  step: ReceiveStep | undefined,
  answer: AnswerStep | undefined,
): Uint8Array | undefined {
  const demanded = demandedReply(came)
  if (came.type === 'AUTH') return answer?.octets
  if (demanded === undefined) return undefined
  const isSame = step !== undefined && (came.type !== 'PUBLISH' || step.qos === came.qos)
  if (!isSame) return answer === undefined && step !== undefined && step.qos !== 0 ? undefined : demanded
  return answer && withPacketId(answer.octets, version, came.packetId ?? 0)
}

function demandedReply({ code, packetId = 0, qos, type }: PacketSummary): Uint8Array | undefined {
  const reply = (first: number) => Uint8Array.of(first, 2, packetId >>> 8, packetId & 0xff)
  if (type === 'PUBLISH') return qos === 0 || qos === undefined ? undefined : reply(qos === 1 ? 0x40 : 0x50)
  if (type === 'PUBREL') return reply(0x70)
  // Where the broker has refused the message, the handshake is over [MQTT 5 §4.3.3].
  return type === 'PUBREC' && (code ?? 0) < 0x80 ? reply(0x62) : undefined
}
