import { describe, expect, it } from 'vitest'
import { courseOf } from '../../../../../renderer/features/scenarios/course.ts'
import { expectation, report, step } from './reports.ts'

describe('the course of a run', () => {
  it('has everything in its order, what is within a step further in', () => {
    const rows = courseOf(
      report({
        steps: [
          step({ number: 1, name: 'outer', at: 10, duration: 100, outcome: 'passed', firstPacket: 4, lastPacket: 9 }),
          step({
            number: 2,
            parent: 1,
            name: 'inner',
            at: 20,
            duration: undefined,
            outcome: 'running',
            firstPacket: 6,
          }),
        ],
        deeds: [{ what: 'power of pump is cut', kind: 'powerLoss', at: 20, step: 2, place: undefined }],
        expectations: [expectation({ at: 15, step: 1, outcome: 'failed', received: 'nothing' })],
        log: [{ at: 5, text: 'hello' }],
      }),
    )
    expect(rows.map(({ depth, kind, text }) => `${depth} ${kind} ${text}`)).toEqual([
      '0 log hello',
      '0 step outer',
      '1 expectation expect(a).toBeOnline: it is online',
      '1 step inner',
      '2 deed power of pump is cut',
    ])
    expect(rows[1]?.packets).toEqual({ first: 4, last: undefined })
    expect(rows[2]).toMatchObject({ outcome: 'failed', detail: 'nothing' })
    expect(rows[3]).toMatchObject({ outcome: 'running', packets: undefined })
  })

  it('shows what came after a step, up to the next one', () => {
    const steps = [
      step({ number: 1, firstPacket: 7, lastPacket: 7 }),
      step({ number: 2, firstPacket: 9, lastPacket: 12 }),
    ]
    expect(courseOf(report({ steps })).map(({ packets }) => packets)).toEqual([
      { first: 7, last: 8 },
      { first: 9, last: undefined },
    ])
  })

  it('says of what went on when the run ended that it is unfinished', () => {
    const went = {
      steps: [step({ duration: undefined, outcome: 'running' })],
      expectations: [expectation({ at: 1, duration: undefined, outcome: 'waiting' }), expectation({ at: 2 })],
    }
    const outcomes = (verdict: Parameters<typeof report>[0]) =>
      courseOf(report({ ...went, ...verdict })).map(({ outcome }) => outcome)
    expect(outcomes({})).toEqual(['running', 'running', 'passed'])
    expect(outcomes({ verdict: { is: 'out of time', message: '' } })).toEqual(['unfinished', 'unfinished', 'passed'])
  })

  it('comes to an end where steps are within each other for ever', () => {
    const steps = [step({ number: 1, parent: 2 }), step({ number: 2, parent: 1 })]
    expect(courseOf(report({ steps })).map(({ depth }) => depth)).toEqual([20, 20])
  })
})
