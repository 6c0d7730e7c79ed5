import type { ActiveRule } from './active-rule.ts'

/** What is to be done with what goes one way through one Link. */
export interface Plan {
  /** Breakpoints are to be asked about every packet. */
  readonly holds: boolean
  /** Faults of packets, in the order in which they act. */
  readonly faults: readonly ActiveRule[]
  /** Faults below packets. */
  readonly shapers: readonly ActiveRule[]
  /** Octets vanish, because of this rule. */
  readonly halfOpen: ActiveRule | undefined
  /** 1 is real time; less is slow motion. */
  readonly speed: number
}

/** Everything passes. */
export const idlePlan: Plan = { holds: false, faults: [], shapers: [], halfOpen: undefined, speed: 1 }

/** Whether packets must be whole before they go on. */
export function looksInside(plan: Plan): boolean {
  return plan.holds || plan.faults.length > 0 || plan.speed < 1
}
