import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seedOf } from '../../../../app/base/seed.ts'
import { againCommand } from '../../../../app/scenario/again.ts'

describe('the words that repeat a run', () => {
  it('are read by a shell as they are meant', () => {
    const file = 'scenarios/x.scenario.ts'
    expect(againCommand({ file, seed: 42, target: '' })).toBe('faultline run scenarios/x.scenario.ts --seed 42')
    expect(
      againCommand({ file: "scenarios/it's.scenario.ts", seed: 'a b', target: 'mqtt://h:1', timeoutMs: 500 }),
    ).toBe(`faultline run 'scenarios/it'\\''s.scenario.ts' --seed 'a b' --target mqtt://h:1 --timeout 500ms`)
    expect(againCommand({ file, seed: '', target: '' })).toBe("faultline run scenarios/x.scenario.ts --seed ''")
  })

  it('give the seed back from which the same is drawn', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^-?[0-9]{1,20}(?:\.[0-9]{1,3})?$/)), (seed) => {
        expect(String(seedOf(seed))).toBe(seed)
      }),
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (seed) => {
        expect(seedOf(String(seed))).toBe(seed === 0 ? 0 : seed)
      }),
    )
  })

  it.each([
    ['7', 7],
    ['-7', -7],
    ['1.5', 1.5],
    ['007', '007'],
    ['-0', '-0'],
    ['1e3', '1e3'],
    ['12345678901234567890', '12345678901234567890'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['', ''],
    ['lab', 'lab'],
  ])('take the seed %j for %j', (typed, seed) => {
    expect(seedOf(typed)).toBe(seed)
  })
})
