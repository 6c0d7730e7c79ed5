import type { PacketType } from '../mqtt/control-packet.ts'
import { stepReceiver } from '../qos/receiver.ts'
import { type SenderState, stepSender } from '../qos/sender.ts'
import type { Exchange, Sides } from './message.ts'
import { replay, type Standing } from './replay.ts'

/**
 * What the broker and the client of an exchange hold at this moment, in words, and what would follow if the packet that
 * is held, or comes next, were lost. What the state machines of QoS 1 and 2 say, given the packets so far.
 */
export function sidesOf(exchange: Exchange): Sides {
  const standing = replay(exchange.steps, exchange)
  const publishes = exchange.role === 'publisher'
  const client = exchange.clientId === '' ? 'client' : exchange.clientId
  const [sender, receiver] = publishes ? [client, 'broker'] : ['broker', client]
  const sends = senderSide(exchange, standing)
  const receives = receiverSide(exchange, standing)
  return {
    broker: publishes ? receives : sends,
    client: publishes ? sends : receives,
    ifDropped: ifDropped(exchange, standing, sender, receiver),
  }
}

function senderSide({ qos, state, packetId, steps }: Exchange, standing: Standing): string {
  if (qos === 0) return steps.length === 0 ? 'has sent nothing' : 'sent PUBLISH, keeps nothing'
  if (state === 'refused') return `was refused, ${packetId} is free`
  if (state === 'lost') return `has given up ${packetId}`
  if (standing.sender === 'idle') return `is done, ${packetId} is free`
  const { expects, online } = standing
  const owesPublish = expects === 'PUBLISH'
  const owesPubrel = expects === 'PUBREL'
  if (!online) return `holds ${packetId}, sends ${owesPubrel ? 'PUBREL' : 'PUBLISH with DUP'} after reconnect`
  if (owesPublish) return `holds ${packetId}, to send PUBLISH with DUP`
  if (owesPubrel) return `has PUBREC ${packetId}, to send PUBREL`
  return `waits for ${awaitedBy(standing.sender)} ${packetId}`
}

function awaitedBy(state: SenderState): PacketType | undefined {
  if (state === 'awaiting PUBACK') return 'PUBACK'
  return state === 'awaiting PUBREC' ? 'PUBREC' : 'PUBCOMP'
}

function receiverSide({ qos, state, packetId, deliveries }: Exchange, standing: Standing): string {
  const { receiver, answered, owes } = standing
  if (state === 'refused') return `has refused ${packetId}`
  if (qos === 0) return deliveries > 0 ? 'has taken it' : 'has not got it'
  const answer = owes === undefined ? (answered === undefined ? '' : `, sent ${answered}`) : `, to send ${owes}`
  if (receiver === 'stored') return `holds ${packetId}${answer}`
  if (deliveries === 0) return `has not got ${packetId}`
  return qos === 1 ? `has taken it${answer}` : `has released ${packetId}${answer}`
}

/** The packet that is held or comes next; undefined where none does. */
function nextPacket({ state, steps }: Exchange, { expects }: Standing): PacketType | undefined {
  if (state === 'held') {
    const held = steps.find((step) => step.kind === 'packet' && step.fate === 'held')
    return held?.kind === 'packet' ? held.type : undefined
  }
  return state === 'waiting' ? expects : undefined
}

function ifDropped(exchange: Exchange, standing: Standing, sender: string, receiver: string): string | undefined {
  const packet = nextPacket(exchange, standing)
  if (packet === undefined) return undefined
  if (exchange.qos === 0) return 'message is lost: QoS 0 is not sent again'
  if (exchange.sessionKept === false) return withoutSession(exchange)
  const again = stepSender(standing.sender, { type: 'reconnected', sessionPresent: true }, 5).send
  if (again === undefined) return 'nothing: the handshake is over'
  if (again === 'PUBREL') {
    const hasReleased = standing.receiver === 'idle'
    const why = hasReleased ? `${receiver} answers PUBCOMP again; ` : ''
    return `${sender} resends PUBREL after reconnect; ${why}message is not delivered twice`
  }
  return `${sender} resends PUBLISH with DUP after reconnect; ${consequence(exchange, standing)}`
}

/** Without a Session nothing is sent again after a reconnect [MQTT-4.4.0-1]. */
function withoutSession({ deliveries }: Exchange): string {
  const message = deliveries > 0 ? 'message has arrived all the same' : 'message is lost'
  return `nothing is sent again after a reconnect: no session is kept; ${message}`
}

/** What the receiver does with a PUBLISH that comes again. */
function consequence({ qos, deliveries }: Exchange, { receiver }: Standing): string {
  const { deliver } = stepReceiver(receiver, { type: 'PUBLISH', qos }, 5)
  if (!deliver) return 'message is not delivered twice'
  return deliveries === 0 ? 'message is delivered late' : 'message is delivered again'
}
