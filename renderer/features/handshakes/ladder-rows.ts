import type { ConnectionStep, PacketStep, Words } from './ladder-words.ts'

/** Pixels from the top of the ladder. No two rows overlap. */
interface Placed {
  readonly key: string
  readonly y: number
  readonly height: number
}

/**
 * - `forward`: with the message; `answer`: against it
 * - `dropped`, `held`: ends half way
 * - `expected`: has not been sent yet
 */
export type ArrowLook = 'forward' | 'answer' | 'dropped' | 'held' | 'expected'

export interface Arrow {
  readonly look: ArrowLook
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
  /** It arrived more than once. */
  readonly twice: boolean
}

/** Lines of words beside or beneath an arrow; `y` is the baseline of the first. */
export interface Note {
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'end'
  readonly lines: readonly Words[]
}

/** Words over an arrow, centred: as many lines as the room between its lifelines needs; `y` is the baseline of the first. */
export interface Label {
  readonly x: number
  readonly y: number
  readonly lines: readonly (readonly Words[])[]
}

export interface PacketRow extends Placed {
  readonly kind: 'packet'
  readonly step: PacketStep
  /** Nanoseconds since the message began. */
  readonly since: number
  readonly sentence: string
  readonly label: Label
  readonly arrow: Arrow
  readonly note: Note | undefined
}

/** A late packet arrives, and something else happened since it left. */
export interface ArrivalRow extends Placed {
  readonly kind: 'arrival'
  readonly step: PacketStep
  readonly since: number
  readonly note: Note
}

export interface BandRow extends Placed {
  readonly kind: 'band'
  readonly steps: readonly ConnectionStep[]
  readonly since: number
  /** Broken into lines. */
  readonly lines: readonly string[]
  readonly sentence: string
}

/** Time in which nothing happened, longer than its height says. */
export interface GapRow extends Placed {
  readonly kind: 'gap'
  /** Nanoseconds. */
  readonly length: number
}

export interface ExpectedRow extends Placed {
  readonly kind: 'expected'
  readonly sentence: string
  readonly label: Label
  readonly arrow: Arrow
}

export type Row = PacketRow | ArrivalRow | BandRow | GapRow | ExpectedRow

/** Sizes in pixels that the layout and the drawing must agree on. */
export const sizes = {
  lineHeight: 15,
  /** From the top of a packet's row to where its arrow begins. */
  arrowTop: 17,
  /** How far an arrow falls on its way. */
  fall: 22,
  /** Between the arrows of a packet that arrived twice. */
  twiceApart: 7,
  packetRow: 47,
  bandMargin: 9,
  bandPadding: 6,
  bandLine: 16,
  gapRow: 28,
  arrivalRow: 27,
  /** Space over the first row and under the last. */
  margin: 12,
} as const

/** Advance of a character of the labels, whose font has but one, in pixels. */
export const labelCharacter = 6.95

/** Width of other words in pixels, on the safe side, because a layout that measured on the screen could not be tested. */
export function wordsWidth(text: string): number {
  let width = 0
  for (const character of text) width += widthOf(character)
  return width
}

function widthOf(character: string): number {
  if (character === ' ') return 3.3
  if (foreign.test(character)) return 12
  return wide.test(character) ? 8 : 5.8
}

const wide = /[\p{Lu}mw@%→—]/u
const foreign = /[^\p{Script=Latin}\p{P}\p{S}\p{N}]/u
