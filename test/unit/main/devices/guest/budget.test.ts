import { describe, expect, it } from 'vitest'
import { RunBudget } from '../../../../../main/devices/guest/budget.ts'

/** Polls without a pause until the time is used up; gives how many milliseconds that took. */
function spend(poll: () => boolean): number {
  const start = performance.now()
  while (!poll());
  return performance.now() - start
}

describe('the time that a script may run', () => {
  it('is used up by a script that works, and is there again in the next visit', () => {
    const budget = new RunBudget(20)
    budget.start()
    expect(spend(() => budget.poll())).toBeGreaterThan(19)
    expect(budget.poll()).toBe(true)
    budget.start()
    expect(budget.poll()).toBe(false)
  })

  it('is longer for what the host does for it, and not endless', () => {
    const budget = new RunBudget(20)
    budget.start()
    expect(spend(() => budget.pollHost())).toBeGreaterThan(39)
    expect(budget.poll()).toBe(true)
  })
})
