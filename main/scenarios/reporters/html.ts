import { fitting } from './html-room.ts'
import { brief, counted, elsewhere, line, section } from './html-run.ts'
import { htmlStyle } from './html-style.ts'
import { inHtml } from './html-text.ts'
import { durationText, leftScenarios, pathOf, type ReportedLeft, type ReportedRun, tally } from './reported.ts'

/** How many of the runs that did not pass are open from the beginning: more than these could not be surveyed. */
const mostOpen = 10

/**
 * The runs, and what was never begun, as one page that needs nothing else: no network, no script, no other file; it opens
 * from a disk. However much was run it has little more than 10 MB: what did not pass gets its room first, and it says what
 * is left out.
 */
export function htmlReport(runs: readonly ReportedRun[], left: readonly ReportedLeft[]): string {
  const counts = tally(runs, left)
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
    `<header><h1>${inHtml(counts)}</h1><p>${inHtml(extent(runs))}</p>${filter(runs)}</header>`,
    '<main>',
    ...sections(runs),
    ...leftScenarios(left).map(leftLine),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

/** When it was, how many runs of how many files, and how long they took together. */
function extent(runs: readonly ReportedRun[]): string {
  if (runs.length === 0) return ''
  const files = new Set(runs.map((run) => pathOf(run, run.report.file))).size
  const start = runs.reduce((least, { report }) => Math.min(least, report.startedAt), Number.POSITIVE_INFINITY)
  const end = runs.reduce((last, { report }) => Math.max(last, report.startedAt + report.duration), start)
  const when = `${new Date(start).toISOString().replace('T', ' ').slice(0, 19)} UTC`
  return [when, `${counted(runs.length, 'run')} of ${counted(files, 'file')}`, durationText(end - start)].join(' · ')
}

/** A box that works without a script; none where it would change nothing. */
function filter(runs: readonly ReportedRun[]): string {
  const lost = runs.filter((run) => !isPassed(run)).length
  if (lost === 0 || lost === runs.length) return ''
  return `<label class="filter"><input type="checkbox" id="only">only what did not pass (${lost})</label>`
}

/** Each run with as much as there is room for, and how many there was none for. What did not pass is open. */
function sections(runs: readonly ReportedRun[]): string[] {
  const open = new Set(runs.filter((run) => !isPassed(run)).slice(0, mostOpen))
  const forms = [
    (run: ReportedRun) => section(run, open.has(run)),
    (run: ReportedRun) => brief(run, open.has(run)),
    line,
  ] as const
  const texts = fitting(runs, forms, (run) => !isPassed(run))
  const missing = runs.filter((_, at) => texts[at] === undefined)
  return [
    ...texts.filter((text) => text !== undefined),
    ...(missing.length === 0
      ? []
      : [`<p class="about">${inHtml(`${tally(missing, [])}: not listed, ${elsewhere}`)}</p>`]),
  ]
}

function isPassed({ report }: ReportedRun): boolean {
  return report.verdict?.is === 'passed'
}

/** A scenario of which runs were never begun. */
function leftLine({ words, ...left }: ReturnType<typeof leftScenarios>[number]): string {
  return `<p class="run stopped"><span class="mark">${inHtml(words)}</span> <b>${inHtml(left.name)}</b> <span class="about">${inHtml(pathOf(left, left.file))}</span></p>`
}
