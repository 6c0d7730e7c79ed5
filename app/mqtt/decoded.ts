import type { PacketType, ProtocolVersion } from './control-packet.ts'

/** One field of the specification in a Control Packet, and where it stands. */
export interface Field {
  /** As the specification names it, such as `Packet Identifier`. */
  readonly name: string
  /** What it says, in words, such as `77`, `QoS 2`, `"plant/pump-01/status"`, `0x87 Not authorized`. */
  readonly value: string
  /** First octet of the packet that belongs to it, from 0, and the one after the last. */
  readonly start: number
  readonly end: number
  /** Bits of a single octet, as a mask; undefined where the field is whole octets. */
  readonly bits: number | undefined
  /** What the specification says about it, such as `required by §3.6.1`. */
  readonly remark: string | undefined
  /** Fields that it consists of, such as the flags of CONNECT, or the properties of MQTT 5. */
  readonly parts: readonly Field[]
}

/** What is wrong with a packet: the normative statement that it breaks, and in words how. */
export interface Violation {
  /** Such as `MQTT-3.3.1-4`; undefined where the specification says it without a number. */
  readonly statement: string | undefined
  readonly message: string
  /** The octets that are to blame. */
  readonly start: number
  readonly end: number
  /** Bits of a single octet that are to blame, as a mask; undefined where it is whole octets. */
  readonly bits?: number | undefined
}

/** A Control Packet as far as it can be read. */
export interface DecodedPacket {
  readonly type: PacketType | undefined
  readonly version: ProtocolVersion
  readonly fields: readonly Field[]
  /** Empty for a well-formed packet. After one that makes the rest unreadable no fields follow. */
  readonly violations: readonly Violation[]
}
