import type { FleetSnapshot, LoadCounters } from '../../../app/device/fleet.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { FleetArguments } from './fleet-arguments.ts'

/** What ended a run: its time was over, somebody asked, or its script fails. */
export type FleetEnd = 'duration' | 'asked' | 'script error'

/** What a run has done. */
export interface FleetResult {
  readonly fleet: FleetSnapshot
  /** Given, or else the workspace's. */
  readonly seed: string | number
  readonly totals: LoadCounters
  /** The most that were connected at the same time. */
  readonly connected: number
  readonly seconds: number
  readonly scriptErrors: readonly { readonly id: string; readonly message: string }[]
  readonly end: FleetEnd
}

export function exitCodeOfRun({ connected, end, fleet, scriptErrors }: FleetResult): ExitCode {
  if (end === 'script error' || scriptErrors.length > 0) return exitCodes.scriptThrew
  // A process was lost for good, and its clients with it.
  if (fleet.error?.trouble === 'process') return exitCodes.environmentFailed
  if (end === 'asked' || connected >= fleet.wanted) return exitCodes.passed
  return connected === 0 ? exitCodes.environmentFailed : exitCodes.timeRanOut
}

/** For programs: one line. Latencies are in milliseconds. */
export function jsonSummary(result: FleetResult, args: FleetArguments): string {
  const { connected, end, fleet, scriptErrors, seconds, seed, totals } = result
  return JSON.stringify({
    fleet: fleet.id,
    kind: fleet.kind,
    script: args.script,
    target: fleet.target === '' ? null : fleet.target,
    seed,
    shard: args.shard ?? null,
    count: args.count,
    wanted: fleet.wanted,
    connected,
    seconds: round(seconds),
    published: totals.published,
    acknowledged: totals.acknowledged,
    rate: round(totals.published / seconds),
    latency: totals.latency ?? null,
    errors: totals.errors,
    scriptErrors,
    end,
    exitCode: exitCodeOfRun(result),
  })
}

/** For people: a table of two columns. */
export function tableSummary({ connected, fleet, scriptErrors, seconds, totals }: FleetResult): string[] {
  const { acknowledged, errors, latency, published } = totals
  const what = fleet.kind === 'load' ? 'load clients' : 'scripted devices'
  const rows: [string, string][] = [
    ['fleet', `${fleet.id}: ${number(fleet.wanted)} ${what}`],
    ['target', fleet.target === '' ? 'a broker of its own' : fleet.target],
    ['time', `${seconds.toFixed(1)} s`],
    ['connected', `${number(connected)} of ${number(fleet.wanted)}`],
    ['published', `${number(published)} (${number(Math.round(published / seconds))} a second)`],
    ['acknowledged', acknowledged === 0 && fleet.settings?.qos === 0 ? '-' : number(acknowledged)],
    ['latency', latencyText(latency)],
  ]
  const reasons = Object.entries(errors).sort(([, a], [, b]) => b - a)
  if (reasons.length === 0) rows.push(['errors', 'none'])
  for (const [i, [reason, times]] of reasons.entries()) {
    rows.push([i === 0 ? 'errors' : '', `${number(times)} × ${reason}`])
  }
  const shown = scriptErrors.slice(0, mostScriptErrors)
  for (const { id, message } of shown) rows.push(['script error', `${id}: ${message}`])
  if (scriptErrors.length > shown.length) rows.push(['', `and ${number(scriptErrors.length - shown.length)} more`])
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}

/** One line while it runs. */
export function progressText(fleet: FleetSnapshot, seconds: number): string {
  const { counters, online, wanted } = fleet
  const failures = Object.values(counters?.errors ?? {}).reduce((sum, times) => sum + times, 0)
  return [
    `${Math.floor(seconds)} s`,
    `${number(online)} of ${number(wanted)} connected`,
    `${number(counters?.published ?? 0)} published`,
    `${number(Math.round(counters?.rate ?? 0))} a second`,
    ...(counters?.latency === undefined ? [] : [`p95 ${ms(counters.latency.p95)}`]),
    ...(failures === 0 ? [] : [`${number(failures)} errors`]),
  ].join(' · ')
}

const mostScriptErrors = 5

function latencyText(latency: LoadCounters['latency']): string {
  if (latency === undefined) return 'none was measured: nothing was acknowledged at QoS 1 or 2'
  return `p50 ${ms(latency.p50)}, p95 ${ms(latency.p95)}, p99 ${ms(latency.p99)}`
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(value < 100 ? 1 : 0)} ms`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
