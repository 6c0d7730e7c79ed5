import type { ProtocolVersion, QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { Version } from '../../../../helpers/mqtt-octets.ts'

/** What the model and the clients that drive it talk about. */

/** An Application Message as its publisher made it. */
export interface Message {
  /** Names it, and is what its payload begins with; messages without a payload share `clear`. */
  readonly key: string
  /** Counts what its publisher published, from 1. */
  readonly seq: number
  readonly publisher: string
  readonly topic: string
  readonly qos: QoS
  readonly retain: boolean
  readonly payload: Buffer
  /** Its Message Expiry Interval in seconds, where it has one and goes out in MQTT 5. */
  readonly expiry?: number
}

export interface Will {
  readonly message: Message
  /** In seconds. */
  readonly delay: number
}

export interface ConnectOptions {
  readonly version: Version & ProtocolVersion
  readonly clean: boolean
  /** Seconds that the Session is kept; `Infinity` for ever. */
  readonly expiry: number
  /** In seconds; 0 is off. */
  readonly keepAlive: number
  /** 65,535 where it is not said. */
  readonly receiveMaximum: number
  readonly topicAliasMaximum: number
  readonly will: Will | undefined
}

export interface Filter {
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: 0 | 1 | 2
}

/** What a client has sent; the octets travel beside it. */
export type Sent =
  | { readonly kind: 'CONNECT'; readonly options: ConnectOptions }
  | { readonly kind: 'PUBLISH'; readonly message: Message; readonly packetId: number }
  | { readonly kind: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP'; readonly packetId: number }
  | {
      readonly kind: 'SUBSCRIBE'
      readonly packetId: number
      readonly filters: readonly Filter[]
      /** Undefined for none. */
      readonly identifier: number | undefined
    }
  | { readonly kind: 'UNSUBSCRIBE'; readonly packetId: number; readonly filter: string }
  | { readonly kind: 'PINGREQ' }
  | { readonly kind: 'DISCONNECT'; readonly withWill: boolean; readonly expiry: number | undefined }

/** The broker, or a client of the model, has done what it must not. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export function demand(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Violation(message())
}
