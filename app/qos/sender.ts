import type { ProtocolVersion } from '../mqtt/control-packet.ts'

/** What the sender of an Application Message holds under one Packet Identifier; `idle` is nothing. */
export type SenderState = 'idle' | 'awaiting PUBACK' | 'awaiting PUBREC' | 'awaiting PUBCOMP'

export type SenderInput =
  /** A new Application Message is to be sent under this Packet Identifier. */
  | { readonly type: 'publish'; readonly qos: 1 | 2 }
  /** What the receiver answers. `code` is the Reason Code of MQTT 5, 0 in other versions. */
  | { readonly type: 'PUBACK' | 'PUBREC' | 'PUBCOMP'; readonly code: number }
  | { readonly type: 'connection lost' }
  /** CONNACK has come on a new Network Connection; without Session Present both sides start anew. */
  | { readonly type: 'reconnected'; readonly sessionPresent: boolean }

export interface SenderTransition {
  readonly state: SenderState
  /** The packet to send now. */
  readonly send: 'PUBLISH' | 'PUBREL' | undefined
  /** Whether the PUBLISH is one that was sent before [MQTT-3.3.1-1]. */
  readonly dup: boolean
  /** The Reason Code of what is sent, in MQTT 5. */
  readonly code: number
  /**
   * How it ends, and the Packet Identifier is free: `done`, `refused` by the receiver, or `discarded` with the Session,
   * in which case nobody knows whether the message has arrived.
   */
  readonly end: 'done' | 'refused' | 'discarded' | undefined
  /** The input answers nothing that is awaited, and changes nothing. */
  readonly unexpected: boolean
  /** What the other side, or for `publish` the caller, has done wrong, with the statement of the specification. */
  readonly violation: string | undefined
}

/** The Packet Identifier is not known: of PUBREL and PUBCOMP [MQTT 5 §3.6.2.1]. */
export const packetIdentifierNotFound = 0x92

/** Whether a Reason Code says no [MQTT 5 §2.4]. */
export function refuses(code: number): boolean {
  return code >= 0x80
}

/**
 * The sender's side of QoS 1 [§4.3.2] and QoS 2 [§4.3.3], and what it sends again after a reconnect [§4.4], for one
 * Packet Identifier. Pure, and allocates nothing: the transitions are shared, so they can be compared by identity.
 */
export function stepSender(state: SenderState, input: SenderInput, version: ProtocolVersion): SenderTransition {
  switch (input.type) {
    case 'publish':
      if (state !== 'idle') return (version === 5 ? inUse5 : inUse)[state]
      return input.qos === 1 ? publishOnce : publishTwice
    case 'PUBACK':
      return onPuback(state, version === 5 && refuses(input.code))
    case 'PUBREC':
      return onPubrec(state, version === 5 && refuses(input.code), version)
    case 'PUBCOMP':
      return onPubcomp(state)
    case 'connection lost':
      // What is not acknowledged is kept until somebody says that the Session is gone [MQTT-4.1.0-1].
      return kept[state]
    case 'reconnected':
      return input.sessionPresent ? again[state] : discarded[state]
  }
}

function onPuback(state: SenderState, refused: boolean): SenderTransition {
  switch (state) {
    case 'awaiting PUBACK':
      return refused ? refusal : done
    case 'idle':
      return unexpected.idle
    default:
      return wrongAnswer.PUBACK[state]
  }
}

function onPubrec(state: SenderState, refused: boolean, version: ProtocolVersion): SenderTransition {
  switch (state) {
    case 'awaiting PUBREC':
      return refused ? refusal : release
    case 'awaiting PUBCOMP':
      // A repeated PUBREC means that PUBREL has not come through. One that refuses comes too late: PUBREL was the
      // answer to an acceptance [MQTT-4.3.3-4], and PUBCOMP ends this either way.
      return refused ? unexpected[state] : release
    case 'idle':
      // The receiver stores the Packet Identifier for good unless somebody releases it.
      if (refused) return unexpected.idle
      return version === 5 ? releaseUnknown5 : releaseUnknown
    case 'awaiting PUBACK':
      return wrongAnswer.PUBREC[state]
  }
}

