import type { Difference } from '../../../app/scenario/replay-compare.ts'
import { countDifferences, describeDifference, type ReplayReport } from '../../../app/scenario/replay-report.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** Of one client; a program gets all of them. */
const mostListed = 20

export function exitCodeOfReplay(report: ReplayReport): ExitCode {
  return countDifferences(report).all === 0 ? exitCodes.passed : exitCodes.expectationFailed
}

/** For programs: one line. */
export function replayJson(report: ReplayReport, round: number): string {
  const { all, explained } = countDifferences(report)
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
  const { all, explained } = countDifferences(report)
  const known = explained === 0 ? '' : `, ${explained} of which do not come from the broker`
  const where = target === '' ? 'a new broker' : target
  const how = speed === 'max' ? 'as fast as answers came' : speed === 1 ? 'in real time' : `at ${speed} times the speed`
  lines.push(
    `${counted(all)}${known}: ${connections.length} ${connections.length === 1 ? 'connection' : 'connections'} to ${where}, ` +
      `${how}, ${seconds.toFixed(1)} s${stopped ? ', stopped before the end' : ''}`,
  )
  return lines
}

function counted(differences: number): string {
  if (differences === 0) return 'no differences'
  return differences === 1 ? '1 difference' : `${differences} differences`
}

/** What is not known is null. */
function plain({ because, ...difference }: Difference) {
  return { ...difference, because: because ?? null }
}
