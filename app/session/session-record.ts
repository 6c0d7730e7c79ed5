import type { ProtocolVersion } from '../mqtt/control-packet.ts'
import type { WillPacket } from '../mqtt/packets.ts'

/** All of a Session that is not a list. */
export interface SessionRecord {
  readonly version: ProtocolVersion
  readonly clean: boolean
  readonly userName: string | undefined
  /** Seconds that it is kept without its client; undefined is for ever, 0 not at all: then it is stored for its will. */
  readonly expiry: number | undefined
  /** Wall time at which its client left; undefined while it is there. */
  readonly leftAt: number | undefined
  /** A will that may still be published, and when, where that is settled. */
  readonly will: { readonly packet: WillPacket; readonly until: number | undefined } | undefined
}
