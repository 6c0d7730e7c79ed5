import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../../app/base/clock.ts'
import { Timers } from '../../../../../main/devices/guest/timers.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

function setUp(during: (timer: number, timers: Timers) => void = () => {}) {
  const clock = new FakeClock()
  const fired: [timer: number, ms: number][] = []
  const start = clock.now()
  const timers: Timers = new Timers(clock, (timer) => {
    fired.push([timer, clock.now() - start])
    during(timer, timers)
  })
  return { clock, timers, fired }
}

describe('the timers of a device', () => {
  it('fire once, or again and again', () => {
    const { clock, timers, fired } = setUp()
    timers.start(1, 25, false)
    timers.start(2, 10, true)
    clock.advance(45)
    expect(fired).toEqual([
      [2, 10],
      [2, 20],
      [1, 25],
      [2, 30],
      [2, 40],
    ])
  })

  it('keep their pace, however long the work takes', () => {
    const { clock, timers, fired } = setUp(() => clock.advance(4))
    timers.start(1, 10, true)
    clock.advance(35)
    expect(fired.map(([, ms]) => ms)).toEqual([10, 20, 30])
  })

  it('leave out what they have missed, and do not make up for it', () => {
    const clock = new FakeClock()
    // By how much the thread is behind: what falls due while it is held up fires late.
    let late = 0
    const held: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + late * 1e6,
      after: (ms, run) => clock.after(ms, run),
    }
    const fired: number[] = []
    const timers = new Timers(held, () => {
      fired.push(held.monotonic() / 1e6)
      if (fired.length === 1) late = 47
    })
    timers.start(1, 10, true)
    clock.advance(53)
    expect(fired).toEqual([10, 67, 70, 80, 90, 100])
  })

  it('that stand still fire what was due when they go on, each once, and then keep their pace', () => {
    const { clock, timers, fired } = setUp()
    timers.start(1, 10, true)
    timers.start(2, 15, false)
    timers.start(3, 70, false)
    timers.start(4, 12, false)
    clock.advance(11)
    timers.pause()
    timers.stop(4)
    timers.start(5, 5, false)
    clock.advance(34)
    expect(fired).toEqual([[1, 10]])
    timers.resume()
    clock.advance(30)
    expect(fired).toEqual([
      [1, 10],
      [2, 45],
      [5, 45],
      [1, 45],
      [1, 50],
      [1, 60],
      [3, 70],
      [1, 70],
    ])
    timers.stop(1)
    expect(clock.waiting).toBe(0)
  })

  it('can be stopped, also from within', () => {
    const { clock, timers, fired } = setUp((timer, all) => all.stop(timer))
    timers.start(1, 10, true)
    timers.start(2, 5, false)
    timers.stop(2)
    clock.advance(100)
    expect(fired).toEqual([[1, 10]])
    expect(clock.waiting).toBe(0)
  })

  it('leave nothing behind when they end', () => {
    const { clock, timers } = setUp()
    timers.start(1, 10, true)
    timers.start(2, 10, false)
    timers.dispose()
    expect(clock.waiting).toBe(0)
  })
})
