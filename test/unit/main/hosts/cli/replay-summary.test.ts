import { describe, expect, it } from 'vitest'
import type { Difference } from '../../../../../app/scenario/replay-compare.ts'
import type { ReplayReport } from '../../../../../app/scenario/replay-report.ts'
import { exitCodeOfReplay, replayJson, replayLines } from '../../../../../main/hosts/cli/replay-summary.ts'

const dropped = 'it was dropped by a fault then'
const older = 'the broker had its Session from before the recording began'

function reportOf(...reasons: (string | undefined)[]): ReplayReport {
  const differences = reasons.map((because): Difference => {
    return { is: 'extra', what: 'PUBACK', field: '', recorded: 'it did not come', replayed: 'it came', because }
  })
  const end = { recorded: 'still open', replayed: 'still open' }
  const connection = { connection: 1, clientId: 'pump', sent: 1, unsent: 0, received: 1, end, differences }
  const about = { recording: 'a.faultline', target: '', speed: 1, seed: 1, notes: [], seconds: 1, stopped: false }
  return { ...about, connections: [connection] }
}

const lastOf = (report: ReplayReport) => replayLines(report).at(-1)?.replace(/:.*/, '')

describe('what comes of a replay', () => {
  it('is no failure where all that differs comes from faults of then, which are not repeated', () => {
    expect(exitCodeOfReplay(reportOf())).toBe(0)
    expect(exitCodeOfReplay(reportOf(dropped, 'another one was delayed by a fault then'))).toBe(0)
    expect(exitCodeOfReplay(reportOf(dropped, undefined))).toBe(1)
    expect(exitCodeOfReplay(reportOf(dropped, older))).toBe(1)
  })

  it('is counted by where it comes from', () => {
    expect(lastOf(reportOf())).toBe('no differences')
    expect(lastOf(reportOf(undefined))).toBe('1 difference')
    expect(lastOf(reportOf(dropped))).toBe('1 difference, which comes from a fault of then')
    expect(lastOf(reportOf(dropped, dropped))).toBe('2 differences, all of which come from faults of then')
    expect(lastOf(reportOf(older))).toBe('1 difference, which does not come from the broker')
    expect(lastOf(reportOf(dropped, older, undefined, undefined, older))).toBe(
      '5 differences, 1 of which comes from a fault of then, 2 of which do not come from the broker',
    )
    expect(JSON.parse(replayJson(reportOf(dropped, older, undefined), 1))).toMatchObject({
      differences: 3,
      explained: 2,
      ofFaults: 1,
      exitCode: 1,
    })
  })
})
