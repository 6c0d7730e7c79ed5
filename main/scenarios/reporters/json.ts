import type { Report, ReportedLeft, ReportedRun } from './reported.ts'

/** Raised when a program that reads it would have to change. */
const version = 1

/** All that is known of the runs, and of those that were never begun, for programs. See `Report`. */
export function* jsonReport(runs: readonly ReportedRun[], left: readonly ReportedLeft[]): Report {
  yield `{\n  "version": ${version},\n  "notBegun": ${left.length},`
  yield* list('runs', runs, ({ folder, report }) => ({ workspace: folder === '' ? '.' : folder, ...report }), ',')
  yield* list('runsNotBegun', left, ({ folder, ...run }) => ({ workspace: folder === '' ? '.' : folder, ...run }), '')
  yield '}'
}

function* list<T>(name: string, all: readonly T[], described: (one: T) => object, behind: ',' | ''): Report {
  if (all.length === 0) {
    yield `  "${name}": []${behind}`
    return
  }
  yield `  "${name}": [`
  for (const [at, one] of all.entries()) {
    const text = JSON.stringify(described(one), null, 2).replaceAll('\n', '\n    ')
    yield `    ${text}${at === all.length - 1 ? '' : ','}`
  }
  yield `  ]${behind}`
}
