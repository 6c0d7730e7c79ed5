import { beforeEach, describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { Polled } from '../../../../renderer/state/polled.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

let clock: FakeClock
let polled: Polled<string, string>
/** What was asked and not answered yet. */
let asked: {
  readonly params: string
  readonly answer: (result: string) => void
  readonly fail: (error: Error) => void
}[]

beforeEach(() => {
  clock = new FakeClock()
  asked = []
  polled = new Polled(clock, (params) => new Promise((answer, fail) => asked.push({ params, answer, fail })))
})

/** Answers the oldest question; settles when the answer was taken in. */
async function answer(result: string): Promise<string | undefined> {
  const question = asked.shift()
  question?.answer(result)
  await new Promise(setImmediate)
  return question?.params
}

describe('what is asked for again and again', () => {
  it('is asked for at once, and then once a second', async () => {
    polled.look('a')
    expect(await answer('1')).toBe('a')
    expect(polled.answer.value).toMatchObject({ params: 'a', result: '1', at: clock.now() })
    clock.advance(999)
    expect(asked).toHaveLength(0)
    clock.advance(1)
    expect(await answer('2')).toBe('a')
    expect(polled.answer.value?.result).toBe('2')
  })

  it('is asked for sooner when it has changed, and not more often than it can be answered', async () => {
    polled.look('a')
    for (let n = 0; n < 10; n++) polled.again()
    expect(asked).toHaveLength(1)
    await answer('1')
    for (let n = 0; n < 10; n++) polled.again()
    polled.again((params) => params === 'b')
    clock.advance(149)
    expect(asked).toHaveLength(0)
    clock.advance(1)
    expect(asked).toHaveLength(1)
  })

  it('is not asked for because something else has changed', async () => {
    polled.look('a')
    await answer('1')
    clock.advance(500)
    polled.again((params) => params === 'b')
    clock.advance(499)
    expect(asked).toHaveLength(0)
  })

  it('goes on to what is looked at now, whatever was asked before', async () => {
    polled.look('a')
    polled.look('b')
    expect(asked.map(({ params }) => params)).toEqual(['a'])
    await answer('of a')
    expect(await answer('of b')).toBe('b')
    expect(polled.answer.value).toMatchObject({ params: 'b', result: 'of b' })
  })

  it('ends when nobody looks any more', async () => {
    polled.look('a')
    await answer('1')
    polled.look('a')
    polled.look(undefined)
    await answer('late')
    expect(polled.answer.value).toBeUndefined()
    clock.advance(10_000)
    expect(asked).toHaveLength(0)
    expect(clock.waiting).toBe(0)
  })

  it('shows why there is no answer, and keeps the last one while the connection is lost', async () => {
    polled.look('a')
    await answer('1')
    clock.advance(1000)
    asked.shift()?.fail(new FaultlineError({ code: 'connection-closed', message: 'gone' }))
    await new Promise(setImmediate)
    expect(polled.answer.value?.result).toBe('1')
    clock.advance(1000)
    asked.shift()?.fail(new FaultlineError({ code: 'not-found', message: 'no such thing' }))
    await new Promise(setImmediate)
    expect(polled.answer.value).toMatchObject({ result: undefined, error: { code: 'not-found' } })
  })

  it('is asked for at once where it overtakes what was asked before, whose answer nobody wants any more', async () => {
    polled = new Polled(
      clock,
      (params) => new Promise((answer, fail) => asked.push({ params, answer, fail })),
      (next, before) => next.length > before.length,
    )
    polled.look('p')
    polled.look('pu')
    expect(asked.map(({ params }) => params)).toEqual(['p', 'pu'])
    asked.shift()?.fail(new FaultlineError({ code: 'wrong-state', message: 'nobody looks for it any more' }))
    await new Promise(setImmediate)
    expect(polled.answer.value).toBeUndefined()
    await answer('2')
    expect(polled.answer.value).toMatchObject({ params: 'pu', result: '2' })
    polled.look('pump')
    polled.look('x')
    expect(asked.map(({ params }) => params)).toEqual(['pump'])
  })
})
