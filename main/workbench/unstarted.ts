import type { Clock } from '../../app/base/clock.ts'
import type { RunReport, Verdict } from '../../app/scenario/report.ts'
import type { FileMistake } from '../scenarios/planning.ts'
import { type RunHead, RunLog } from '../scenarios/run-log.ts'

const nothing = { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 }

/** The report of a run that could not begin. */
export function unstarted(head: RunHead, verdict: Verdict, clock: Clock): RunReport {
  const entry = new RunLog(head, clock)
  entry.end(verdict, 1)
  return entry.report(nothing)
}

/** What a run is whose scenario is wrong. */
export function invalid(mistakes: readonly FileMistake[]): Verdict {
  return {
    is: 'invalid',
    mistakes: mistakes.map(({ message, path, place }) => ({ path, message, ...(place && { place }) })),
  }
}
