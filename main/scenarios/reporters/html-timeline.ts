import type { StepReport } from '../../../app/scenario/report.ts'
import { inHtml } from './html-text.ts'
import { durationText, type ReportedRun } from './reported.ts'

/** Rows that a timeline has at most, of each kind. */
const mostRows = 500

/** The time of a body, in milliseconds since its run began: what came before would make it narrow. */
interface Span {
  readonly start: number
  readonly end: number
}

/** Steps, deeds and expectations of a run over the time of its body, a row each, in the order in which they began. */
export function timeline({ report }: ReportedRun): string {
  const { deeds, duration, expectations, preparation, steps } = report
  const span = { start: Math.min(preparation, duration), end: duration }
  const rows = [
    ...steps.slice(0, mostRows).map((step) => ({ at: step.at, html: stepRow(step, steps, span) })),
    ...deeds.slice(0, mostRows).map(({ at, kind, step, what }) => {
      const depth = step === undefined ? 0 : depthOf(steps, step) + 1
      return { at, html: row('deed', what, at, undefined, span, depth, `${kind} at ${durationText(at)}`) }
    }),
    ...expectations.slice(0, mostRows).map((expectation) => {
      const { at, outcome, step, what } = expectation
      const depth = step === undefined ? 0 : depthOf(steps, step) + 1
      const took = expectation.duration ?? duration - at
      const kind = `expectation ${outcome === 'held' ? 'held' : 'lost'}`
      return {
        at,
        html: row(kind, what, at, took, span, depth, `${outcome} at ${durationText(at)}, took ${durationText(took)}`),
      }
    }),
  ].toSorted((a, b) => a.at - b.at)
  if (rows.length === 0) return ''
  const left = [steps, deeds, expectations].reduce((sum, { length }) => sum + Math.max(0, length - mostRows), 0)
  const more = left === 0 ? '' : `<p class="about">${left} more are not shown</p>`
  const axis = `<div class="row axis"><span></span><span class="track">${[span.start, (span.start + span.end) / 2, span.end].map((ms) => `<i>${inHtml(durationText(ms))}</i>`).join('')}</span></div>`
  return `<h2>Timeline</h2><div class="timeline">${axis}${rows.map(({ html }) => html).join('\n')}</div>${more}`
}

function stepRow(step: StepReport, steps: readonly StepReport[], span: Span): string {
  const took = step.duration ?? span.end - step.at
  const about = `step, ${step.outcome}, took ${durationText(took)}`
  const kind = `step ${step.outcome === 'failed' ? 'lost' : 'held'}`
  return row(kind, step.name, step.at, took, span, depthOf(steps, step.number), about)
}

function row(
  kind: string,
  name: string,
  at: number,
  took: number | undefined,
  { end, start }: Span,
  depth: number,
  about: string,
): string {
  const whole = Math.max(end - start, 1)
  const left = percent((at - start) / whole)
  const mark =
    took === undefined
      ? `<span class="point" style="left:${left}%"></span>`
      : `<span class="bar" style="left:${left}%;width:${percent(Math.min(took, end - at) / whole)}%"></span>`
  return `<div class="row ${kind}" title="${inHtml(about)}"><span class="name" style="padding-left:${Math.min(depth, 8)}em">${inHtml(name)}</span><span class="track">${mark}</span></div>`
}

function depthOf(steps: readonly StepReport[], number: number): number {
  let depth = 0
  for (let step = steps[number - 1]; step?.parent !== undefined && depth < steps.length; depth++) {
    step = steps[step.parent - 1]
  }
  return depth
}

function percent(share: number): string {
  return (Math.max(0, Math.min(1, share)) * 100).toFixed(2)
}
