import { describe, expect, it } from 'vitest'
import type { Disposable } from '../../../../../app/base/disposable.ts'
import { Emitter } from '../../../../../app/base/emitter.ts'
import { type Decision, decide, type Look, type Question } from '../../../../../main/scenarios/expect/question.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

function stage(within = 1000, inTheEnd: Question['inTheEnd'] = 'failed') {
  const clock = new FakeClock()
  const changed = new Emitter<void>()
  const until = new Set<Disposable>()
  const state = {
    is: 'open' as Look['is'],
    looks: 0,
    taken: 0,
    disposed: 0,
    again: undefined as number | undefined,
    cost: 0,
  }
  let decision: Decision | undefined
  const question: Question = {
    expected: 'a thing',
    changes: [changed.event],
    inTheEnd,
    look: () => {
      state.looks += 1
      clock.stall(state.cost)
      return { is: state.is, received: () => state.is, again: state.again }
    },
    take: () => {
      state.taken += 1
    },
    dispose: () => {
      state.disposed += 1
    },
  }
  const decided = decide(question, { clock, within, settled: () => Promise.resolve(), until })
  decided.then(
    (value) => {
      decision = value
    },
    () => {
      // Whoever has asked hears of it.
    },
  )
  const rest = () => new Promise((resolve) => setImmediate(resolve))
  return { clock, changed, until, state, decided, rest, decision: () => decision }
}

describe('a question', () => {
  it('is looked at when something changes, once for all that comes together, and not in between', async () => {
    const { changed, clock, decided, state, until } = stage()
    expect(state.looks).toBe(1)
    for (let i = 0; i < 5; i++) changed.fire()
    clock.advance(0)
    expect(state.looks).toBe(2)
    clock.advance(500)
    expect(state.looks).toBe(2)
    state.is = 'held'
    changed.fire()
    clock.advance(0)
    expect(await decided).toEqual({ held: true, received: 'held', packets: undefined })
    expect(state).toMatchObject({ looks: 3, taken: 1, disposed: 1 })
    expect([clock.waiting, until.size, changed.hasListeners]).toEqual([0, 0, false])
  })

  it('fails at once', async () => {
    const { changed, clock, decided, state } = stage()
    state.is = 'failed'
    changed.fire()
    clock.advance(0)
    expect(await decided).toMatchObject({ held: false })
    expect(state.taken).toBe(0)
  })

  it.each(['held', 'failed'] as const)('is %s in the end where it is meant so, and not before', async (inTheEnd) => {
    const { clock, decided, decision, rest } = stage(1000, inTheEnd)
    clock.advance(999)
    await rest()
    expect(decision()).toBeUndefined()
    clock.advance(1)
    expect(await decided).toMatchObject({ held: inTheEnd === 'held' })
  })

  it('may settle for half a second more', async () => {
    const { changed, clock, decided, decision, rest, state } = stage()
    state.is = 'settling'
    changed.fire()
    clock.advance(1000)
    await rest()
    clock.advance(499)
    await rest()
    expect(decision()).toBeUndefined()
    clock.advance(1)
    expect(await decided).toMatchObject({ held: true })
  })

  it('fails when what has settled is too much after all', async () => {
    const { changed, clock, decided, rest, state } = stage()
    state.is = 'settling'
    clock.advance(1000)
    await rest()
    state.is = 'failed'
    changed.fire()
    clock.advance(1)
    expect(await decided).toMatchObject({ held: false })
  })

  it('is looked at again when it says so', async () => {
    const { changed, clock, decided, state } = stage()
    state.again = 100
    changed.fire()
    clock.advance(0)
    expect(state.looks).toBe(2)
    clock.advance(99)
    expect(state.looks).toBe(2)
    state.is = 'held'
    clock.advance(1)
    expect(await decided).toMatchObject({ held: true })
  })

  it('is looked at for a tenth of the time at most', () => {
    const { changed, clock, state } = stage(600_000)
    state.cost = 20
    for (let i = 0; i < 1000; i++) {
      changed.fire()
      clock.advance(1)
    }
    // A second, and 20 ms more for every look.
    expect(state.looks).toBeGreaterThan(3)
    expect(state.looks).toBeLessThan(8)
  })

  it('ends with an error when nobody waits any more', async () => {
    const { clock, decided, state, until } = stage()
    for (const each of [...until]) each.dispose()
    await expect(decided).rejects.toMatchObject({ code: 'connection-closed' })
    expect([state.disposed, clock.waiting]).toEqual([1, 0])
  })
})
