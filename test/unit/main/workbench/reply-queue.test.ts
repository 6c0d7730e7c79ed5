import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../app/base/clock.ts'
import { ReplyQueue } from '../../../../main/workbench/reply-queue.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

describe('the answers of a client in a replay', () => {
  const open = () => {
    const clock = new FakeClock()
    const queue = new ReplyQueue(clock)
    const given: string[] = []
    const add = (name: string, ms: number) => queue.add(ms, () => given.push(name))
    return { add, clock, given, queue }
  }

  it('are given at their times, and in their order', () => {
    const { add, clock, given, queue } = open()
    add('at once', 0)
    add('slow', 100)
    add('quick', 10)
    expect(given).toEqual(['at once'])
    clock.advance(99)
    expect(given).toEqual(['at once'])
    expect(queue.empty).toBe(false)
    clock.advance(1)
    expect(given).toEqual(['at once', 'slow', 'quick'])
    expect(queue.empty).toBe(true)
  })

  it('are given no more when it is over, and wait for nothing then', () => {
    const { add, clock, given, queue } = open()
    add('a', 10)
    queue.dispose()
    add('b', 20)
    expect(clock.waiting).toBe(0)
    clock.advance(100)
    expect(given).toEqual([])
  })

  it('have one timer among them, and none that has rung is kept', () => {
    const clock = new FakeClock()
    let disposed = 0
    const counting: Pick<Clock, 'monotonic' | 'after'> = {
      monotonic: () => clock.monotonic(),
      after: (ms, run) => {
        const timer = clock.after(ms, run)
        return {
          dispose() {
            disposed++
            timer.dispose()
          },
        }
      },
    }
    const queue = new ReplyQueue({ ...counting, now: () => clock.now() })
    for (let i = 0; i < 10; i++) {
      for (const ms of [5, 6]) queue.add(ms, () => {})
      expect(clock.waiting).toBe(1)
      clock.advance(10)
    }
    queue.add(5, () => {})
    queue.dispose()
    expect(disposed).toBe(1)
  })
})
