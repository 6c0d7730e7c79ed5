import type { Difference } from '../../../app/scenario/replay-compare.ts'
import {
  countDifferences,
  type DifferenceCounts,
  describeDifference,
  ownDifferences,
  type ReplayReport,
  type SharedDifference,
  sharedDifferences,
} from '../../../app/scenario/replay-report.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** Of one client, and of those that several have; a program gets all of them. */
const mostListed = 20
/** Clients that are named beside a difference that they all have. */
const mostNames = 3

/**
 * What differs because a fault of then is not repeated says nothing about the broker; what was stopped before its end differs in
 * what it did not come to, and has not passed.
 */
export function exitCodeOfReplay(report: ReplayReport): ExitCode {
  if (report.stopped) return exitCodes.interrupted
  const { all, ofFaults } = countDifferences(report)
  return all === ofFaults ? exitCodes.passed : exitCodes.expectationFailed
}

/** For programs: one line. */
export function replayJson(report: ReplayReport, round: number): string {
  const { all, explained, ofFaults } = countDifferences(report)
  const connections = report.connections.map(({ differences, ...connection }) => {
    return { ...connection, differences: differences.map(plain) }
  })
  return JSON.stringify({
    ...report,
    target: report.target === '' ? null : report.target,
    seconds: Math.round(report.seconds * 1000) / 1000,
    connections,
    // Each of them is in its connections too.
    shared: sharedDifferences(report).map(({ connections: at, difference, times }) => {
      return { ...plain(difference), connections: at, times }
    }),
    round,
    differences: all,
    explained,
    ofFaults,
    exitCode: exitCodeOfReplay(report),
  })
}

/** For people: a line for each connection, below it what is different there alone, and at the end what is so at several. */
export function replayLines(report: ReplayReport): string[] {
  const { connections, notes, seconds, speed, stopped, target } = report
  const lines: string[] = notes.map((note) => `note: ${note}`)
  const shared = sharedDifferences(report)
  for (const { clientId, connection, differences, received, sent, unsent } of connections) {
    const name = clientId === '' ? `connection ${connection}` : `${clientId} (connection ${connection})`
    const own = ownDifferences(differences, shared)
    const others = differences.length - own.length
    const alike = others === 0 ? '' : `, ${others === differences.length ? '' : `${others} `}as at others`
    const missing = unsent === 0 ? '' : `, ${unsent} could not be sent`
    lines.push(`${name}: ${sent} sent${missing}, ${received} received: ${counted(differences.length)}${alike}`)
    for (const difference of own.slice(0, mostListed)) lines.push(`  ${describeDifference(difference)}`)
    if (own.length > mostListed) lines.push(`  and ${own.length - mostListed} more`)
  }
  lines.push(...sharedLines(shared, report))
  const counts = countDifferences(report)
  const where = target === '' ? 'a new broker' : target
  const how = speed === 'max' ? 'as fast as answers came' : speed === 1 ? 'in real time' : `at ${speed} times the speed`
  lines.push(
    `${counted(counts.all)}${explanations(counts)}: ${connections.length} ${connections.length === 1 ? 'connection' : 'connections'} to ${where}, ` +
      `${how}, ${seconds.toFixed(1)} s${stopped ? ', stopped before the end' : ''}`,
  )
  return lines
}

/** Such as `at 12 connections (pump-01, pump-02, pump-03 and 9 more): changed: CONNACK: Receive Maximum was 1000, is 20`. */
function sharedLines(shared: readonly SharedDifference[], { connections }: ReplayReport): string[] {
  const names = new Map(connections.map(({ clientId, connection }) => [connection, clientId]))
  const lines = shared.slice(0, mostListed).map(({ connections: at, difference, times }) => {
    const named = [...new Set(at.map((number) => names.get(number) || `connection ${number}`))]
    const more = named.length > mostNames ? ` and ${named.length - mostNames} more` : ''
    const often = times === at.length ? '' : `, ${times} times`
    const who = `${named.slice(0, mostNames).join(', ')}${more}`
    return `at ${at.length} connections (${who})${often}: ${describeDifference(difference)}`
  })
  const left = shared.length - lines.length
  return left === 0 ? lines : [...lines, `and ${left} more that are the same at several connections`]
}

/** Such as `, which comes from a fault of then`, or `, 2 of which come from faults of then`. */
function explanations({ all, explained, ofFaults }: DifferenceCounts): string {
  const others = explained - ofFaults
  const some = [
    { count: ofFaults, one: 'comes from a fault of then', many: 'come from faults of then' },
    { count: others, one: 'does not come from the broker', many: 'do not come from the broker' },
  ]
  return some
    .filter(({ count }) => count > 0)
    .map(({ count, many, one }) => {
      const which = count < all ? `${count} of which` : all === 1 ? 'which' : 'all of which'
      return `, ${which} ${count === 1 ? one : many}`
    })
    .join('')
}

function counted(differences: number): string {
  if (differences === 0) return 'no differences'
  return differences === 1 ? '1 difference' : `${differences} differences`
}

/** What is not known is null. */
function plain({ because, ...difference }: Difference) {
  return { ...difference, because: because ?? null }
}
