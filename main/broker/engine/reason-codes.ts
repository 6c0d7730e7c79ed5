import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'

/** Reason Codes of MQTT 5 that the engine sends [MQTT 5 §2.4]. */
export const codes = {
  success: 0x00,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierInUse: 0x91,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
} as const

/** Characters of what is told a client in words, and of what it has said itself and is told of. */
const mostTold = 1000
export const mostQuoted = 100

/** What is said in words, and may have text of a client in it: that can be as long as a whole packet. */
export function shortened(words: string, most = mostTold): string {
  return words.length > most ? `${words.slice(0, most)}…` : words
}

/** A refusal on purpose, in words. */
export function orderedWords({ code, reason }: { readonly code: number; readonly reason: string }): string {
  return `refused on purpose with 0x${code.toString(16).padStart(2, '0')}: ${reason}`
}

/** What CONNACK says in a version: the Reason Code of MQTT 5, or the Return Code of 3.1.1 for it [MQTT 3.1.1 §3.2.2.3]. */
export function connackCode(code: number, version: ProtocolVersion): number {
  if (version === 5 || code === 0) return code
  switch (code) {
    case codes.unsupportedProtocolVersion:
      return 1
    case codes.clientIdentifierNotValid:
      return 2
    case codes.badUserNameOrPassword:
    case codes.badAuthenticationMethod:
      return 4
    case codes.notAuthorized:
    case 0x8a:
      return 5
    default:
      return 3
  }
}
