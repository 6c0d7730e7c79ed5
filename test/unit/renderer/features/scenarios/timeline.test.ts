import { describe, expect, it } from 'vitest'
import { timelineOf } from '../../../../../renderer/features/scenarios/timeline.ts'
import { expectation, report, step } from './reports.ts'

describe('the timeline of a run', () => {
  it('puts what was done, expected and sent on one line', () => {
    const run = report({
      duration: 1000,
      steps: [step({ at: 100, duration: 200, outcome: 'failed' }), step({ number: 2, at: 500, duration: undefined })],
      deeds: [{ what: 'd', kind: 'drop', at: 250 }],
      expectations: [
        expectation({ at: 300, duration: 100 }),
        expectation({ at: 900, duration: undefined, outcome: 'waiting' }),
      ],
    })
    const timeline = timelineOf(run, { run: 'r1', stepMs: 250, packets: [0, 10, 5, 0] }, 100)
    expect(timeline.steps).toEqual([
      { from: 10, to: 30, lane: 0, tone: 'failed' },
      { from: 50, to: 100, lane: 0, tone: 'steps' },
    ])
    expect(timeline.deeds).toEqual([{ from: 25, to: 25, lane: 0, tone: 'deed' }])
    expect(timeline.expectations).toEqual([
      { from: 30, to: 40, lane: 0, tone: 'passed' },
      { from: 90, to: 100, lane: 0, tone: 'waiting' },
    ])
    expect(timeline.density).toHaveLength(100)
    expect([0, 24, 25, 49, 50, 74, 75, 99].map((x) => timeline.density[x])).toEqual([0, 0, 1, 1, 0.5, 0.5, 0, 0])
    expect(timeline.lanes).toBe(1)
  })

  it('gives steps side by side lanes of their own, and not without end', () => {
    const steps = Array.from({ length: 6 }, (_, i) => step({ number: i + 1, at: i, duration: 500 }))
    const { lanes, steps: marks } = timelineOf(report({ steps }), undefined, 100)
    expect(lanes).toBe(4)
    expect(marks.map(({ lane }) => lane)).toEqual([0, 1, 2, 3, 3, 3])
  })

  it('loses no burst of traffic where many stretches share a column', () => {
    const packets = new Array<number>(400).fill(0)
    packets[211] = 9
    const { density } = timelineOf(report({ duration: 4000 }), { run: 'r1', stepMs: 10, packets }, 50)
    expect(density.filter((share) => share === 1)).toHaveLength(1)
  })
})