function onPubcomp(state: SenderState): SenderTransition {
  switch (state) {
    case 'awaiting PUBCOMP':
      // 0x92 says that the receiver had finished before: it is done as well [MQTT 5 §3.7.2.1].
      return done
    case 'idle':
      return unexpected.idle
    default:
      return wrongAnswer.PUBCOMP[state]
  }
}

type Busy = Exclude<SenderState, 'idle'>

function transition(state: SenderState, what: Partial<SenderTransition> = {}): SenderTransition {
  const nothing = { send: undefined, dup: false, code: 0, end: undefined, unexpected: false, violation: undefined }
  return Object.freeze({ state, ...nothing, ...what })
}

const publishOnce = transition('awaiting PUBACK', { send: 'PUBLISH' })
const publishTwice = transition('awaiting PUBREC', { send: 'PUBLISH' })
const release = transition('awaiting PUBCOMP', { send: 'PUBREL' })
const releaseUnknown = transition('idle', { send: 'PUBREL', unexpected: true })
const releaseUnknown5 = transition('idle', { send: 'PUBREL', code: packetIdentifierNotFound, unexpected: true })
const done = transition('idle', { end: 'done' })
const refusal = transition('idle', { end: 'refused' })

const kept: Readonly<Record<SenderState, SenderTransition>> = {
  idle: transition('idle'),
  'awaiting PUBACK': transition('awaiting PUBACK'),
  'awaiting PUBREC': transition('awaiting PUBREC'),
  'awaiting PUBCOMP': transition('awaiting PUBCOMP'),
}

/** Sent again with the Packet Identifier it had, PUBLISH or PUBREL and nothing else [MQTT-4.4.0-1]. */
const again: Readonly<Record<SenderState, SenderTransition>> = {
  idle: kept.idle,
  'awaiting PUBACK': transition('awaiting PUBACK', { send: 'PUBLISH', dup: true }),
  'awaiting PUBREC': transition('awaiting PUBREC', { send: 'PUBLISH', dup: true }),
  'awaiting PUBCOMP': release,
}

const gone = transition('idle', { end: 'discarded' })
const discarded: Readonly<Record<SenderState, SenderTransition>> = {
  idle: kept.idle,
  'awaiting PUBACK': gone,
  'awaiting PUBREC': gone,
  'awaiting PUBCOMP': gone,
}

const unexpected = {
  idle: transition('idle', { unexpected: true }),
  'awaiting PUBCOMP': transition('awaiting PUBCOMP', { unexpected: true }),
}

function violates(state: Busy, violation: string): SenderTransition {
  return transition(state, { unexpected: true, violation })
}

function taken(statement: string): Readonly<Record<Busy, SenderTransition>> {
  const violation = `the Packet Identifier is in use already [${statement}]`
  return {
    'awaiting PUBACK': violates('awaiting PUBACK', violation),
    'awaiting PUBREC': violates('awaiting PUBREC', violation),
    'awaiting PUBCOMP': violates('awaiting PUBCOMP', violation),
  }
}

const inUse = taken('MQTT-2.3.1-2')
const inUse5 = taken('MQTT-2.2.1-3')

const wrongAnswer = {
  PUBACK: {
    'awaiting PUBREC': violates('awaiting PUBREC', 'PUBACK does not answer a PUBLISH of QoS 2 [MQTT-3.3.4-1]'),
    'awaiting PUBCOMP': violates('awaiting PUBCOMP', 'PUBACK does not answer PUBREL [MQTT-4.3.3-2]'),
  },
  PUBREC: {
    'awaiting PUBACK': violates('awaiting PUBACK', 'PUBREC does not answer a PUBLISH of QoS 1 [MQTT-3.3.4-1]'),
  },
  PUBCOMP: {
    'awaiting PUBACK': violates('awaiting PUBACK', 'PUBCOMP does not answer a PUBLISH of QoS 1 [MQTT-3.3.4-1]'),
    'awaiting PUBREC': violates('awaiting PUBREC', 'PUBCOMP does not answer PUBLISH [MQTT-3.3.4-1]'),
  },
} as const
