import type { ProtocolVersion, QoS } from '../mqtt/control-packet.ts'
import { packetIdentifierNotFound, refuses } from './sender.ts'

/** What the receiver holds under one Packet Identifier; `stored` is a PUBLISH of QoS 2 that waits for PUBREL. */
export type ReceiverState = 'idle' | 'stored'

/**
 * When a message of QoS 2 is handed on: as soon as its PUBLISH is stored, or once it is released. Figure 4.3 of MQTT
 * 3.1.1 calls them method B and method A; who sends cannot tell them apart.
 */
export type Handover = 'at PUBLISH' | 'at PUBREL'

export type ReceiverInput =
  /** `refuse` is the Reason Code of 0x80 or more with which MQTT 5 may say no; undefined to take it. */
  | { readonly type: 'PUBLISH'; readonly qos: QoS; readonly refuse?: number | undefined }
  | { readonly type: 'PUBREL' }
  | { readonly type: 'connection lost' }
  | { readonly type: 'reconnected'; readonly sessionPresent: boolean }

export interface ReceiverTransition {
  readonly state: ReceiverState
  /** The message is a new one and is handed on now. */
  readonly deliver: boolean
  readonly send: 'PUBACK' | 'PUBREC' | 'PUBCOMP' | undefined
  /** The Reason Code of what is sent, in MQTT 5. */
  readonly code: number
  /** What was PUBLISHed is here already, or what is released is not: an answer is due, and nothing else. */
  readonly repeated: boolean
  /** What the sender has done wrong, with the statement of the specification. */
  readonly violation: string | undefined
}

/**
 * The receiver's side of QoS 0 to 2 [§4.3], for one Packet Identifier. DUP makes no difference: whether a message is new
 * is decided by what is stored [MQTT-4.3.2-2, MQTT-4.3.3-2]. Pure; allocates only where it refuses.
 */
export function stepReceiver(
  state: ReceiverState,
  input: ReceiverInput,
  version: ProtocolVersion,
  handover: Handover = 'at PUBLISH',
): ReceiverTransition {
  switch (input.type) {
    case 'PUBLISH':
      return onPublish(state, input, version, handover)
    case 'PUBREL':
      if (state === 'stored') return handover === 'at PUBREL' ? releaseAndDeliver : release
      // The PUBCOMP before has not come through: the sender must get one [MQTT-4.3.3-2, in MQTT 5 MQTT-4.3.3-11].
      return version === 5 ? completeUnknown5 : completeUnknown
    case 'connection lost':
      // It belongs to the Session, not to the Network Connection [§4.1].
      return kept[state]
    case 'reconnected':
      return kept[input.sessionPresent ? state : 'idle']
  }
}

function onPublish(
  state: ReceiverState,
  { qos, refuse }: { readonly qos: QoS; readonly refuse?: number | undefined },
  version: ProtocolVersion,
  handover: Handover,
): ReceiverTransition {
  if (qos === 0) return state === 'idle' ? deliver : deliverBeside
  if (state === 'stored') return qos === 2 ? storedAlready : version === 5 ? inUse5 : inUse
  if (version === 5 && refuse !== undefined && refuses(refuse)) {
    // Nothing is stored, so the next PUBLISH with this Packet Identifier is a new message [MQTT-4.3.3-9].
    return transition('idle', { send: qos === 1 ? 'PUBACK' : 'PUBREC', code: refuse })
  }
  if (qos === 1) return deliverAndAcknowledge
  return handover === 'at PUBLISH' ? deliverAndStore : store
}

function transition(state: ReceiverState, what: Partial<ReceiverTransition> = {}): ReceiverTransition {
  const nothing = { deliver: false, send: undefined, code: 0, repeated: false, violation: undefined }
  return Object.freeze({ state, ...nothing, ...what })
}

const kept: Readonly<Record<ReceiverState, ReceiverTransition>> = {
  idle: transition('idle'),
  stored: transition('stored'),
}
const deliver = transition('idle', { deliver: true })
/** A PUBLISH of QoS 0 has no Packet Identifier and touches none. */
const deliverBeside = transition('stored', { deliver: true })
const deliverAndAcknowledge = transition('idle', { deliver: true, send: 'PUBACK' })
const store = transition('stored', { send: 'PUBREC' })
const deliverAndStore = transition('stored', { deliver: true, send: 'PUBREC' })
const storedAlready = transition('stored', { send: 'PUBREC', repeated: true })
const release = transition('idle', { send: 'PUBCOMP' })
const releaseAndDeliver = transition('idle', { deliver: true, send: 'PUBCOMP' })
const completeUnknown = transition('idle', { send: 'PUBCOMP', repeated: true })
const completeUnknown5 = transition('idle', { send: 'PUBCOMP', code: packetIdentifierNotFound, repeated: true })
const taken = 'PUBLISH of QoS 1 with a Packet Identifier that is in use for QoS 2'
const inUse = transition('stored', { violation: `${taken} [MQTT-2.3.1-2]` })
const inUse5 = transition('stored', { violation: `${taken} [MQTT-2.2.1-3]` })
