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

/** Connections 1, 2, ... of clients with these differences; the last of them is only at one. */
function several(...clients: readonly { readonly id: string; readonly more?: readonly Partial<Difference>[] }[]) {
  const { connections, ...about } = reportOf()
  const [first] = connections
  if (first === undefined) throw new Error('a report has a connection')
  const fewer = { is: 'changed', what: 'CONNACK', field: 'Receive Maximum', recorded: '1000', replayed: '20' } as const
  return {
    ...about,
    connections: clients.map(({ id, more = [] }, at) => {
      const differences = [{}, ...more].map((other): Difference => ({ ...fewer, because: undefined, ...other }))
      return { ...first, connection: at + 1, clientId: id, differences }
    }),
  }
}

const lastOf = (report: ReplayReport) => replayLines(report).at(-1)?.replace(/:.*/, '')

describe('a difference that is the same at several connections', () => {
  const lost = { is: 'missing', what: 'PUBLISH to a', field: '' } as const
  const report = several({ id: 'pump-01', more: [lost] }, { id: 'pump-02' }, { id: '' }, { id: 'pump-04' })

  it('is told once, with how many they are, and hides nothing else', () => {
    expect(replayLines(report)).toEqual([
      'pump-01 (connection 1): 1 sent, 1 received: 2 differences, 1 as at others',
      '  missing: PUBLISH to a',
      'pump-02 (connection 2): 1 sent, 1 received: 1 difference, as at others',
      'connection 3: 1 sent, 1 received: 1 difference, as at others',
      'pump-04 (connection 4): 1 sent, 1 received: 1 difference, as at others',
      'at 4 connections (pump-01, pump-02, connection 3 and 1 more): changed: CONNACK: Receive Maximum was 1000, is 20',
      '5 differences: 4 connections to a new broker, in real time, 1.0 s',
    ])
  })

  it('is told by itself to programs, which have all of each connection too', () => {
    const { connections, shared } = JSON.parse(replayJson(report, 1)) as Record<string, unknown[]>
    expect(shared).toEqual([
      {
        ...{ is: 'changed', what: 'CONNACK', field: 'Receive Maximum', recorded: '1000', replayed: '20' },
        ...{ because: null, connections: [1, 2, 3, 4], times: 4 },
      },
    ])
    expect(connections?.map((each) => (each as { differences: unknown[] }).differences.length)).toEqual([2, 1, 1, 1])
  })

  it('is another one where it has another reason, and where it is often at one connection only', () => {
    const twice = several({ id: 'a', more: [lost, lost] }, { id: 'b', more: [{ ...lost, because: older }] })
    expect(replayLines(twice).filter((line) => line.startsWith('at '))).toHaveLength(1)
    expect(replayLines(twice).filter((line) => line.startsWith('  missing: '))).toHaveLength(3)
    const often = several({ id: 'a', more: [lost, lost] }, { id: 'a', more: [lost] })
    expect(replayLines(often)).toContain('at 2 connections (a), 3 times: missing: PUBLISH to a')
  })

  it('is left out of the list where there are very many, and counted', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ ...lost, what: `PUBLISH to ${n}` }))
    const lines = replayLines(several({ id: 'a', more: many }, { id: 'b', more: many }))
    expect(lines.filter((line) => line.startsWith('at 2 connections'))).toHaveLength(20)
    expect(lines).toContain('and 11 more that are the same at several connections')
  })
})

describe('what comes of a replay', () => {
  it('is no failure where all that differs comes from faults of then, which are not repeated', () => {
    expect(exitCodeOfReplay(reportOf())).toBe(0)
    expect(exitCodeOfReplay(reportOf(dropped, 'another one was delayed by a fault then'))).toBe(0)
    expect(exitCodeOfReplay(reportOf(dropped, undefined))).toBe(1)
    expect(exitCodeOfReplay(reportOf(dropped, older))).toBe(1)
  })

  it('has not passed where it was stopped before its end', () => {
    const stopped = { ...reportOf(), stopped: true }
    expect(exitCodeOfReplay(stopped)).toBe(130)
    expect(JSON.parse(replayJson(stopped, 1))).toMatchObject({ differences: 0, stopped: true, exitCode: 130 })
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
