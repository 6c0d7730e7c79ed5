import type { ScenarioFile } from '../../../app/contract/scenarios.ts'
import type { Report } from '../../state/scenarios.ts'
import type { ChipTone } from '../../ui/chip.tsx'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'

/** `running`, or `is` of a verdict; undefined is a run that waits, or a file that never ran. */
export type VerdictName = string | undefined

export function verdictTone(verdict: VerdictName): DotTone & ChipTone {
  switch (verdict) {
    case 'passed':
      return 'green'
    case 'failed':
    case 'script threw':
    case 'invalid':
      return 'red'
    case 'running':
      return 'blue'
    case 'out of time':
    case 'environment failed':
      return 'amber'
    default:
      return 'grey'
  }
}

/** Milliseconds since a run began, or how long something took: `0.045 s`, `12.300 s`, `2:05.0 min`. */
export function formatMoment(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(3)} s`
  const minutes = Math.floor(ms / 60_000)
  return `${minutes}:${((ms - minutes * 60_000) / 1000).toFixed(1).padStart(4, '0')} min`
}

/** How long something took, as short as it can be said: `12 ms`, `1.2 s`, `3 min 5 s`. */
export function formatTook(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** What a scenario's row says of it: the run that goes on comes before what is wrong with its text, and before its last run. */
export function fileLine({ last, problem }: Pick<ScenarioFile, 'last' | 'problem'>, isRunning: boolean) {
  if (isRunning) return { bad: false, tone: verdictTone('running'), line: 'running' }
  if (problem !== undefined) return { bad: true, tone: 'amber' as const, line: problem }
  const line = last === undefined ? 'has not run yet' : `${last.verdict} · ${formatTook(last.duration)}`
  return { bad: false, tone: verdictTone(last?.verdict), line }
}

/** What a verdict says beside its name; empty where that is all. */
export function verdictLine(verdict: Report['verdict']): string {
  switch (verdict?.is) {
    case 'failed':
      return failedLine(verdict.failures)
    case 'invalid':
      return 'nothing was started'
    case 'script threw':
    case 'out of time':
    case 'environment failed':
      return verdict.message
    default:
      return ''
  }
}

/** Thresholds are told by their name, and are no expectations. */
const isThreshold = ({ what }: { readonly what: string }) => what.startsWith('threshold ')

function failedLine(failures: readonly { readonly what: string }[]): string {
  const thresholds = failures.filter(isThreshold).length
  const parts = [...some(failures.length - thresholds, 'expectation'), ...some(thresholds, 'threshold')]
  return `${parts.join(' and ')} did not hold`
}

function some(count: number, what: string): string[] {
  return count === 0 ? [] : [count === 1 ? `one ${what}` : formatPlural(count, what)]
}

/** `312 packets · 3 connections · 40 published · 40 delivered` */
export function countsLine({ connections, delivered, dropped, notKept, packets, published }: Report['counts']): string {
  return [
    formatPlural(packets, 'packet'),
    formatPlural(connections, 'connection'),
    `${formatCount(published)} published`,
    `${formatCount(delivered)} delivered`,
    ...(dropped > 0 ? [`${formatCount(dropped)} dropped`] : []),
    ...(notKept > 0 ? [`${formatCount(notKept)} not kept`] : []),
  ].join(' · ')
}

/** A name for a scenario's file: `The pump dies!` becomes `the-pump-dies`. */
export function fileNameOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\w\s-]+/g, '')
    .trim()
    .toLowerCase()
  return plain
    .replaceAll(/[\s_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
}
