import type { Failure, RunReport } from '../../../app/scenario/report.ts'
import { htmlStyle } from './html-style.ts'
import { inHtml } from './html-text.ts'
import { timeline } from './html-timeline.ts'
import { commandOf, durationText, pathOf, placeText, problemsOf, type ReportedRun, tally } from './reported.ts'

/**
 * The runs as one page that needs nothing else: no network, no script, no other file; it opens from a disk.
 *
 * @param left how many runs were never begun
 */
export function htmlReport(runs: readonly ReportedRun[], left: number): string {
  const start = Math.min(...runs.map(({ report }) => report.startedAt))
  const when = Number.isFinite(start) ? new Date(start).toISOString().replace('T', ' ').slice(0, 19) : ''
  const counts = `${tally(runs) || 'nothing ran'}${left === 0 ? '' : `, ${left} not begun`}`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${inHtml(`Faultline: ${counts}`)}</title>`,
    `<style>${htmlStyle}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${inHtml(counts)}</h1><p>${inHtml(when === '' ? '' : `${when} UTC`)}</p></header>`,
    '<main>',
    ...runs.map(runSection),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

/** What did not pass is open. */
function runSection(run: ReportedRun): string {
  const { report } = run
  const is = report.verdict?.is ?? 'running'
  const repetition = report.repetition > 1 ? ` #${report.repetition}` : ''
  return [
    `<details class="run ${is === 'passed' ? 'passed' : is === 'stopped' ? 'stopped' : 'failed'}"${is === 'passed' ? '' : ' open'}>`,
    `<summary><span class="mark">${inHtml(is)}</span> <b>${inHtml(report.name + repetition)}</b> <span class="about">${inHtml(`${pathOf(run, report.file)} · ${durationText(report.duration)}`)}</span></summary>`,
    facts(run),
    ...(report.verdict?.is === 'failed'
      ? report.verdict.failures.map((failure) => failureBlock(run, failure))
      : problems(run)),
    timeline(run),
    thresholds(report),
    expectations(run),
    log(report),
    '</details>',
  ].join('\n')
}

function facts(run: ReportedRun): string {
  const { counts, preparation, recording, seed, target, unrepeatable } = run.report
  const packets = `${counts.packets} packets, ${counts.connections} connections, ${counts.published} published, ${counts.delivered} delivered, ${counts.dropped} dropped`
  const rows: (readonly [string, string])[] = [
    ['seed', String(seed)],
    ['broker', target === '' ? 'its own' : target],
    ['ready after', durationText(preparation)],
    ['on the wire', counts.notKept === 0 ? packets : `${packets}, ${counts.notKept} not kept`],
    ...(recording === undefined ? [] : [['recording', pathOf(run, recording)] as const]),
    ['again', commandOf(run)],
    ...unrepeatable.map((sentence) => ['not the same again', sentence] as const),
  ]
  return `<dl>${rows.map(([name, value]) => `<dt>${inHtml(name)}</dt><dd>${inHtml(value)}</dd>`).join('')}</dl>`
}

function problems(run: ReportedRun): string[] {
  return problemsOf(run).map(({ lines, title }) =>
    [`<section class="failure"><h2>${inHtml(title)}</h2>`, `<pre>${inHtml(lines.join('\n'))}</pre>`, '</section>'].join(
      '\n',
    ),
  )
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
  const rows = expectations.map(({ at, duration, expected, outcome, place, received, soft, what }) => {
    const took = duration === undefined ? 'did not end' : durationText(duration)
    const words = `${soft ? ' (soft)' : ''}${place === undefined ? '' : `  ${placeText(run, place)}`}`
    const mark = outcome === 'held' ? 'held' : outcome === 'failed' ? 'failed' : 'waiting'
    return `<tr class="${outcome === 'held' ? 'held' : 'lost'}"><td class="short">${inHtml(durationText(at))}</td><td>${inHtml(what)}<span class="about">${inHtml(words)}</span></td><td>${inHtml(expected)}</td><td>${inHtml(received)}</td><td class="short">${mark}</td><td class="short">${inHtml(took)}</td></tr>`
  })
  return `<details class="more"><summary>${expectations.length} ${expectations.length === 1 ? 'expectation' : 'expectations'}</summary><table><thead><tr><th>at</th><th>what</th><th>expected</th><th>received</th><th>outcome</th><th>took</th></tr></thead><tbody>${rows.join('')}</tbody></table></details>`
}

function log({ log }: RunReport): string {
  if (log.length === 0) return ''
  const lines = log.map(({ at, text }) => `${durationText(at).padStart(9)}  ${text}`)
  return `<details class="more"><summary>${log.length} ${log.length === 1 ? 'line' : 'lines'} of log</summary><pre>${inHtml(lines.join('\n'))}</pre></details>`
}
