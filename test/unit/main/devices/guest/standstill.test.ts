import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Standstill } from '../../../../../main/devices/guest/standstill.ts'

describe('a program that can stand still', () => {
  it('does everything once and in order, however often it stands still', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('begin', 'end', 'work')), (steps) => {
        const standstill = new Standstill()
        const done: number[] = []
        const held = standstill.hold({ work: (n: number) => void done.push(n) })
        let asked = 0
        for (const step of steps) {
          if (step === 'work') held.work(++asked)
          else standstill[step as 'begin' | 'end']()
          if (!standstill.still) expect(done).toHaveLength(asked)
        }
        standstill.end()
        expect(done).toEqual(Array.from({ length: asked }, (_, index) => index + 1))
      }),
    )
  })

  it('that is gone does nothing of what waited', () => {
    const standstill = new Standstill()
    const done: string[] = []
    standstill.begin()
    standstill.run(() => done.push('late'))
    standstill.drop()
    standstill.end()
    expect([done, standstill.still]).toEqual([[], false])
  })
})
