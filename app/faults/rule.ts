import type { Settings } from './fault.ts'

/**
 * One fault that is in force on some links: which one, where, for which packets, how often, how long.
 */
export interface Rule {
  readonly id: string
  /** What the capture says did it, and the screen shows; never empty. */
  readonly name: string
  readonly enabled: boolean
  /** Name of a fault in `faults`. */
  readonly fault: string
  readonly settings: Settings
  /**
   * Pattern of Client Identifiers, `*` for any run of characters; `*` alone is every Network Connection, also before its
   * CONNECT.
   */
  readonly clients: string
  /** The number of the only Network Connection that it is about; 0 is any. */
  readonly connection: number
  /** Which way: what the client sends, what the broker sends, or both. */
  readonly from: 'any' | 'client' | 'broker'
  /** In the filter language; empty means every packet. Not looked at by faults below packets. */
  readonly filter: string
  /** It acts from this match on, counted over all its links, from 1. */
  readonly nth: number
  /** How often it acts; 0 is without end. */
  readonly times: number
  /** The chance that it acts on a match, 0 to 1, drawn from the seed. */
  readonly probability: number
  /** Milliseconds after it was enabled at which it begins and ends; `untilMs` 0 is without end. */
  readonly fromMs: number
  readonly untilMs: number
}

/** A rule before it has its id. An empty name is replaced by a description. */
export type RuleDraft = Omit<Rule, 'id'>

/** How far a rule has come. */
export interface RuleProgress {
  /** Packets that its filter has matched. */
  readonly matched: number
  /** How often it has acted. */
  readonly hits: number
  /** It has acted as often, or for as long, as it was to. */
  readonly done: boolean
}
