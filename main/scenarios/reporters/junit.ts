import { commandOf, pathOf, problemsOf, type ReportedRun } from './reported.ts'

/**
 * The runs as JUnit XML, as Jenkins, GitLab and others read it: a suite for each file, a case for each of its runs. There is
 * at most one failure or error in a case, because some readers look at the first only; its text has them all.
 */
export function junitReport(runs: readonly ReportedRun[]): string {
  const files = new Map<string, ReportedRun[]>()
  for (const run of runs) {
    const path = pathOf(run, run.report.file)
    files.set(path, [...(files.get(path) ?? []), run])
  }
  const suites = [...files].flatMap(([path, each], at) => suite(path, each, at))
  return `${['<?xml version="1.0" encoding="UTF-8"?>', tag('testsuites', { name: 'faultline', ...totals(runs) }), ...suites, '</testsuites>'].join('\n')}\n`
}

function suite(path: string, runs: readonly ReportedRun[], id: number): string[] {
  const first = runs[0]?.report
  const started = new Date(Math.min(...runs.map(({ report }) => report.startedAt)))
  const skipped = count(runs, (is) => is === 'stopped')
  const about = {
    name: path,
    id,
    ...totals(runs),
    skipped,
    timestamp: started.toISOString().slice(0, 19),
    hostname: 'localhost',
  }
  const properties = [
    { name: 'seed', value: first?.seed ?? '' },
    ...(first?.target ? [{ name: 'target', value: first.target }] : []),
    { name: 'command', value: runs[0] === undefined ? '' : commandOf(runs[0]) },
  ]
  return [
    `  ${tag('testsuite', about)}`,
    '    <properties>',
    ...properties.map((property) => `      ${tag('property', property, '/')}`),
    '    </properties>',
    ...runs.flatMap((run) => testcase(path, run)),
    '  </testsuite>',
  ]
}

function testcase(path: string, run: ReportedRun): string[] {
  const { duration, name, repetition, verdict } = run.report
  const classname = path
    .replace(/\.scenario\.ts$/, '')
    .replaceAll('.', '_')
    .replaceAll('/', '.')
  const title = repetition > 1 ? `${name} #${repetition}` : name
  const inside: string[] = []
  if (verdict?.is === 'stopped') inside.push(`      ${tag('skipped', { message: 'stopped' }, '/')}`)
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
  const about = { name: title, classname, time: seconds(duration) }
  return inside.length === 0
    ? [`    ${tag('testcase', about, '/')}`]
    : [`    ${tag('testcase', about)}`, ...inside, '    </testcase>']
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
    ...(recording === undefined ? [] : [`recording: ${pathOf(run, recording)}`]),
    ...(passed
      ? []
      : [`again: ${commandOf(run)}`, ...unrepeatable.map((sentence) => `not the same again: ${sentence}`)]),
  ]
}

function totals(runs: readonly ReportedRun[]): Record<string, string | number> {
  return {
    tests: runs.length,
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

/** XML 1.0 has no way to write other characters, not even as a number; a carriage return it would make a line feed of. */
function text(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}
