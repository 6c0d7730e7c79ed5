import { describe, expect, it } from 'vitest'
import { Times } from '../../../../main/scenarios/times.ts'

describe('times of a run', () => {
  it('are all kept as long as there is room, and of the others it is known how many they were, and between what', () => {
    const times = new Times(3)
    for (const ms of [5, 1, 2]) times.add(ms)
    expect(times.kept).toEqual([5, 1, 2])
    expect(times.others).toBeUndefined()
    for (const ms of [4, 9, 0.5]) times.add(ms)
    expect(times.kept).toEqual([5, 1, 2])
    expect(times.others).toEqual({ count: 3, sum: 13.5, min: 0.5, max: 9 })
  })

  it('go on in a copy without the first', () => {
    const times = new Times(1)
    times.add(1)
    times.add(2)
    const copy = times.copy()
    copy.add(3)
    expect([times.others?.count, copy.others?.count]).toEqual([1, 2])
    expect(copy.kept).not.toBe(times.kept)
  })
})
