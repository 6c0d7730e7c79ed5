import type { ProtocolVersion, QoS } from './control-packet.ts'

/** Control Packets as a broker reads and writes them: strict, and nothing but what the specification gives them. */

/** The longest that a Control Packet can be, in octets: its Fixed Header, and a Remaining Length of 268,435,455. */
export const mostPacketOctets = 268_435_460

/** Name and value, in the order of the packet; a name may come more than once [MQTT 5 §2.2.2.2]. */
export type UserProperties = readonly (readonly [name: string, value: string])[]

/** Properties of an Application Message that a broker passes on unchanged [MQTT 5 §3.3.2.3]. */
export interface MessageProperties {
  /** 1 says that the payload is UTF-8. */
  readonly payloadFormatIndicator?: 0 | 1 | undefined
  readonly contentType?: string | undefined
  readonly responseTopic?: string | undefined
  readonly correlationData?: Uint8Array | undefined
  readonly userProperties?: UserProperties | undefined
}

export interface WillPacket {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: MessageProperties | undefined
  /** In seconds; undefined where it never expires. */
  readonly messageExpiryInterval: number | undefined
  /** In seconds [MQTT 5 §3.1.3.2.2]. */
  readonly willDelayInterval: number
}

export interface ConnectPacket {
  readonly version: ProtocolVersion
  /** Empty where the broker is to assign one. */
  readonly clientId: string
  /** Clean Session (3.1, 3.1.1) or Clean Start (5). */
  readonly clean: boolean
  /** In seconds; 0 is off. */
  readonly keepAlive: number
  readonly will: WillPacket | undefined
  readonly userName: string | undefined
  readonly password: Uint8Array | undefined
  /** The following are MQTT 5's; in other versions they have the values that MQTT 5 gives what is absent. In seconds. */
  readonly sessionExpiryInterval: number
  /** 1 to 65535. */
  readonly receiveMaximum: number
  /** In octets; undefined where there is no limit. */
  readonly maximumPacketSize: number | undefined
  readonly topicAliasMaximum: number
  readonly requestResponseInformation: boolean
  readonly requestProblemInformation: boolean
  readonly userProperties: UserProperties | undefined
  readonly authenticationMethod: string | undefined
  readonly authenticationData: Uint8Array | undefined
}

export interface PublishPacket {
  readonly dup: boolean
  readonly qos: QoS
  readonly retain: boolean
  /** Empty where a Topic Alias stands for it. */
  readonly topic: string
  /** 0 at QoS 0. */
  readonly packetId: number
  /** A view of the packet. */
  readonly payload: Uint8Array
  readonly properties: MessageProperties | undefined
  readonly messageExpiryInterval: number | undefined
  /** 0 where there is none. */
  readonly topicAlias: number
}

export type AckType = 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP'

export interface AckPacket {
  readonly packetId: number
  /** 0 in 3.1.1. */
  readonly code: number
  readonly reasonString: string | undefined
}

/** What a Subscription asks for [MQTT 5 §3.8.3.1]; in 3.1.1 all but `qos` have the value of their absence. */
export interface SubscriptionRequest {
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** 0: send retained messages; 1: only for a new Subscription; 2: do not. */
  readonly retainHandling: 0 | 1 | 2
}

export interface SubscribePacket {
  readonly packetId: number
  readonly subscriptions: readonly SubscriptionRequest[]
  /** 1 to 268,435,455; undefined where there is none. */
  readonly subscriptionIdentifier: number | undefined
}

export interface UnsubscribePacket {
  readonly packetId: number
  readonly filters: readonly string[]
}

export interface DisconnectPacket {
  /** 0 in 3.1.1. */
  readonly code: number
  readonly sessionExpiryInterval: number | undefined
  readonly reasonString: string | undefined
}

export interface AuthPacket {
  readonly code: number
  readonly authenticationMethod: string | undefined
}

/** Properties of CONNACK [MQTT 5 §3.2.2.3]. What is undefined is left out. */
export interface ConnackProperties {
  readonly sessionExpiryInterval?: number | undefined
  readonly receiveMaximum?: number | undefined
  readonly maximumQoS?: 0 | 1 | undefined
  readonly retainAvailable?: boolean | undefined
  readonly maximumPacketSize?: number | undefined
  readonly assignedClientIdentifier?: string | undefined
  readonly topicAliasMaximum?: number | undefined
  readonly reasonString?: string | undefined
  readonly userProperties?: UserProperties | undefined
  readonly wildcardSubscriptionAvailable?: boolean | undefined
  readonly subscriptionIdentifiersAvailable?: boolean | undefined
  readonly sharedSubscriptionAvailable?: boolean | undefined
  readonly serverKeepAlive?: number | undefined
  readonly responseInformation?: string | undefined
  readonly serverReference?: string | undefined
}

/**
 * A packet that breaks the specification; the Network Connection ends with it [MQTT-4.8.0-1, MQTT-4.13.1-1].
 * `code` is the Reason Code of MQTT 5 that says so: 0x81 Malformed Packet, 0x82 Protocol Error, 0x84 Unsupported Protocol
 * Version, 0x85, 0x90 ... `message` says what is wrong and the statement that it breaks.
 */
export class PacketError extends Error {
  override readonly name = 'PacketError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
