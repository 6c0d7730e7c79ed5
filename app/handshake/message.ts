import type { PacketType, QoS } from '../mqtt/control-packet.ts'
import type { Direction } from '../mqtt/network-connection.ts'

/**
 * What became of a packet on its way, where it did not simply go on:
 * - `held`: it waits at a breakpoint now
 * - `dropped`: it never arrived
 * - `delayed`, `duplicated`, `changed`: it arrived, but late, more than once, or not as it was sent
 */
export type StepFate = 'held' | 'dropped' | 'delayed' | 'duplicated' | 'changed'

/** One rung of the ladder: a packet of the handshake, or what happened to its connection meanwhile. */
export type Step =
  | {
      readonly kind: 'packet'
      /** The record's number in the capture. */
      readonly number: number
      /** Nanoseconds since the capture began, when it reached the Link. */
      readonly time: number
      readonly connection: number
      readonly direction: Direction
      readonly type: PacketType
      readonly packetId: number | undefined
      readonly qos: QoS | undefined
      readonly dup: boolean
      /** A Reason Code of 0x80 or more, or a Return Code that refuses. */
      readonly code: number | undefined
      readonly fate: StepFate | undefined
      /** Who did that to it; empty where it has no fate. */
      readonly by: string
      /** Nanoseconds that it was held or delayed, once it has left; 0 before. */
      readonly delay: number
      /** What follows from it that the packet does not say, such as `Packet Identifier 19 is stored already: not delivered again`. */
      readonly remark: string | undefined
    }
  | {
      readonly kind: 'connection'
      readonly number: number
      readonly time: number
      readonly connection: number
      readonly what: 'lost' | 'reconnected'
      /** In words: how it was lost, or Session Present and after how long. */
      readonly text: string
    }

/**
 * - `complete`: the handshake is finished; of QoS 0 that its PUBLISH went on
 * - `waiting`: the next packet, `expects`, has not come yet
 * - `held`: one of its packets is held
 * - `lost`: a packet was lost, and nothing will repair it
 * - `refused`: the other side said no
 */
export type ExchangeState = 'complete' | 'waiting' | 'held' | 'lost' | 'refused'

/** One handshake over one hop: publisher to broker, or broker to one subscriber. */
export interface Exchange {
  readonly role: 'publisher' | 'subscriber'
  /** Empty where no CONNECT was seen. */
  readonly clientId: string
  readonly qos: QoS
  readonly packetId: number | undefined
  readonly retain: boolean
  /** Whether the client's Session outlives its Network Connection; undefined where no CONNECT was seen. */
  readonly sessionKept?: boolean | undefined
  readonly steps: readonly Step[]
  readonly state: ExchangeState
  /** What it waits for; undefined when it waits for nothing. */
  readonly expects: PacketType | undefined
  /** How often PUBLISH was put on the wire, DUP and duplicates included. */
  readonly sends: number
  /** How often the receiving side took the message as a new one. */
  readonly deliveries: number
  readonly startedAt: number
  /** Undefined while it is not finished. */
  readonly endedAt: number | undefined
}

/**
 * How the exchanges were put together: `certain` by what the embedded broker says of its own messages, `likely` by
 * topic, payload and time, because another broker tells nothing.
 */
export type MatchCertainty = 'certain' | 'likely'

/**
 * What to say of a Message as a whole, in a list. The first that is true: `held`, `lost`, `refused`, `delivered twice`
 * (or more), `queued` (a subscriber that is not connected will get it), `waiting`, `complete`.
 */
export type MessageState = 'held' | 'lost' | 'refused' | 'delivered again' | 'queued' | 'waiting' | 'complete'

/** An Application Message, followed from its publisher to every subscriber. */
export interface Message {
  /** Counts from 1 in the order in which they were first seen. */
  readonly id: number
  readonly topic: string
  readonly payload: Uint8Array
  /** The highest QoS with which it was seen. */
  readonly qos: QoS
  readonly retain: boolean
  /** `retained`: it was on the broker before and came with a subscription; `broker`: nobody published it, `$SYS` mostly. */
  readonly origin: 'publish' | 'will' | 'retained' | 'broker'
  /** The Client Identifier of the publisher, or of the will's owner; undefined where nobody knows. */
  readonly publisherId: string | undefined
  /** Undefined for a will, and where its PUBLISH was not captured. */
  readonly publisher: Exchange | undefined
  readonly subscribers: readonly Exchange[]
  readonly match: MatchCertainty
  /** The URL of the broker that it went through, where that is not the workbench's own: who else got it is not known. */
  readonly target: string
  readonly state: MessageState
  /** One line about it, such as `PUBACK lost` or `pump-02 is offline`; empty where there is nothing to add. */
  readonly remark: string
  readonly startedAt: number
  /** Nanoseconds from its first packet to its last; 0 while it is not finished. */
  readonly duration: number
}

/** What can be measured of a Message, without a copy of all its steps: a `Message` will do. */
export interface MeasurableMessage {
  readonly publisher: MeasurableExchange | undefined
  readonly subscribers: readonly MeasurableExchange[]
}

export interface MeasurableExchange
  extends Pick<Exchange, 'qos' | 'retain' | 'state' | 'deliveries' | 'startedAt' | 'endedAt'> {
  readonly steps: readonly MeasurableStep[]
}

export type MeasurableStep =
  | Pick<Extract<Step, { kind: 'packet' }>, 'kind' | 'type' | 'time' | 'delay' | 'connection' | 'fate'>
  | { readonly kind: 'connection' }

/** What the two ends of one exchange hold at this moment, and what would follow if the next packet were lost. */
export interface Sides {
  readonly broker: string
  readonly client: string
  readonly ifDropped: string | undefined
}
