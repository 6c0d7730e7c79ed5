import { describe, expect, it } from 'vitest'
import { treeOf } from '../../../../../renderer/features/scenarios/scenario-tree.ts'
import {
  countsLine,
  fileLine,
  fileNameOf,
  formatMoment,
  formatTook,
  verdictLine,
} from '../../../../../renderer/features/scenarios/scenario-words.ts'

describe('the words of scenarios', () => {
  it('say when and how long', () => {
    expect([0, 45.4, 12_300].map(formatMoment)).toEqual(['0.000 s', '0.045 s', '12.300 s'])
    expect(formatMoment(125_000)).toBe('2:05.0 min')
    expect([4.4, 999.4, 1200, 185_000].map(formatTook)).toEqual(['4 ms', '999 ms', '1.2 s', '3 min 5 s'])
  })

  it('make a name for a file of any name', () => {
    expect(fileNameOf('The pump – dies, at 5 °C!')).toBe('the-pump-dies-at-5-c')
    expect(fileNameOf('  Öl_und Wasser ')).toBe('ol-und-wasser')
    expect(fileNameOf('水')).toBe('')
  })

  it('count one of a thing as one', () => {
    const counts = { packets: 1, connections: 2, published: 0, delivered: 0, dropped: 3, notKept: 0 }
    expect(countsLine(counts)).toBe('1 packet · 2 connections · 0 published · 0 delivered · 3 dropped')
  })

  it('say of a file what goes on, before what is wrong with it and how it ended last time', () => {
    const last = { run: 'r', verdict: 'failed', duration: 3200, startedAt: 1 }
    expect(fileLine({ last, problem: 'no devices' }, true)).toEqual({ bad: false, tone: 'blue', line: 'running' })
    expect(fileLine({ last, problem: 'no devices' }, false)).toEqual({ bad: true, tone: 'amber', line: 'no devices' })
    expect(fileLine({ last }, false)).toEqual({ bad: false, tone: 'red', line: 'failed · 3.2 s' })
    expect(fileLine({}, false)).toEqual({ bad: false, tone: 'grey', line: 'has not run yet' })
  })

  it('tell expectations that failed from thresholds', () => {
    const failed = (...whats: string[]) =>
      verdictLine({
        is: 'failed',
        failures: whats.map((what) => ({ what, expected: '', received: '', at: 0, ladder: [], soft: false })),
      })
    expect(failed('expect(a).toBeOnline')).toBe('one expectation did not hold')
    expect(failed('threshold delivery.lost')).toBe('one threshold did not hold')
    expect(failed('threshold a', 'expect(a).toBe', 'threshold b', 'expect(b).toBe', 'expect(c).toBe')).toBe(
      '3 expectations and 2 thresholds did not hold',
    )
  })
})

describe('the tree of scenarios', () => {
  it('has files before folders, and each folder once', () => {
    const files = [
      'scenarios/z/a.scenario.ts',
      'scenarios/b.scenario.ts',
      'scenarios/z/y/c.scenario.ts',
      'scenarios/a.scenario.ts',
    ]
    const rows = treeOf(files.map((path) => ({ path, name: path })))
    expect(rows.map(({ depth, path }) => `${depth} ${path}`)).toEqual([
      '0 scenarios/a.scenario.ts',
      '0 scenarios/b.scenario.ts',
      '0 z',
      '1 scenarios/z/a.scenario.ts',
      '1 z/y',
      '2 scenarios/z/y/c.scenario.ts',
    ])
  })
})
