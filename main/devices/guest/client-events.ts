import type { BrokersReason, Outcome } from '../../../app/script-api/crossing.ts'
import type { ReceivedProperties } from '../../../app/script-api/properties.ts'

export interface ReceivedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup: boolean
  readonly packetId: number | undefined
  readonly properties: ReceivedProperties | undefined
}

export interface DeviceClientEvents {
  connected(sessionPresent: boolean, properties?: ReceivedProperties): void
  message(message: ReceivedMessage): void
  /** A connection, or the attempt at one, has come to an end that nobody here asked for. */
  lost(reason: string, said?: BrokersReason): void
  /** The message of a call goes out, for the first time. */
  written(call: number): void
  settled(call: number, outcome: Outcome): void
  /** Something that a user should know and that no call can tell. */
  note(text: string): void
}
