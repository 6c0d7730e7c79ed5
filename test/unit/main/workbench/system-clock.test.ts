import { describe, expect, it } from 'vitest'
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
