import type { RunReport } from '../../../app/scenario/report.ts'
import {
  commandOf,
  durationText,
  expectsNothing,
  leftScenarios,
  pathOf,
  placeText,
  problemsOf,
  type ReportedLeft,
  type ReportedRun,
  tally,
} from './reported.ts'

/** Whether marks have colours. */
export interface ListStyle {
  readonly colour: boolean
}

/** What was wrong how often is told of so many kinds. */
const mostKinds = 5

/**
 * What is printed of a run that has ended: one line where it passed, all that helps where it did not.
 *
 * @param told what a list says once, and has said: why a run may not be the same again is as true for the next one
 */
export function runLines(run: ReportedRun, style: ListStyle, told = new Set<string>()): string[] {
  const { report } = run
  const passed = report.verdict?.is === 'passed'
  const stopped = report.verdict?.is === 'stopped'
  const mark = passed ? paint(style, 32, '✓') : stopped ? '-' : paint(style, 31, '✗')
  const repetition = report.repetition > 1 ? ` #${report.repetition}` : ''
  const about = paint(
    style,
    2,
    `${stopped ? 'stopped after ' : ''}${durationText(report.duration)}  ${shown(pathOf(run, report.file))}`,
  )
  const head = `${mark} ${shown(report.name)}${repetition}  ${about}`
  if (passed) return expectsNothing(run) ? [head, paint(style, 33, '  nothing was expected of it')] : [head]
  const problems = problemsOf(run)
  const untold = report.unrepeatable.filter((sentence) => !told.has(sentence))
  for (const sentence of untold) told.add(sentence)
  const numbered = problems.flatMap(({ lines, title }, at) => [
    `  ${problems.length > 1 ? `${at + 1}) ` : ''}${paint(style, 31, shown(title))}`,
    ...lines.map((line) => `     ${shown(line)}`),
  ])
  return [
    head,
    ...numbered,
    ...report.log.slice(-10).map(({ at, text }) => `  log ${durationText(at)}: ${shown(text)}`),
    ...(report.recording === undefined ? [] : [`  recording: ${shown(pathOf(run, report.recording))}`]),
    `  again: ${shown(commandOf(run))}`,
    ...untold.map((sentence) => paint(style, 2, `  not the same again: ${shown(sentence)}`)),
  ]
}

/** The last lines: what was never begun, how many of what, and with repetitions how often what failed. */
export function summaryLines(
  runs: readonly ReportedRun[],
  left: readonly ReportedLeft[],
  seconds: number,
  style: ListStyle,
): string[] {
  const repeated = runs.some(({ report }) => report.repetition > 1)
  return [
    ...leftLines(left, style),
    ...(repeated ? flakiness(runs) : []),
    `${tally(runs, left)} (${seconds.toFixed(1)} s)`,
  ]
}

export function leftLines(left: readonly ReportedLeft[], style: ListStyle): string[] {
  return leftScenarios(left).map((each) => {
    return `- ${shown(each.name)}  ${paint(style, 2, `${each.words}  ${shown(pathOf(each, each.file))}`)}`
  })
}

/** Of each scenario that did not pass every time: how often, and what it was. */
function flakiness(runs: readonly ReportedRun[]): string[] {
  const files = new Map<string, ReportedRun[]>()
  for (const run of runs) {
    const path = pathOf(run, run.report.file)
    files.set(path, [...(files.get(path) ?? []), run])
  }
  return [...files.values()].flatMap((all) => {
    const failed = all.filter(({ report }) => report.verdict?.is !== 'passed' && report.verdict?.is !== 'stopped')
    if (failed.length === 0) return []
    const kinds = new Map<string, number>()
    for (const run of failed) for (const kind of kindsOf(run)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    const counted = [...kinds].toSorted((a, b) => b[1] - a[1]).map(([kind, count]) => `${count}x ${kind}`)
    const more = counted.length > mostKinds ? `, and ${counted.length - mostKinds} more` : ''
    const name = shown(all[0]?.report.name ?? '')
    return [`${name}: ${failed.length} of ${all.length} failed: ${counted.slice(0, mostKinds).join(', ')}${more}`]
  })
}

/** What failed in a run, each kind once. */
function kindsOf(run: ReportedRun): string[] {
  const { verdict } = run.report
  const at = (place: Parameters<typeof placeText>[1] | undefined) =>
    place === undefined ? '' : ` at ${placeText(run, place)}`
  if (verdict?.is === 'failed') return [...new Set(verdict.failures.map(({ place, what }) => `${what}${at(place)}`))]
  if (verdict?.is === 'script threw' || verdict?.is === 'out of time') return [`${verdict.is}${at(verdict.place)}`]
  return verdict === undefined ? [] : [verdict.is]
}

/** One line about what goes on. @param width columns that it may have */
export function progressLine(
  running: readonly RunReport[],
  { ended, failed, of }: { readonly ended: number; readonly failed: number; readonly of: number },
  width: number,
): string {
  const what = running.map(({ duration, name, steps }) => {
    const step = steps.findLast(({ outcome }) => outcome === 'running')
    return `${name}${step === undefined ? '' : ` › ${step.name}`} ${(duration / 1000).toFixed(0)} s`
  })
  const counts = `${ended}/${of}${failed > 0 ? `, ${failed} failed` : ''}`
  return shown(`${counts}  ${what.join(' | ')}`).slice(0, Math.max(10, width))
}

/** What a client or a script says is never obeyed by a terminal. */
export function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, '·')
}

function paint({ colour }: ListStyle, code: number, text: string): string {
  return colour ? `\u001b[${code}m${text}\u001b[0m` : text
}
