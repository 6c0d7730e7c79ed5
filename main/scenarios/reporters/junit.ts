import {
  commandOf,
  durationText,
  expectsNothing,
  pathOf,
  problemsOf,
  type Report,
  type ReportedLeft,
  type ReportedRun,
} from './reported.ts'

/**
 * The runs as JUnit XML, as Jenkins, GitLab and others read it: a suite for each file, a case for each of its runs, also of
 * those that were never begun: they are skipped, as is what was stopped. There is at most one failure or error in a case,
 * because some readers look at the first only; its text has them all. See `Report`.
 */
export function* junitReport(runs: readonly ReportedRun[], left: readonly ReportedLeft[]): Report {
  const files = new Map<string, Suite>()
  const suiteOf = (path: string) => {
    const suite = files.get(path) ?? { runs: [], left: [] }
    files.set(path, suite)
    return suite
  }
  for (const run of runs) suiteOf(pathOf(run, run.report.file)).runs.push(run)
  for (const each of left) suiteOf(pathOf(each, each.file)).left.push(each)
  yield '<?xml version="1.0" encoding="UTF-8"?>'
  // No counts of all: none of the schemas has one for what was skipped, and readers would take that for passed.
  const all = { name: 'faultline', time: totals({ runs, left }).time }
  yield tag('testsuites', all)
  for (const [at, [path, each]] of [...files].entries()) yield* suite(path, each, at)
  yield '</testsuites>'
}

/** Runs of a file, and those of them that were never begun. */
interface Suite {
  readonly runs: ReportedRun[]
  readonly left: ReportedLeft[]
}

function* suite(path: string, { left, runs }: Suite, id: number): Report {
  const first = runs[0]?.report
  const started = new Date(
    runs.reduce((least, { report }) => Math.min(least, report.startedAt), Number.POSITIVE_INFINITY),
  )
  const skipped = count(runs, (is) => is === 'stopped') + left.length
  const about = {
    name: path,
    id,
    ...totals({ runs, left }),
    skipped,
    ...(first === undefined ? {} : { timestamp: started.toISOString().slice(0, 19) }),
    hostname: 'localhost',
  }
  const properties = [
    { name: 'seed', value: first?.seed ?? left[0]?.seed ?? '' },
    ...(first?.target ? [{ name: 'target', value: first.target }] : []),
    ...(runs[0] === undefined ? [] : [{ name: 'command', value: commandOf(runs[0]) }]),
  ]
  yield `  ${tag('testsuite', about)}`
  yield '    <properties>'
  for (const property of properties) yield `      ${tag('property', property, '/')}`
  yield '    </properties>'
  for (const run of runs) yield testcase(path, run).join('\n')
  for (const each of left) yield leftCase(path, each).join('\n')
  yield '  </testsuite>'
}

function testcase(path: string, run: ReportedRun): string[] {
  const { duration, name, repetition, verdict } = run.report
  const inside: string[] = []
  if (verdict?.is === 'stopped')
    inside.push(`      ${tag('skipped', { message: `stopped after ${durationText(duration)}` }, '/')}`)
  const problems = problemsOf(run)
  const [problem] = problems
  if (problem !== undefined && verdict !== undefined) {
    const element = verdict.is === 'failed' ? 'failure' : 'error'
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    const message = `${problem.title}${more}: ${problem.lines
      .filter((line) => !line.startsWith('packets:'))
      .slice(0, 2)
      .join('; ')}`
    const body = problems.map(({ lines, title }) => [title, ...lines].join('\n')).join('\n\n')
    inside.push(`      ${tag(element, { message, type: verdict.is })}${text(body)}</${element}>`)
  }
  const output = outputOf(run)
  if (output.length > 0) inside.push(`      <system-out>${text(output.join('\n'))}</system-out>`)
  const about = { ...named(path, name, repetition), time: seconds(duration) }
  return inside.length === 0
    ? [`    ${tag('testcase', about, '/')}`]
    : [`    ${tag('testcase', about)}`, ...inside, '    </testcase>']
}

function leftCase(path: string, { because, name, repetition }: ReportedLeft): string[] {
  return [
    `    ${tag('testcase', { ...named(path, name, repetition), time: seconds(0) })}`,
    `      ${tag('skipped', { message: `not begun: ${because}` }, '/')}`,
    '    </testcase>',
  ]
}

function named(path: string, name: string, repetition: number): { readonly name: string; readonly classname: string } {
  const classname = path
    .replace(/\.scenario\.ts$/, '')
    .replaceAll('.', '_')
    .replaceAll('/', '.')
  return { name: repetition > 1 ? `${name} #${repetition}` : name, classname }
}

function outputOf(run: ReportedRun): string[] {
  const { deeds, log, recording, steps, thresholds, unrepeatable, verdict } = run.report
  const lines = [
    ...steps.map(({ at, name, outcome }) => ({ at, text: `step “${name}” ${outcome}` })),
    ...deeds.map(({ at, what }) => ({ at, text: what })),
    ...log.map(({ at, text }) => ({ at, text: `log: ${text}` })),
  ].toSorted((a, b) => a.at - b.at)
  const passed = verdict?.is === 'passed'
  return [
    ...lines.map(({ at, text }) => `${seconds(at)} s  ${text}`),
    ...thresholds.map(
      ({ held, metric, text, value }) => `threshold ${metric} ${text}: ${value}${held ? '' : ', not held'}`,
    ),
    ...(expectsNothing(run) ? ['nothing was expected of it'] : []),
    ...(recording === undefined ? [] : [`recording: ${pathOf(run, recording)}`]),
    ...(passed
      ? []
      : [`again: ${commandOf(run)}`, ...unrepeatable.map((sentence) => `not the same again: ${sentence}`)]),
  ]
}

function totals({ left, runs }: { readonly runs: readonly ReportedRun[]; readonly left: readonly ReportedLeft[] }) {
  return {
    tests: runs.length + left.length,
    failures: count(runs, (is) => is === 'failed'),
    errors: count(runs, (is) => is !== 'failed' && is !== 'passed' && is !== 'stopped'),
    time: seconds(runs.reduce((sum, { report }) => sum + report.duration, 0)),
  }
}

function count(runs: readonly ReportedRun[], fits: (is: string | undefined) => boolean): number {
  return runs.filter(({ report }) => fits(report.verdict?.is)).length
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

function tag(name: string, attributes: Readonly<Record<string, string | number>>, end = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`)
  return `<${name}${written.join('')}${end}>`
}

/** Breaks of lines in an attribute are read as blanks unless they are written so. */
function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}

/**
 * XML 1.0 has no way to write other characters, not even as a number, and makes a line feed of a carriage return. They are
 * written as a script would: at a replacement character some readers take the file for one that is not UTF-8, and some do
 * not know numbers.
 */
function text(value: string): string {
  return value
    .replace(
      /[^\t\n\u0020-\ud7ff\ue000-\ufffc\u{10000}-\u{10ffff}]/gu,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
