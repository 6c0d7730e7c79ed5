import type { ExchangeSnapshot } from '../../../app/contract/messages.ts'
import type { ConnectionStep, PacketStep } from './ladder-words.ts'

/** One exchange of the ladder, and the lifeline of its client. */
export interface Hop {
  readonly exchange: ExchangeSnapshot
  readonly client: string
  readonly lane: number
}

/** Something that happened, at its time, in nanoseconds since the capture began. */
export type Happening =
  | { readonly kind: 'leaves'; readonly time: number; readonly step: PacketStep; readonly hop: Hop }
  /** A packet that was late arrives. What was not late arrives as it leaves. */
  | { readonly kind: 'arrives'; readonly time: number; readonly step: PacketStep; readonly hop: Hop }
  | { readonly kind: 'connection'; readonly time: number; readonly step: ConnectionStep; readonly hop: Hop }

/** Whether it reached the other end. */
export function hasArrived(step: PacketStep): boolean {
  return step.fate !== 'dropped' && step.fate !== 'held'
}

/**
 * The steps of all hops in the order of time, at most the newest `most` of them; `leftOut` says how many are older.
 * A connection that two hops share is told of once.
 */
export function orderSteps(hops: readonly Hop[], most: number): { happenings: Happening[]; leftOut: number } {
  const seen = new Set<number>()
  const steps: Happening[] = []
  for (const hop of hops) {
    for (const step of hop.exchange.steps) {
      if (step.kind === 'packet') steps.push({ kind: 'leaves', time: step.time, step, hop })
      else if (!seen.has(step.number)) {
        seen.add(step.number)
        steps.push({ kind: 'connection', time: step.time, step, hop })
      }
    }
  }
  steps.sort(byTime)
  const leftOut = Math.max(0, steps.length - most)
  const shown = steps.slice(leftOut)
  const late: Happening[] = []
  for (const { kind, step, hop } of shown) {
    if (kind !== 'leaves' || step.delay <= 0 || !hasArrived(step)) continue
    late.push({ kind: 'arrives', time: step.time + step.delay, step, hop })
  }
  return { happenings: late.length === 0 ? shown : [...shown, ...late].sort(byTime), leftOut }
}

function byTime(a: Happening, b: Happening): number {
  return a.time - b.time || a.step.number - b.step.number
}
