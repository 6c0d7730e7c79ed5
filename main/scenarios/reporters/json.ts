import type { ReportedLeft, ReportedRun } from './reported.ts'

/** Raised when a program that reads it would have to change. */
const version = 1

/** All that is known of the runs, and of those that were never begun, for programs. */
export function jsonReport(runs: readonly ReportedRun[], left: readonly ReportedLeft[]): string {
  const described = runs.map(({ folder, report }) => ({ workspace: folder === '' ? '.' : folder, ...report }))
  const skipped = left.map(({ folder, ...run }) => ({ workspace: folder === '' ? '.' : folder, ...run }))
  const whole = { version, notBegun: left.length, runs: described, runsNotBegun: skipped }
  return `${JSON.stringify(whole, null, 2)}\n`
}
