import { describe, expect, it } from 'vitest'
import { longTimer } from '../../../../../main/broker/engine/long-timer.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

const longest = 2 ** 31 - 1

describe('longTimer', () => {
  it('waits for longer than a timer of Node can, to the millisecond', () => {
    for (const ms of [0, 1, longest, longest + 1, 0xffff_fffe * 1000]) {
      const clock = new FakeClock()
      let runs = 0
      longTimer(clock, ms, () => runs++)
      if (ms > 0) clock.advance(ms - 1)
      expect(runs).toBe(0)
      clock.advance(ms > 0 ? 1 : 0)
      expect(runs).toBe(1)
      expect(clock.waiting).toBe(0)
    }
  })

  it('asks for no more than Node takes at a time', () => {
    const asked: number[] = []
    const clock = new FakeClock()
    const spied = {
      now: () => 0,
      monotonic: () => 0,
      after: (ms: number, run: () => void) => {
        asked.push(ms)
        return clock.after(ms, run)
      },
    }
    longTimer(spied, longest * 2 + 5, () => {})
    clock.advance(longest * 2 + 5)
    expect(asked).toEqual([longest, longest, 5])
  })

  it('is stopped at any time', () => {
    const clock = new FakeClock()
    const timer = longTimer(clock, longest * 3, () => expect.unreachable())
    clock.advance(longest + 1)
    timer.dispose()
    clock.advance(longest * 3)
    expect(clock.waiting).toBe(0)
  })
})
