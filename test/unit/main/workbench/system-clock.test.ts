import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../main/workbench/system-clock.ts'

const { monotonic, recent = monotonic } = systemClock
const turn = () => new Promise(setImmediate)

/** Goes on when the clock has. @returns a time that was still to come at the call */
function passTime(): number {
  const before = monotonic()
  let now = before
  while (now === before) now = monotonic()
  return now
}

describe('systemClock.recent', () => {
  it('gives the same answer 16 times, and then a new one', async () => {
    await turn()
    const first = recent()
    const later = passTime()
    expect(Array.from({ length: 15 }, recent)).toEqual(Array(15).fill(first))
    expect(recent()).toBeGreaterThanOrEqual(later)
  })

  it('gives no answer of an earlier call of the event loop', async () => {
    await turn()
    recent()
    const later = passTime()
    await turn()
    expect(recent()).toBeGreaterThanOrEqual(later)
  })
})

describe('systemClock.after', () => {
  const month = 30 * 24 * 3600 * 1000

  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('waits for months, too', () => {
    const run = vi.fn()
    systemClock.after(2 * month, run)
    vi.advanceTimersByTime(2 * month - 1)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledOnce()
  })

  it('can be stopped in its second month', () => {
    const run = vi.fn()
    const wait = systemClock.after(2 * month, run)
    vi.advanceTimersByTime(month)
    wait.dispose()
    vi.advanceTimersByTime(2 * month)
    expect(run).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
