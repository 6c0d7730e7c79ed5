import { closest } from '../base/closest.ts'

/** Metrics whose values are times; see `Thresholds` of expect.d.ts. */
export const timeMetrics = ['delivery.duration', 'handshake.duration', 'connect.duration'] as const

/** Metrics that count. */
export const countMetrics = [
  'messages.published',
  'messages.delivered',
  'delivery.lost',
  'delivery.duplicated',
  'connections.opened',
  'connections.lost',
  'packets.dropped',
  'wills.published',
] as const

export type TimeMetric = (typeof timeMetrics)[number]
export type CountMetric = (typeof countMetrics)[number]

/** What a run has measured: times in milliseconds, in any order. */
export interface Measured {
  readonly times: Readonly<Record<TimeMetric, readonly number[]>>
  readonly counts: Readonly<Record<CountMetric, number>>
  /** Of times of which not every one was kept: what is known of the others. */
  readonly others?: Readonly<Partial<Record<TimeMetric, UnkeptTimes | undefined>>> | undefined
  /** Of counts that may be higher in truth than what was seen: why, in words. */
  readonly atLeast?: Readonly<Partial<Record<CountMetric, string>>> | undefined
  /** What is to be said of a value besides, in words. */
  readonly notes?: Readonly<Partial<Record<TimeMetric | CountMetric, string>>> | undefined
  /** Why a metric cannot be judged, in words: it keeps to nothing then. */
  readonly untold?: Readonly<Partial<Record<TimeMetric | CountMetric, string>>> | undefined
}

