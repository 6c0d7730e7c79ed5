import { describe, expect, it } from 'vitest'
import { RunLog } from '../../../../main/scenarios/run-log.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const counts = { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 }
const head = { id: '1', file: 'a', name: 'a', seed: 1, repetition: 1, target: '' }
const at = (line: number, file = 'a') => ({ file, line, column: 3 })

describe('what is written down of a run', () => {
  const parents = (log: RunLog) => log.report(counts).steps.map(({ name, parent }) => [name, parent])

  it('has steps within steps, also side by side, by where they are written', () => {
    const log = new RunLog(head, new FakeClock())
    const left = log.beginStep('left', at(2), [], 1)
    const right = log.beginStep('right', at(5), [], 1)
    const running = [left, right]
    log.beginStep('in right', at(6), running, 1)
    log.beginStep('in left', at(3), [...running, 3], 1)
    log.beginStep('by a helper that is written above', at(1), [left], 1)
    log.endStep(left, false, 4)
    log.beginStep('later', at(9), [right], 4)
    expect(parents(log)).toEqual([
      ['left', undefined],
      ['right', undefined],
      ['in right', 2],
      ['in left', 1],
      ['by a helper that is written above', 1],
      ['later', 2],
    ])
  })

  it('says in which step something was done', () => {
    const log = new RunLog(head, new FakeClock())
    expect(log.stepAt(at(1))).toBeUndefined()
    log.beginStep('left', at(2), [], 1)
    log.beginStep('right', at(5), [], 1)
    expect([log.stepAt(at(3)), log.stepAt(at(7)), log.stepAt(at(7, 'helper')), log.stepAt(undefined)]).toEqual([
      1, 2, 2, 2,
    ])
    log.endStep(2, true, 8)
    expect(log.stepAt(at(7))).toBe(1)
    log.endStep(2, false, 9)
    expect(log.report(counts).steps[1]).toMatchObject({ outcome: 'failed', lastPacket: 8 })
  })

  it('ends what has not ended when the run does', () => {
    const log = new RunLog(head, new FakeClock())
    log.beginStep('left', at(2), [], 1)
    log.end({ is: 'stopped' }, 5)
    expect(log.report(counts)).toMatchObject({
      steps: [{ outcome: 'failed', lastPacket: 5 }],
      verdict: { is: 'stopped' },
    })
  })

  it('keeps ten thousand lines, and counts the others', () => {
    const log = new RunLog(head, new FakeClock())
    for (let i = 0; i < 10_003; i++) log.line(String(i))
    const lines = log.report(counts).log
    expect(lines).toHaveLength(10_001)
    expect(lines.at(-1)?.text).toBe('3 more lines were not kept')
  })
})
