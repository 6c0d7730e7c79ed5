import { closest } from '../base/closest.ts'

/** Metrics whose values are times; see `Thresholds` of scenario.d.ts. */
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

/** Whether it was kept to, and by what. A time of which there was no value keeps to nothing but its `count`. */
export function judgeThreshold(threshold: Threshold, { counts, times }: Measured): { held: boolean; value: string } {
  const { aggregate, bound, metric, operator } = threshold
  if (!isTime(metric)) {
    const value = counts[metric]
    return { held: compare(value, operator, bound), value: String(value) }
  }
  const values = times[metric]
  if (aggregate === 'count') return { held: compare(values.length, operator, bound), value: String(values.length) }
  if (values.length === 0) return { held: false, value: 'no value' }
  const value = aggregateOf(values, aggregate)
  return { held: compare(value, operator, bound), value: `${rounded(value)} ms` }
}

function aggregateOf(values: readonly number[], aggregate: Threshold['aggregate']): number {
  if (aggregate === 'avg') return values.reduce((sum, value) => sum + value, 0) / values.length
  const sorted = Float64Array.from(values).sort()
  const share =
    typeof aggregate === 'object' ? aggregate.percentile / 100 : ({ min: 0, med: 0.5 }[aggregate as 'min'] ?? 1)
  // The nearest rank: always a value that there was, never one between two.
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
