import type { PacketType } from '../mqtt/control-packet.ts'

/** One thing that came to a client. What differs between any two runs, Packet Identifiers and times, is not in it. */
export interface Observed {
  /** `malformed` is what could not be framed. */
  readonly type: PacketType | 'malformed'
  /** What it is about: Topic Name and payload of a message, the request that an acknowledgement answers. */
  readonly identity: string
  /** Two with the same one are about the same thing, though they are not the same: messages to one Topic Name. */
  readonly subject: string
  /** For people, such as `PUBLISH to plant/a "21"` or `PUBACK of PUBLISH to plant/a`. */
  readonly what: string
  /** What else it says, by the names of the specification, such as `QoS`: `1`. */
  readonly details: Readonly<Record<string, string>>
  /** Whether its place among the others says anything: that of retained messages does not [MQTT 3.1.1 §4.6]. */
  readonly ordered: boolean
}

/** How a Network Connection ended. What a client begins with DISCONNECT has ended by it, whoever closes first. */
export type ObservedEnd =
  | { readonly by: 'nobody' }
  | { readonly by: 'client' }
  /** `code` is that of its DISCONNECT [MQTT 5 §3.14.2.1], in words; undefined where it sent none. */
  | { readonly by: 'broker'; readonly code: string | undefined }
  /** A fault has cut it. */
  | { readonly by: 'link'; readonly reason: string | undefined }

/** Everything that came to one client over one Network Connection. */
export interface Observation {
  readonly connack: Observed | undefined
  /** All that answers the client or leads a handshake on: SUBACK, UNSUBACK, PUBACK ... PINGRESP, AUTH. */
  readonly answers: readonly Observed[]
  /** PUBLISH. */
  readonly messages: readonly Observed[]
  readonly end: ObservedEnd
}
