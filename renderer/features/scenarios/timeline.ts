import type { Report, RunTraffic } from '../../state/scenarios.ts'

export type TimelineTone = 'steps' | 'passed' | 'failed' | 'waiting' | 'deed'

/** A bar or a mark, in pixels from the left. */
export interface TimelineMark {
  readonly from: number
  /** A mark without length is as wide as can be seen. */
  readonly to: number
  readonly lane: number
  readonly tone: TimelineTone
}

export interface Timeline {
  /** Of the highest stretch, 0 to 1 for each pixel column from the left. */
  readonly density: readonly number[]
  readonly steps: readonly TimelineMark[]
  readonly expectations: readonly TimelineMark[]
  readonly deeds: readonly TimelineMark[]
  /** How many lanes steps need, at least one. */
  readonly lanes: number
}

/** Steps that run side by side, or within one another, have lanes of their own; more than these share the last. */
const mostLanes = 4

/** Where everything of a run stands on a line of so many pixels. */
export function timelineOf(report: Report, traffic: RunTraffic | undefined, width: number): Timeline {
  const whole = Math.max(1, report.duration)
  const at = (ms: number) => (Math.min(whole, Math.max(0, ms)) / whole) * width
  const ends: number[] = []
  const steps = report.steps.map((step): TimelineMark => {
    const to = step.at + (step.duration ?? whole - step.at)
    const free = ends.findIndex((end) => end <= step.at)
    const lane = Math.min(mostLanes - 1, free === -1 ? ends.length : free)
    ends[lane] = Math.max(ends[lane] ?? 0, to)
    return { from: at(step.at), to: at(to), lane, tone: step.outcome === 'failed' ? 'failed' : 'steps' }
  })
  return {
    density: densityOf(traffic, whole, Math.max(1, Math.floor(width))),
    steps,
    expectations: report.expectations.map((expectation) => ({
      from: at(expectation.at),
      to: at(expectation.at + (expectation.duration ?? whole - expectation.at)),
      lane: 0,
      tone: ({ held: 'passed', failed: 'failed', waiting: 'waiting' } as const)[expectation.outcome],
    })),
    deeds: report.deeds.map((deed) => ({ from: at(deed.at), to: at(deed.at), lane: 0, tone: 'deed' })),
    lanes: Math.max(1, ends.length),
  }
}

function densityOf(traffic: RunTraffic | undefined, whole: number, width: number): number[] {
  const columns = new Array<number>(width).fill(0)
  if (traffic === undefined) return columns
  const { packets, stepMs } = traffic
  const most = packets.reduce((highest, count) => Math.max(highest, count), 0)
  if (most === 0) return columns
  for (let column = 0; column < width; column++) {
    const first = Math.floor((column / width) * (whole / stepMs))
    const last = Math.max(first, Math.ceil(((column + 1) / width) * (whole / stepMs)) - 1)
    for (let step = first; step <= last; step++) {
      columns[column] = Math.max(columns[column] ?? 0, (packets[step] ?? 0) / most)
    }
  }
  return columns
}
