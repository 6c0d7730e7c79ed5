import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { constant } from '../../../../app/device/signals.ts'
import { dropout, spikes, stuck } from '../../../../app/device/signals-flaws.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

/** 1, 2, 3, ... */
function counting() {
  let count = 0
  return { next: () => ++count }
}

/** Samples taken a second apart. */
function samples<T>(clock: FakeClock, signal: { next(): T }, count: number): T[] {
  return Array.from({ length: count }, () => {
    const value = signal.next()
    clock.advance(1000)
    return value
  })
}

const seeds = fc.integer()
const share = fc.double({ min: 0, max: 1, noNaN: true })

describe('spikes', () => {
  it('is off by exactly its size, or not at all, and the same for the same seed', () => {
    fc.assert(
      fc.property(seeds, share, fc.constantFrom('up', 'down', 'both'), (seed, probability, direction) => {
        const clock = new FakeClock()
        const draw = () =>
          samples(clock, spikes(createRandom(seed), constant(20), { probability, size: 5, direction }), 30)
        const possible = { up: [20, 25], down: [20, 15], both: [15, 20, 25] }[direction]
        expect(draw().every((value) => possible.includes(value))).toBe(true)
        expect(draw()).toEqual(draw())
      }),
    )
  })

  it('comes as often as its probability says, both ways alike', () => {
    const values = samples(new FakeClock(), spikes(createRandom(1), constant(0), { probability: 0.1, size: 1 }), 10_000)
    for (const way of [1, -1]) {
      expect(Math.abs(values.filter((value) => value === way).length - 500)).toBeLessThan(80)
    }
  })

  it.each([
    [{ probability: 2, size: 1 }, "'probability' must be a number from 0 to 1, not 2"],
    [{ probability: 1, size: -1 }, "'size' must be a number of at least 0, not -1"],
    [
      { probability: 1, size: 1, direction: 'left' as never },
      "'direction' must be one of 'up', 'down', 'both', not 'left'",
    ],
  ])('refuses %j in words', (options, message) => {
    expect(() => spikes(createRandom(1), constant(1), options)).toThrow(`sensor.spikes: ${message}`)
  })
})

describe('stuck', () => {
  it('repeats a value for its time, then shows what its source has come to', () => {
    const clock = new FakeClock()
    const signal = stuck(createRandom(1), clock, counting(), { probability: 1, for: 3000 })
    expect(samples(clock, signal, 7)).toEqual([1, 1, 1, 4, 4, 4, 7])
  })

  it('never sticks at probability 0', () => {
    const clock = new FakeClock()
    const signal = stuck(createRandom(1), clock, counting(), { probability: 0, for: 3000 })
    expect(samples(clock, signal, 4)).toEqual([1, 2, 3, 4])
  })

  it('gives only values that its source gave, in order, the same for the same seed', () => {
    fc.assert(
      fc.property(seeds, share, fc.integer({ min: 1, max: 10_000 }), (seed, probability, length) => {
        const draw = () => {
          const clock = new FakeClock()
          return samples(clock, stuck(createRandom(seed), clock, counting(), { probability, for: length }), 40)
        }
        const values = draw()
        for (const [i, value] of values.entries()) expect(value === i + 1 || value === values[i - 1]).toBe(true)
        expect(draw()).toEqual(values)
      }),
    )
  })

  it('refuses a time of 0', () => {
    expect(() => stuck(createRandom(1), new FakeClock(), constant(1), { probability: 1, for: 0 })).toThrow(
      "sensor.stuck: 'for' must be above 0, not 0",
    )
  })
})

describe('dropout', () => {
  it('loses samples as often as its probability says, and changes no other', () => {
    const clock = new FakeClock()
    const values = samples(clock, dropout(createRandom(1), clock, counting(), { probability: 0.2 }), 5000)
    expect(Math.abs(values.filter((value) => value === undefined).length - 1000)).toBeLessThan(100)
    expect(values.every((value, i) => value === undefined || value === i + 1)).toBe(true)
  })

  it('loses all samples for its time', () => {
    const runs = (length: number) => {
      const clock = new FakeClock()
      const signal = dropout(createRandom(3), clock, constant(1), { probability: 0.05, for: length })
      const text = samples(clock, signal, 2000)
        .map((value) => (value === undefined ? 'x' : '.'))
        .join('')
      return text.match(/x+(?=\.)/g) ?? []
    }
    expect(runs(5000).length).toBeGreaterThan(20)
    expect(runs(5000).every((run) => run.length >= 5)).toBe(true)
    expect(runs(0).some((run) => run.length === 1)).toBe(true)
  })

  it('is the same for the same seed', () => {
    const draw = (seed: number) => {
      const clock = new FakeClock()
      return samples(clock, dropout(createRandom(seed), clock, constant(1), { probability: 0.5 }), 50)
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('refuses what it cannot read', () => {
    expect(() => dropout(createRandom(1), new FakeClock(), 5 as never, { probability: 1 })).toThrow(
      'sensor.dropout: needs a sensor to read, such as sensor.constant(20), not 5',
    )
  })
})
