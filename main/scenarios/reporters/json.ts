import type { ReportedRun } from './reported.ts'

/** Raised when a program that reads it would have to change. */
const version = 1

/** All that is known of the runs, for programs. @param left how many were never begun */
export function jsonReport(runs: readonly ReportedRun[], left: number): string {
  const described = runs.map(({ folder, report }) => ({ workspace: folder === '' ? '.' : folder, ...report }))
  return `${JSON.stringify({ version, notBegun: left, runs: described }, null, 2)}\n`
}
