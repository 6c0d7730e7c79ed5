import type { Difference } from '../../../app/scenario/replay-compare.ts'
import {
  countDifferences,
  type DifferenceCounts,
  describeDifference,
  type ReplayReport,
} from '../../../app/scenario/replay-report.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** Of one client; a program gets all of them. */
const mostListed = 20

/** What differs because a fault of then is not repeated says nothing about the broker. */
export function exitCodeOfReplay(report: ReplayReport): ExitCode {
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
    round,
    differences: all,
    explained,
    ofFaults,
    exitCode: exitCodeOfReplay(report),
  })
}

/** For people: a line for each connection, and below it what is different. */
export function replayLines(report: ReplayReport): string[] {
  const { connections, notes, seconds, speed, stopped, target } = report
  const lines: string[] = notes.map((note) => `note: ${note}`)
  for (const { clientId, connection, differences, received, sent, unsent } of connections) {
    const name = clientId === '' ? `connection ${connection}` : `${clientId} (connection ${connection})`
    const missing = unsent === 0 ? '' : `, ${unsent} could not be sent`
    lines.push(`${name}: ${sent} sent${missing}, ${received} received: ${counted(differences.length)}`)
    for (const difference of differences.slice(0, mostListed)) lines.push(`  ${describeDifference(difference)}`)
    if (differences.length > mostListed) lines.push(`  and ${differences.length - mostListed} more`)
  }
  const counts = countDifferences(report)
  const where = target === '' ? 'a new broker' : target
  const how = speed === 'max' ? 'as fast as answers came' : speed === 1 ? 'in real time' : `at ${speed} times the speed`
  lines.push(
    `${counted(counts.all)}${explanations(counts)}: ${connections.length} ${connections.length === 1 ? 'connection' : 'connections'} to ${where}, ` +
      `${how}, ${seconds.toFixed(1)} s${stopped ? ', stopped before the end' : ''}`,
  )
  return lines
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