/** Times that were counted and not kept, in milliseconds. */
export interface UnkeptTimes {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

const operators = ['<=', '>=', '==', '!=', '<', '>'] as const

/** What a metric must keep to. */
export interface Threshold {
  readonly metric: TimeMetric | CountMetric
  readonly text: string
  /** `value` of a count is the count itself; a percentile is 0 to 100. */
  readonly aggregate: 'value' | 'avg' | 'min' | 'med' | 'max' | 'count' | { readonly percentile: number }
  readonly operator: (typeof operators)[number]
  /** Milliseconds where it is a time. */
  readonly bound: number
}

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const form =
  /^\s*(?:(avg|min|med|max|count|p\(\s*(\d+(?:\.\d+)?)\s*\))\s*)?(<=|>=|==|!=|<|>)\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/

/**
 * Reads a threshold, such as `p(95) < 250ms` of `delivery.duration` or `== 0` of `delivery.lost`.
 *
 * @returns what is wrong with it, where it cannot be read: words that follow its place
 */
export function readThreshold(metric: string, text: string): Threshold | string {
  if (isTime(metric)) return readTime(metric, text)
  if (isCount(metric)) return readCount(metric, text)
  const known = [...timeMetrics, ...countMetrics]
  const meant = closest(metric, known)
  return `there is no metric '${metric}'${meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean '${meant}'?`}`
}

function readTime(metric: TimeMetric, text: string): Threshold | string {
  const [, aggregate, percentile, operator, number, unit = ''] = form.exec(text) ?? []
  const example = `write such as 'p(95) < 250ms', 'max < 2s' or 'count > 10'`
  if (operator === undefined || !isOperator(operator)) return `cannot read '${text}'; ${example}`
  if (aggregate === undefined) return `'${text}' does not say what of the times is meant; ${example}`
  if (percentile !== undefined && Number(percentile) > 100)
    return `p(${percentile}) is no percentile; it goes from 0 to 100`
  const about = percentile === undefined ? named(aggregate) : { percentile: Number(percentile) }
  if (about === 'count') {
    if (unit !== '') return `a count has no unit: '${text}'`
    return { metric, text, aggregate: about, operator, bound: Number(number) }
  }
  const factor = units[unit]
  if (factor === undefined) {
    return unit === ''
      ? `'${text}' has no unit; write 250ms, 2s or 1m`
      : `there is no unit '${unit}'; there are us, ms, s, m and h`
  }
  return { metric, text, aggregate: about, operator, bound: Number(number) * factor }
}

function readCount(metric: CountMetric, text: string): Threshold | string {
  const [, aggregate, , operator, number, unit] = form.exec(text) ?? []
  if (operator === undefined || !isOperator(operator)) return `cannot read '${text}'; write such as '== 0' or '>= 100'`
  if (aggregate !== undefined && aggregate !== 'count') return `${metric} is a count: write '${operator} ${number}'`
  if (unit !== '') return `a count has no unit: '${text}'`
  return { metric, text, aggregate: 'value', operator, bound: Number(number) }
}

/**
 * Whether it was kept to, and by what. A time of which there was no value keeps to nothing but its `count`; what cannot be
 * told keeps to nothing.
 */
export function judgeThreshold(threshold: Threshold, measured: Measured): { held: boolean; value: string } {
  const { bound, metric, operator } = threshold
  const untold = measured.untold?.[metric]
  if (untold !== undefined) return { held: false, value: `it cannot be judged: ${untold}` }
  const value = measuredOf(threshold, measured)
  if (typeof value === 'string') return { held: false, value }
  const unsure = isTime(metric) ? undefined : measured.atLeast?.[metric]
  if (unsure !== undefined) return judgeAtLeast(value, threshold, unsure)
  const note = measured.notes?.[metric]
  const text = isTime(metric) && threshold.aggregate !== 'count' ? `${rounded(value)} ms` : String(value)
  return { held: compare(value, operator, bound), value: note === undefined ? text : `${text} (${note})` }
}

/** Of a count that may be higher: only what every higher one would make of the threshold as well. */
function judgeAtLeast(seen: number, { bound, operator }: Threshold, why: string): { held: boolean; value: string } {
  const held = compare(seen, operator, bound)
  // From the bound on nothing changes any more but at the bound itself.
  const isSure = [bound, bound + 1].every((higher) => higher <= seen || compare(higher, operator, bound) === held)
  const value = `at least ${seen}`
  return isSure ? { held, value } : { held: false, value: `it cannot be judged: ${value}; ${why}` }
}

/** In milliseconds, or a count; in words why there is none. */
function measuredOf({ aggregate, metric }: Threshold, { counts, others, times }: Measured): number | string {
  if (!isTime(metric)) return counts[metric]
  const values = times[metric]
  const { count, max, min, sum } = others?.[metric] ?? noOthers
  const all = values.length + count
  if (aggregate === 'count') return all
  if (all === 0) return 'no value'
  switch (aggregate) {
    case 'avg':
      return values.reduce((total, value) => total + value, sum) / all
    case 'min':
      return Math.min(ranked(values, 0), min)
    case 'max':
      return Math.max(ranked(values, 1), max)
    default:
      if (count > 0) return `it cannot be judged: of ${all} values only the first ${values.length} were kept`
      return ranked(values, typeof aggregate === 'object' ? aggregate.percentile / 100 : 0.5)
  }
}

const noOthers: UnkeptTimes = {
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
}

/** The value at this share of all in their order, from 0 to 1: the nearest rank, so that it is one that there was. */
function ranked(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

function compare(value: number, operator: Threshold['operator'], bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '==':
      return value === bound
    case '!=':
      return value !== bound
  }
}

function rounded(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toFixed(ms >= 1 ? 1 : 3)
}

function named(aggregate: string): Exclude<Threshold['aggregate'], object> {
  return aggregate as Exclude<Threshold['aggregate'], object>
}

function isOperator(text: string): text is Threshold['operator'] {
  return operators.some((operator) => operator === text)
}

function isTime(metric: string): metric is TimeMetric {
  return timeMetrics.some((name) => name === metric)
}

function isCount(metric: string): metric is CountMetric {
  return countMetrics.some((name) => name === metric)
}
