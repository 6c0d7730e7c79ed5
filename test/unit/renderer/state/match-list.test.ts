import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MatchList } from '../../../../renderer/state/match-list.ts'

function numbers(list: MatchList): (number | undefined)[] {
  return Array.from({ length: list.last - list.first + 1 }, (_, i) => list.numberAt(list.first + i))
}

describe('MatchList', () => {
  it('keeps each match at its position while older and newer ones come', () => {
    const list = new MatchList(100)
    list.addNewer(50)
    list.addOlder([20, 30, 40])
    const position = list.positionOf(50)
    list.addOlder([5, 10])
    list.addNewer(60)
    expect(list.positionOf(50)).toBe(position)
    expect(numbers(list)).toEqual([5, 10, 20, 30, 40, 50, 60])
  })

  it('finds the match or the next one', () => {
    const list = new MatchList(100)
    list.addOlder([10, 20])
    list.addNewer(30)
    expect([1, 10, 11, 30].map((number) => list.numberAt(list.positionOf(number)))).toEqual([10, 10, 20, 30])
    expect(list.positionOf(31)).toBe(list.last + 1)
  })

  it('leaves out the oldest when there are too many, and says how many', () => {
    const list = new MatchList(3)
    list.addNewer(5000)
    list.addOlder([1000, 2000, 3000, 4000])
    expect(numbers(list)).toEqual([3000, 4000, 5000])
    expect(list.leftOut).toBe(2)
    list.addNewer(6000)
    expect(numbers(list)).toEqual([4000, 5000, 6000])
    expect(list.leftOut).toBe(3)
  })

  it('forgets those whose records have left, and no longer counts them', () => {
    const list = new MatchList(2)
    list.addOlder([100, 1100, 2100, 3100])
    list.dropBefore(1000)
    expect(list.leftOut).toBe(1)
    list.dropBefore(2500)
    expect(numbers(list)).toEqual([3100])
    expect(list.leftOut).toBe(0)
  })

  it('has what a plain sorted list would have, at any time', () => {
    const step = fc.oneof(
      fc.record({ newer: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ older: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }) }),
      fc.record({ drop: fc.nat(60) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (steps, most) => {
        const list = new MatchList(most)
        let model: number[] = []
        let [lowest, highest] = [10_000, 9_999]
        let leftOut = false
        let gone = 0
        for (const step of steps) {
          if ('newer' in step) {
            highest += step.newer
            list.addNewer(highest)
            model.push(highest)
            leftOut ||= model.length > most
            model = model.slice(-most)
          } else if ('older' in step) {
            const older = step.older.map((gap) => (lowest -= gap)).reverse()
            list.addOlder(older)
            // Behind one that was left out comes nothing that is kept: there would be a hole.
            if (!leftOut) model = [...older.filter((number) => number >= gone), ...model]
            leftOut ||= model.length > most
            model = model.slice(-most)
          } else {
            const from = (model[0] ?? lowest) + step.drop
            list.dropBefore(from)
            model = model.filter((number) => number >= from)
            gone = Math.max(gone, from)
            leftOut = list.leftOut > 0
          }
          expect(numbers(list)).toEqual(model)
          expect(list.count).toBe(model.length)
          for (const number of model) expect(list.numberAt(list.positionOf(number))).toBe(number)
        }
      }),
    )
  })
})
