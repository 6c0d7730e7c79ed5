import type { Random } from '../base/random.ts'

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

interface FaultBase {
  /** As a script says it, such as `halfOpen`. */
  readonly name: string
  /** In a menu, in the field's words, such as `half-open`. */
  readonly title: string
  /** What it does, in one sentence for somebody who chooses. */
  readonly help: string
  readonly settings: Readonly<Record<string, Setting>>
}

/** Decides about one Control Packet at a time. Which ones it is asked about is not its business: see `Rule`. */
export interface PacketFault extends FaultBase {
  readonly level: 'packet'
  /** Pure: the same settings, octets and numbers from `random` give the same verdict. The octets must not be changed. */
  decide(settings: Settings, octets: Uint8Array, random: Random): Verdict
  /** The rule in a few words, such as `delay … by 5 s`; `packets` says which ones. */
  describe(settings: Settings, packets: string): string
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
  /** Cuts `length` (> 0) octets that are ready to leave into pieces; together they are `length`. */
  shape(settings: Settings, length: number, random: Random): readonly Piece[]
  describe(settings: Settings, clients: string): string
}

/** What concerns a Network Connection as a whole: the Link does it, there is nothing to decide. */
export interface ConnectionFault extends FaultBase {
  readonly level: 'connection'
  readonly effect: 'half-open' | 'refuse'
  describe(settings: Settings, clients: string): string
}

export type Fault = PacketFault | OctetFault | ConnectionFault
