import type { Report } from '../../state/scenarios.ts'

export interface CoursePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Numbers of capture records, both included. */
export interface PacketRange {
  readonly first: number
  /** Undefined is up to the end. */
  readonly last: number | undefined
}

/** One row of a run's course. */
export interface CourseRow {
  readonly kind: 'step' | 'expectation' | 'deed' | 'log'
  /** Unique in the run. */
  readonly key: string
  readonly at: number
  /** Undefined where it goes on, or takes no time. */
  readonly duration: number | undefined
  readonly text: string
  /** What was expected and what came, of an expectation. */
  readonly detail: string
  /** `unfinished` is what went on when the run ended. */
  readonly outcome: 'running' | 'passed' | 'failed' | 'unfinished' | 'done'
  readonly soft: boolean
  /** How many steps it is within. */
  readonly depth: number
  readonly place: CoursePlace | undefined
  /** What was on the wire from a step on until the next one; undefined while it runs, and of what is no step. */
  readonly packets: PacketRange | undefined
}

/** Everything that happened in a run, in its order; what a step has in it comes after it. */
export function courseOf({ deeds, expectations, log, steps, verdict }: Report): CourseRow[] {
  const open = verdict === undefined ? 'running' : 'unfinished'
  const parents = new Map(steps.map(({ number, parent }) => [number, parent]))
  const depthOf = (step: number | undefined): number => {
    let depth = 0
    for (let at = step; at !== undefined && depth < 20; at = parents.get(at)) depth++
    return depth
  }
  // What a step has brought about comes after it has been told to: up to where the next one begins.
  const starts = steps.map(({ firstPacket }) => firstPacket).sort((a, b) => a - b)
  const rangeOf = (first: number, last: number): PacketRange => {
    const next = starts.find((start) => start > first && start >= last)
    return { first, last: next === undefined ? undefined : next - 1 }
  }
  const none = { duration: undefined, detail: '', soft: false, place: undefined, packets: undefined }
  const rows: CourseRow[] = [
    ...steps.map(
      (step): CourseRow => ({
        ...none,
        kind: 'step',
        key: `step ${step.number}`,
        at: step.at,
        duration: step.duration,
        text: step.name,
        outcome: step.outcome === 'running' ? open : step.outcome,
        depth: depthOf(step.parent),
        place: step.place,
        packets: step.lastPacket === undefined ? undefined : rangeOf(step.firstPacket, step.lastPacket),
      }),
    ),
    ...deeds.map(
      (deed, i): CourseRow => ({
        ...none,
        kind: 'deed',
        key: `deed ${i}`,
        at: deed.at,
        text: deed.what,
        outcome: 'done',
        depth: depthOf(deed.step),
        place: deed.place,
      }),
    ),
    ...expectations.map(
      (expectation, i): CourseRow => ({
        ...none,
        kind: 'expectation',
        key: `expectation ${i}`,
        at: expectation.at,
        duration: expectation.duration,
        text: expectation.expected === '' ? expectation.what : `${expectation.what}: ${expectation.expected}`,
        detail: expectation.received,
        outcome: { waiting: open, held: 'passed', failed: 'failed' }[expectation.outcome] as CourseRow['outcome'],
        soft: expectation.soft,
        depth: depthOf(expectation.step),
        place: expectation.place,
      }),
    ),
    ...log.map(
      (line, i): CourseRow => ({
        ...none,
        kind: 'log',
        key: `log ${i}`,
        at: line.at,
        text: line.text,
        outcome: 'done',
        depth: 0,
      }),
    ),
  ]
  // What began at the same moment stays in this order: sorting is stable.
  return rows.sort((a, b) => a.at - b.at)
}
