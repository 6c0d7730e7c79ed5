import { describe, expect, it } from 'vitest'
import { Paced } from '../../../../renderer/state/paced.ts'
import { Store } from '../../../../renderer/state/store.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

/** A sum of two stores; making it takes as long as told. */
function scene(tookMs = 0) {
  const clock = new FakeClock()
  const a = new Store(1)
  const b = new Store(10)
  let made = 0
  const sum = new Paced(clock, [a, b], () => {
    made++
    clock.stall(tookMs)
    return { sum: a.value + b.value }
  })
  return { clock, a, b, sum, made: () => made }
}

describe('Paced', () => {
  it('is of now while nobody listens, and the same as long as nothing changes', () => {
    const { a, sum } = scene()
    expect(sum.get().sum).toBe(11)
    expect(sum.get()).toBe(sum.get())
    a.set(2)
    expect(sum.get().sum).toBe(12)
  })

  it('gathers changes for whoever listens, and tells the last state', () => {
    const { clock, a, b, sum, made } = scene()
    let told = 0
    sum.get()
    const end = sum.subscribe(() => told++)
    for (let i = 2; i <= 100; i++) a.set(i)
    b.set(0)
    expect(sum.get().sum).toBe(11)
    clock.advance(50)
    expect(sum.get().sum).toBe(100)
    expect([told, made()]).toEqual([1, 2])
    end()
    expect(clock.waiting).toBe(0)
  })

  it('tells what changed before somebody listened', () => {
    const { clock, a, sum } = scene()
    sum.get()
    a.set(5)
    const end = sum.subscribe(() => {})
    clock.advance(50)
    expect(sum.get().sum).toBe(15)
    end()
  })

  it('leaves nine tenths of the time to others when it is dear', () => {
    const { clock, a, sum, made } = scene(20)
    sum.get()
    const end = sum.subscribe(() => {})
    for (let i = 0; i < 100; i++) {
      a.set(i + 2)
      clock.advance(10)
    }
    // A second has passed, and each making took 20 ms of 200 and more.
    expect(made()).toBeLessThanOrEqual(7)
    expect(made()).toBeGreaterThanOrEqual(4)
    end()
  })

  it('stands still for nobody: it waits for no change when the last listener has gone', () => {
    const { clock, a, sum, made } = scene()
    sum.get()
    const ends = [sum.subscribe(() => {}), sum.subscribe(() => {})]
    for (const end of ends) end()
    a.set(7)
    clock.advance(1000)
    expect([made(), clock.waiting]).toEqual([1, 0])
    expect(sum.get().sum).toBe(17)
  })
})
