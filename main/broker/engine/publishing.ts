import { readPublish } from '../../../app/mqtt/codec/read-publish.ts'
import { PacketError, type PublishPacket } from '../../../app/mqtt/packets.ts'
import { type ReceiverState, type ReceiverTransition, stepReceiver } from '../../../app/qos/receiver.ts'
import type { Client } from './client.ts'
import { messageQuota } from './quotas.ts'
import { codes, orderedWords } from './reason-codes.ts'
import type { Services } from './services.ts'

const inputs = {
  0: { type: 'PUBLISH', qos: 0 },
  1: { type: 'PUBLISH', qos: 1 },
  2: { type: 'PUBLISH', qos: 2 },
} as const
const pubrel = { type: 'PUBREL' } as const

/** PUBLISH has come from a client [§3.3, §4.3]. @throws PacketError */
export function published(engine: Services, client: Client, octets: Uint8Array): void {
  const packet = readPublish(octets, client.version, client.topics)
  const { limits } = engine
  const { qos, retain, packetId } = packet
  if (qos > limits.maxQoS)
    throw new PacketError(codes.qosNotSupported, `QoS ${qos} is over the maximum [MQTT-3.2.2-11]`)
  if (retain && !limits.retainAvailable) {
    throw new PacketError(codes.retainNotSupported, 'RETAIN, which this broker does not have [MQTT-3.2.2-14]')
  }
  const topic = client.aliases.resolve(packet.topic, packet.topicAlias)
  const { session } = client
  if (session === undefined) return
  if (qos === 0) {
    const refusal = refusalOf(engine, client, topic, packet)
    if (refusal === undefined) engine.publishFrom(client, packet, topic, octets)
    else engine.refused(client, 'publish', topic, refusal.rule)
    return
  }
  const state: ReceiverState = session.incoming.has(packetId) ? 'stored' : 'idle'
  // The quota begins anew with each Network Connection [MQTT 5 §4.9].
  if (client.version === 5 && !client.unfinished.has(packetId) && client.unfinished.size >= limits.receiveMaximum) {
    throw new PacketError(
      codes.receiveMaximumExceeded,
      `more than ${limits.receiveMaximum} unfinished PUBLISH of QoS 1 and 2 [MQTT 5 §3.3.4]`,
    )
  }
  // What is here already is not asked about again.
  const refusal = state === 'idle' ? refusalOf(engine, client, topic, packet) : undefined
  const input = refusal === undefined ? inputs[qos] : ({ type: 'PUBLISH', qos, refuse: refusal.code } as const)
  const step = stepReceiver(state, input, client.version)
  if (step.violation !== undefined) {
    inUse(client, packetId, step)
    return
  }
  if (step.state === 'stored') client.unfinished.add(packetId)
  take(engine, client, packet, topic, octets, step, refusal)
}

/** Why a message goes nowhere. */
interface Refusal {
  readonly code: number
  readonly rule: string
  readonly reason: string
}

function refusalOf(engine: Services, client: Client, topic: string, packet: PublishPacket): Refusal | undefined {
  const ordered = engine.refusals.take('PUBLISH', client.session?.clientId ?? '', topic)
  if (ordered !== undefined) return { code: ordered.code, rule: orderedWords(ordered), reason: ordered.reason }
  const rule = engine.publishRefusal(client, topic)
  if (rule !== undefined) return { code: codes.notAuthorized, rule, reason: rule }
  const quota = messageQuota(engine, topic, packet)
  return quota && { ...quota, rule: quota.reason }
}

/** What is wrong can be said in MQTT 5, and the handshake that is under way goes on. */
function inUse(client: Client, packetId: number, { violation }: ReceiverTransition): void {
  if (client.version !== 5) throw new PacketError(codes.protocolError, violation ?? '')
  client.sendAck('PUBACK', packetId, codes.packetIdentifierInUse, violation)
}

function take(
  engine: Services,
  client: Client,
  packet: PublishPacket,
  topic: string,
  octets: Uint8Array,
  step: ReceiverTransition,
  refusal: Refusal | undefined,
): void {
  const { packetId, qos } = packet
  let code = step.code
  if (refusal !== undefined) {
    engine.refused(client, 'publish', topic, refusal.rule)
    if (client.version === 5) code = refusal.code
    // In 3.1.1 there is no way to say no, and 0x10 is none: it is acknowledged and goes nowhere [MQTT-3.3.5-2].
    if (step.state === 'stored') client.session?.receive(packetId)
  } else if (step.deliver) {
    if (qos === 2) client.session?.receive(packetId)
    const went = engine.publishFrom(client, packet, topic, octets)
    if (went === 0 && client.version === 5) code = codes.noMatchingSubscribers
  }
  if (step.send === 'PUBACK' || step.send === 'PUBREC') client.sendAck(step.send, packetId, code, refusal?.reason)
}

/** PUBREL has come: the Packet Identifier is free, or was free already [MQTT-4.3.3-2]. */
export function released(client: Client, packetId: number): void {
  const { session, version } = client
  if (session === undefined) return
  const step = stepReceiver(session.incoming.has(packetId) ? 'stored' : 'idle', pubrel, version)
  session.release(packetId)
  client.unfinished.delete(packetId)
  if (step.send === 'PUBCOMP') client.sendAck('PUBCOMP', packetId, step.code)
}
