import type { Failure, RunReport } from '../../../app/scenario/report.ts'
import { inHtml } from './html-text.ts'
import { timeline } from './html-timeline.ts'
import { commandOf, durationText, pathOf, placeText, problemsOf, type ReportedRun } from './reported.ts'

/** What a run is shown with at most; the JSON report has all of it. */
const most = { failures: 50, briefFailures: 2, expectations: 500, lines: 1000 }

/** Why something is left out, and where it is. */
export const elsewhere = 'as the page would grow too large; --reporter json has them'

/** All of a run. @param open whether it is, from the beginning */
export function section(run: ReportedRun, open: boolean): string {
  const { report } = run
  return inDetails(run, open, [
    facts(run),
    ...problems(run, most.failures),
    timeline(run),
    thresholds(report),
    expectations(run),
    log(report),
  ])
}

/** What went wrong in a run, and no more, for a page with very many. @param open whether it is, from the beginning */
export function brief(run: ReportedRun, open: boolean): string {
  const left = `<p class="about">Its timeline, expectations and log are left out, ${elsewhere}.</p>`
  return inDetails(run, open, [facts(run), ...problems(run, most.briefFailures), left])
}

/** A run in a line, for a page that is all but full. */
export function line(run: ReportedRun): string {
  const [problem] = problemsOf(run)
  const why = problem === undefined ? '' : `<br>${inHtml(problem.title)}`
  return `<p class="run ${kindOf(run)}">${heading(run)}${why}</p>`
}

function inDetails(run: ReportedRun, open: boolean, parts: readonly string[]): string {
  const start = `<details class="run ${kindOf(run)}"${open ? ' open' : ''}>`
  return [start, `<summary>${heading(run)}</summary>`, ...parts, '</details>'].join('\n')
}

function kindOf({ report }: ReportedRun): string {
  const is = report.verdict?.is
  return is === 'passed' || is === 'stopped' ? is : 'failed'
}

function heading(run: ReportedRun): string {
  const { duration, file, name, repetition, verdict } = run.report
  const title = repetition > 1 ? `${name} #${repetition}` : name
  const about = `${pathOf(run, file)} · ${durationText(duration)}`
  return `<span class="mark">${inHtml(verdict?.is ?? 'running')}</span> <b>${inHtml(title)}</b> <span class="about">${inHtml(about)}</span>`
}

function facts(run: ReportedRun): string {
  const { counts, preparation, recording, seed, target, unrepeatable } = run.report
  const packets = `${counted(counts.packets, 'packet')}, ${counted(counts.connections, 'connection')}, ${counts.published} published, ${counts.delivered} delivered, ${counts.dropped} dropped`
  const rows: (readonly [string, string])[] = [
    ['seed', String(seed)],
    ['broker', target === '' ? 'its own' : target],
    ['ready after', durationText(preparation)],
    ['on the wire', counts.notKept === 0 ? packets : `${packets}, ${counts.notKept} not kept`],
    ...(recording === undefined ? [] : [['recording', pathOf(run, recording)] as const]),
    ['again', commandOf(run)],
    ...unrepeatable.map((sentence) => ['not the same again', sentence] as const),
  ]
  const code = (name: string) => (name === 'again' || name === 'recording' ? ' class="code"' : '')
  return `<dl>${rows.map(([name, value]) => `<dt>${inHtml(name)}</dt><dd${code(name)}>${inHtml(value)}</dd>`).join('')}</dl>`
}

/** What went wrong, as much of it as is asked for. */
function problems(run: ReportedRun, limit: number): string[] {
  const { verdict } = run.report
  const blocks: readonly (() => string)[] =
    verdict?.is === 'failed'
      ? verdict.failures.map((failure) => () => failureBlock(run, failure))
      : problemsOf(run).map((problem) => () => problemBlock(problem))
  return [...blocks.slice(0, limit).map((block) => block()), ...leftOut(blocks.length - limit, 'failure')]
}

function problemBlock({ lines, title }: ReturnType<typeof problemsOf>[number]): string {
  return `<section class="failure"><h2>${inHtml(title)}</h2>\n<pre>${inHtml(lines.join('\n'))}</pre>\n</section>`
}

function leftOut(count: number, what: string): string[] {
  return count > 0 ? [`<p class="about">${counted(count, what)} more: --reporter json has them all</p>`] : []
}

/** Such as `1 run`, `2 runs`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function failureBlock(run: ReportedRun, { expected, ladder, place, received, soft, step, what }: Failure): string {
  const name = run.report.steps.find(({ number }) => number === step)?.name
  const where = [
    ...(place === undefined ? [] : [placeText(run, place)]),
    ...(name === undefined ? [] : [`in step “${name}”`]),
    ...(soft ? ['soft'] : []),
  ].join(', ')
  return [
    `<section class="failure"><h2>${inHtml(what)} <span class="about">${inHtml(where)}</span></h2>`,
    `<dl><dt>expected</dt><dd>${inHtml(expected)}</dd><dt>received</dt><dd>${inHtml(received)}</dd></dl>`,
    ...(ladder.length === 0 ? [] : [`<pre class="ladder">${inHtml(ladder.join('\n'))}</pre>`]),
    '</section>',
  ].join('\n')
}

function thresholds({ thresholds }: RunReport): string {
  if (thresholds.length === 0) return ''
  const rows = thresholds.map(
    ({ held, metric, text, value }) =>
      `<tr class="${held ? 'held' : 'lost'}"><td>${inHtml(metric)}</td><td>${inHtml(text)}</td><td>${inHtml(value)}</td><td class="short">${held ? 'held' : 'not held'}</td></tr>`,
  )
  return `<h2>Thresholds</h2><table><thead><tr><th>metric</th><th>threshold</th><th>was</th><th>outcome</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function expectations(run: ReportedRun): string {
  const { expectations } = run.report
  if (expectations.length === 0) return ''
  const rows = expectations
    .slice(0, most.expectations)
    .map(({ at, duration, expected, outcome, place, received, soft, what }) => {
      const took = duration === undefined ? 'did not end' : durationText(duration)
      const words = `${soft ? ' (soft)' : ''}${place === undefined ? '' : `  ${placeText(run, place)}`}`
      const mark = outcome === 'held' ? 'held' : outcome === 'failed' ? 'failed' : 'waiting'
      return `<tr class="${outcome === 'held' ? 'held' : 'lost'}"><td class="short">${inHtml(durationText(at))}</td><td>${inHtml(what)}<span class="about">${inHtml(words)}</span></td><td>${inHtml(expected)}</td><td>${inHtml(received)}</td><td class="short">${mark}</td><td class="short">${inHtml(took)}</td></tr>`
    })
  return `<details class="more"><summary>${counted(expectations.length, 'expectation')}</summary><table><thead><tr><th>at</th><th>what</th><th>expected</th><th>received</th><th class="short">outcome</th><th class="short">took</th></tr></thead><tbody>${rows.join('')}</tbody></table>${leftOut(expectations.length - most.expectations, 'expectation').join('')}</details>`
}

function log({ log }: RunReport): string {
  if (log.length === 0) return ''
  const lines = log.slice(0, most.lines).map(({ at, text }) => `${durationText(at).padStart(9)}  ${text}`)
  return `<details class="more"><summary>${counted(log.length, 'line')} of log</summary><pre>${inHtml(lines.join('\n'))}</pre>${leftOut(log.length - most.lines, 'line').join('')}</details>`
}
