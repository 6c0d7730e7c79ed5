import type { Random } from '../base/random.ts'
import type { ProtocolVersion } from '../mqtt/control-packet.ts'

/**
 * One setting of a fault: what a form shows, what a file may say, what is checked.
 * Numbers are in the unit that is named, from `min` to `max`, both included.
 */
export type Setting =
  | {
      readonly kind: 'number'
      readonly label: string
      readonly unit: 'ms' | 'octets' | 'octets/s' | 'packets' | 'bits' | 'share' | 'times'
      readonly min: number
      readonly max: number
      /** Whether only whole numbers will do. */
      readonly whole: boolean
      readonly initial: number
    }
  | {
      readonly kind: 'choice'
      readonly label: string
      readonly choices: readonly string[]
      readonly initial: string
    }

export type SettingValue = number | string
export type Settings = Readonly<Record<string, SettingValue>>

/**
 * What a fault wants to be done with a packet.
 * - `pass`: nothing
 * - `drop`: it never goes on
 * - `delay`: it goes on so many milliseconds later; what comes behind it on its way waits as well, as TCP keeps order
 * - `postpone`: so many packets that come behind it overtake it, but it waits `ms` milliseconds at most
 * - `repeat`: it goes on so many times, at least 2
 * - `change`: these octets go on instead
 * - `cut`: the Network Connection ends before or after it
 */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'postpone'; readonly packets: number; readonly ms: number }
  | { readonly kind: 'repeat'; readonly copies: number }
  | { readonly kind: 'change'; readonly octets: Uint8Array }
  | { readonly kind: 'cut'; readonly how: 'rst' | 'fin'; readonly when: 'before' | 'after' }

/** What a rule concerns, in words: for a fault that says in a few words what it does to it. */
export interface Scope {
  /** The packets, such as `first PUBREC to pump-01` or `every packet`. */
  readonly packets: string
  /** The same for what concerns links as a whole: `every client`, `pump-*`; `packets` where packets are chosen. */
  readonly link: string
}

/** What kind of failure it is: how a menu sorts it. */
export type FaultGroup = 'time' | 'loss' | 'order' | 'damage' | 'connection'

interface FaultBase {
  /** As a script says it, such as `halfOpen`. */
  readonly name: string
  /** In a menu, in the field's words, such as `half-open`. */
  readonly title: string
  readonly group: FaultGroup
  /** What it does, in one sentence for somebody who chooses. */
  readonly help: string
  readonly settings: Readonly<Record<string, Setting>>
  /** What is wrong with settings of which each is right for itself, in words. */
  mistake?(settings: Settings): string | undefined
  /** The rule in a few words, such as `delay PUBACK to pump-* by 5 s`. */
  describe(settings: Settings, scope: Scope): string
}

/** Decides about one Control Packet at a time. Which ones it is asked about is not its business: see `Rule`. */
export interface PacketFault extends FaultBase {
  readonly level: 'packet'
  /**
   * Pure: the same settings, octets and numbers from `random` give the same verdict. The octets must not be changed.
   *
   * @param octets one whole Control Packet.
   * @param version the Protocol Level of the connection, by which the packet is read where it matters.
   */
  decide(settings: Settings, octets: Uint8Array, random: Random, version: ProtocolVersion): Verdict
}

/** How octets leave, below packets: in these pieces, each after a wait. */
export interface Piece {
  readonly octets: number
  /** Milliseconds to wait before it leaves, after the one before it has left. */
  readonly waitMs: number
}

/** Shapes the stream of octets below packets. */
export interface OctetFault extends FaultBase {
  readonly level: 'octets'
  /**
   * Cuts `length` (> 0) octets that are ready to leave into pieces; together they are `length`. A piece may be one octet
   * small: much is best asked about in parts.
   */
  shape(settings: Settings, length: number, random: Random): readonly Piece[]
}

/** What concerns a Network Connection as a whole: the Link does it, there is nothing to decide. */
export interface ConnectionFault extends FaultBase {
  readonly level: 'connection'
  /**
   * - `half-open`: octets vanish and the socket stays; nobody is told
   * - `refuse`: the Network Connection ends before the broker hears of it, as soon as its client is known to be meant
   */
  readonly effect: 'half-open' | 'refuse'
}

export type Fault = PacketFault | OctetFault | ConnectionFault
