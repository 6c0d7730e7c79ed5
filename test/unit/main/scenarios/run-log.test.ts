import { describe, expect, it } from 'vitest'
import type { Failure } from '../../../../app/scenario/report.ts'
import { RunLog } from '../../../../main/scenarios/run-log.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const counts = { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 }
const head = { id: '1', file: 'a', name: 'a', seed: 1, repetition: 1, target: '' }
const huge = 'x'.repeat(30_000)
const broken = { what: 'expect(value).toBe', expected: '1', received: '2' }
const failure: Failure = {
  ...broken,
  place: undefined,
  at: 1,
  ladder: [],
  step: undefined,
  soft: true,
  packets: undefined,
}
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

  it('keeps so many steps, expectations, deeds and failures, and counts the others', () => {
    const log = new RunLog(head, new FakeClock())
    for (let i = 0; i < 10_002; i++) {
      const step = log.beginStep('again', at(i + 1), [], 1)
      log.deed('cut', 'cut link', at(i + 1))
      log.settle(log.expect('expect(value).toBe', true, at(i + 1)), { ...broken, held: false })
      log.fail(failure)
      log.endStep(step, true, 1)
    }
    const { deeds, expectations, log: lines, steps } = log.report(counts)
    expect([deeds.length, expectations.length, steps.length]).toEqual([10_000, 10_000, 10_000])
    expect(log.failures).toHaveLength(1000)
    expect(steps.at(-1)).toMatchObject({ number: 10_000, outcome: 'failed' })
    expect(lines.map(({ text }) => text)).toEqual([
      '2 more steps were not kept',
      '2 more expectations were not kept',
      '2 more deeds were not kept',
      '9002 more failures were not kept',
    ])
  })

  it('does not count what turns out to be none', () => {
    const log = new RunLog(head, new FakeClock())
    const [first, ...others] = Array.from({ length: 10_002 }, (_, i) => log.expect(`${i}`, false, undefined))
    const deeds = Array.from({ length: 10_002 }, (_, i) => log.deed('cut', `${i}`, undefined))
    for (const entry of [first, others.at(-1)]) if (entry !== undefined) log.forget(entry)
    for (const deed of [deeds[0], deeds.at(-1)]) if (deed !== undefined) log.forgetDeed(deed)
    const report = log.report(counts)
    expect([report.expectations[0]?.what, report.deeds[0]?.what]).toEqual(['1', '1'])
    expect(report.log.map(({ text }) => text)).toEqual([
      '1 more expectations were not kept',
      '1 more deeds were not kept',
    ])
  })

  it('has room for others in the place of what turns out to be none', () => {
    const log = new RunLog(head, new FakeClock())
    for (let i = 0; i < 250; i++) {
      log.forgetDeed(log.deed('cut', huge, undefined))
      log.forget(log.expect(huge, false, undefined))
    }
    const long = 'a'.repeat(1000)
    log.deed('cut', long, undefined)
    log.expect(long, false, undefined)
    const { deeds, expectations, log: lines } = log.report(counts)
    expect([deeds.map(({ what }) => what), expectations.map(({ what }) => what)]).toEqual([[long], [long]])
    expect(lines).toEqual([])
    expect(log.size).toBe(2 * (1000 + 200))
  })

  it('decides no expectation behind its end, and forgets none', () => {
    const log = new RunLog(head, new FakeClock())
    const [first, second] = [log.expect('first', false, undefined), log.expect('second', false, undefined)]
    log.end({ is: 'stopped' }, 5)
    log.settle(first, { ...broken, held: true })
    log.forget(second)
    log.fail(failure)
    expect(log.report(counts).expectations.map(({ outcome, what }) => `${what} ${outcome}`)).toEqual([
      'first waiting',
      'second waiting',
    ])
    expect(log.failures).toEqual([])
  })

  it('is no bigger than its bounds, whatever a script makes of its texts', () => {
    const log = new RunLog({ ...head, name: huge }, new FakeClock())
    for (let i = 0; i < 1000; i++) {
      log.line(huge)
      log.beginStep(huge, undefined, [], 1)
      log.deed('drop', huge, undefined)
      log.settle(log.expect(huge, true, undefined), { what: huge, expected: huge, received: huge, held: false })
      log.fail({ ...failure, expected: huge, received: huge, ladder: [huge] })
    }
    log.end({ is: 'script threw', message: huge, place: undefined }, 1)
    const report = log.report(counts)
    expect(report.log[0]?.text).toBe(`${'x'.repeat(10_000)}… (20000 more characters)`)
    expect(report.verdict).toMatchObject({ message: report.log[0]?.text })
    expect(report.name).toBe(report.log[0]?.text)
    expect(report.log).toHaveLength(199 + 5)
    const size = JSON.stringify([report, log.failures]).length
    expect(size).toBeLessThan(11_000_000)
    // As it is told of: it goes on by this.
    expect(Math.round((10 * log.size) / size)).toBe(11)
  })

  it('has the packets around the first hundred failures', () => {
    const log = new RunLog(head, new FakeClock())
    for (let i = 0; i < 100; i++) {
      expect(log.hasRoomForLadder).toBe(true)
      log.fail(failure)
    }
    expect(log.hasRoomForLadder).toBe(false)
  })
})
