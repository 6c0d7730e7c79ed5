import { inTime } from '../../../app/faults/words.ts'
import { againCommand } from '../../../app/scenario/again.ts'
import type { Failure, Place, RunReport } from '../../../app/scenario/report.ts'
import type { LeftBecause } from '../runner.ts'

/** A run, and how the user names its workspace. */
export interface ReportedRun {
  readonly report: RunReport
  /** The workspace's folder, relative to where the user is, with `/`; empty where that is the same. */
  readonly folder: string
  /** The time that the body was given on the command line, in milliseconds; undefined where the file said it. */
  readonly timeoutMs?: number | undefined
}

/**
 * A report in pieces, a run in each at most: whole lines, without the end of the last of them. All of it can be more than a
 * string holds, which is half a GiB.
 */
export type Report = Iterable<string>

/** A run that was never begun. */
export interface ReportedLeft {
  /** As of a `ReportedRun`. */
  readonly folder: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly name: string
  readonly seed: number | string
  /** From 1. */
  readonly repetition: number
  readonly because: LeftBecause
}

/** For people: each scenario of which runs were not begun, once. */
export function leftScenarios(left: readonly ReportedLeft[]): (ReportedLeft & { readonly words: string })[] {
  const found = new Map<string, ReportedLeft[]>()
  for (const each of left) {
    const key = JSON.stringify([each.folder, each.file, each.because])
    const same = found.get(key)
    if (same === undefined) found.set(key, [each])
    else same.push(each)
  }
  return [...found.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const often = all.length === 1 ? '' : ` ${all.length} times`
    return [{ ...first, words: `not begun${often}: ${first.because}` }]
  })
}

/** A path of the workspace, as the user would name it. */
export function pathOf({ folder }: Pick<ReportedRun, 'folder'>, path: string): string {
  return folder === '' ? path : `${folder}/${path}`
}

/** Such as `scenarios/power-loss.scenario.ts:12:9`. */
export function placeText(run: Pick<ReportedRun, 'folder'>, { column, file, line }: Place): string {
  return `${pathOf(run, file)}:${line}:${column}`
}

/** What is wrong in one line, and why the run is not passed; empty for one that is. */
export function problemsOf(run: ReportedRun): readonly { readonly title: string; readonly lines: readonly string[] }[] {
  const { verdict } = run.report
  switch (verdict?.is) {
    case 'failed':
      return verdict.failures.map((failure) => ({ title: titleOf(run, failure), lines: failureLines(failure) }))
    case 'invalid':
      return verdict.mistakes.map(({ message, path, place }) => {
        const where = place === undefined ? '' : `  ${placeText(run, place)}`
        return { title: `${verdict.is}${where}`, lines: [`${path} ${message}`.trim()] }
      })
    case 'script threw':
    case 'out of time': {
      const where = verdict.place === undefined ? '' : `  ${placeText(run, verdict.place)}`
      return [{ title: `${verdict.is}${where}`, lines: [...verdict.message.split('\n'), ...unmet(run)] }]
    }
    case 'environment failed': {
      const { hint, message } = verdict
      return [{ title: verdict.is, lines: [...message.split('\n'), ...(hint === undefined ? [] : [hint])] }]
    }
    default:
      return []
  }
}

/** What had failed before something else ended the run. */
function unmet(run: ReportedRun): string[] {
  return run.report.expectations
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ expected, place, received, what }) => {
      const where = place === undefined ? '' : ` at ${placeText(run, place)}`
      return `before: ${what}${where} expected ${expected}, received ${received}`
    })
}

function titleOf(run: ReportedRun, { place, soft, step, what }: Failure): string {
  const where = place === undefined ? '' : `  ${placeText(run, place)}`
  const name = run.report.steps.find(({ number }) => number === step)?.name
  return `${what}${soft ? ' (soft)' : ''}${where}${name === undefined ? '' : `  in step “${name}”`}`
}

function failureLines({ expected, ladder, received }: Failure): string[] {
  return [
    `expected: ${expected}`,
    `received: ${received}`,
    ...(ladder.length === 0 ? [] : ['packets:', ...ladder.map((line) => `  ${line}`)]),
  ]
}

/** The words that do the same again. */
export function commandOf(run: ReportedRun): string {
  const { file, seed, target } = run.report
  return againCommand({ file: pathOf(run, file), seed, target, timeoutMs: run.timeoutMs })
}

/** Such as `1.8 s`. */
export function durationText(ms: number): string {
  return inTime(ms < 1000 ? Math.round(ms) : Math.round(ms / 10) * 10)
}

const names = {
  passed: 'passed',
  failed: 'failed',
  invalid: 'invalid',
  'script threw': 'script threw',
  'out of time': 'out of time',
  'environment failed': 'environment failed',
  stopped: 'stopped',
} as const

/** Such as `3 passed, 1 failed, 2 not begun`; with how many of those that passed could not have failed by an expectation. */
export function tally(runs: readonly ReportedRun[], left: readonly ReportedLeft[]): string {
  const rest = left.length === 0 ? '' : `, ${left.length} not begun`
  const vague = runs.filter(expectsNothing).length
  const note = vague === 0 ? '' : `; of ${vague} that passed nothing was expected`
  return `${tallyOf(runs) || 'nothing ran'}${rest}${note}`
}

/** It has passed without an expectation, soft or not, and without a threshold. */
export function expectsNothing({ report }: ReportedRun): boolean {
  const { expectations, thresholds, verdict } = report
  return verdict?.is === 'passed' && expectations.length === 0 && thresholds.length === 0
}

function tallyOf(runs: readonly ReportedRun[]): string {
  return Object.values(names)
    .map((name) => ({ name, count: runs.filter(({ report }) => report.verdict?.is === name).length }))
    .filter(({ count }) => count > 0)
    .map(({ count, name }) => `${count} ${name}`)
    .join(', ')
}
