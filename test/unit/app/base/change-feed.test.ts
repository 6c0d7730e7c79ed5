import { describe, expect, it } from 'vitest'
import { ChangeFeed, type Changes } from '../../../../app/base/change-feed.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function createFeed() {
  const clock = new FakeClock()
  const values = new Map<string, number>()
  const feed = new ChangeFeed<string, number>(clock, (key) => values.get(key))
  const told: Changes<string, number>[] = []
  feed.onChanged((changes) => told.push(changes))
  return { clock, values, feed, told }
}

describe('ChangeFeed', () => {
  it('tells many changes together, as things are at that moment', () => {
    const { clock, values, feed, told } = createFeed()
    for (let n = 1; n <= 100; n++) {
      values.set('a', n)
      feed.touch('a', 50)
    }
    values.set('b', 7)
    feed.touch('b', 50)
    feed.touch('gone', 50)
    clock.advance(49)
    expect(told).toEqual([])
    clock.advance(1)
    expect(told).toEqual([{ changed: [100, 7], removed: ['gone'] }])
  })

  it('asks for no state while nobody listens, and tells of what changes afterwards', () => {
    const clock = new FakeClock()
    const asked: string[] = []
    const feed = new ChangeFeed<string, string>(clock, (key) => {
      asked.push(key)
      return key
    })
    feed.touch('early', 50)
    clock.advance(100)
    const told: Changes<string, string>[] = []
    feed.onChanged((changes) => told.push(changes))
    feed.touch('late', 50)
    clock.advance(100)
    expect(told).toEqual([{ changed: ['late'], removed: [] }])
    expect(asked).toEqual(['late'])
  })

  it('never leaves out the last state, however often it changes', () => {
    const { clock, values, feed, told } = createFeed()
    for (let n = 1; n <= 205; n++) {
      values.set('a', n)
      feed.touch('a', 50)
      clock.advance(1)
    }
    clock.advance(50)
    expect(told.at(-1)).toEqual({ changed: [205], removed: [] })
    expect(told.length).toBeLessThanOrEqual(6)
  })

  it('hurries when something cannot wait, and takes along what could', () => {
    const { clock, values, feed, told } = createFeed()
    values.set('slow', 1)
    values.set('soon', 2)
    feed.touch('slow', 250)
    feed.touch('soon', 20)
    feed.touch('slow', 250)
    clock.advance(20)
    expect(told).toEqual([{ changed: [1, 2], removed: [] }])
    clock.advance(1000)
    expect(told).toHaveLength(1)
  })

  it('tells very many in pieces, those first that wait the longest', () => {
    const { clock, values, feed, told } = createFeed()
    for (let n = 0; n < 1200; n++) {
      values.set(`k${n}`, n)
      feed.touch(`k${n}`, 250)
    }
    clock.advance(250)
    values.set('k0', -1)
    values.set('k1199', -2)
    feed.touch('k0', 250)
    feed.touch('k1199', 250)
    clock.advance(100)
    expect(told.map(({ changed }) => changed.length)).toEqual([500, 500, 201])
    expect(told.flatMap(({ changed }) => changed)).toEqual([...Array(1199).keys(), -2, -1])
    expect(clock.waiting).toBe(0)
    values.set('a', 1)
    feed.touch('a', 20)
    clock.advance(20)
    expect(told.at(-1)).toEqual({ changed: [1], removed: [] })
  })

  it('tells everything at once where that is asked for', () => {
    const { values, feed, told } = createFeed()
    for (let n = 0; n < 1200; n++) {
      values.set(`k${n}`, n)
      feed.touch(`k${n}`, 250)
    }
    feed.flush()
    expect(told.map(({ changed }) => changed.length)).toEqual([1200])
  })

  it('is silent when nothing has changed, and leaves no timer when it is disposed', () => {
    const { clock, feed, told } = createFeed()
    feed.flush()
    feed.touch('a', 50)
    feed.dispose()
    expect(clock.waiting).toBe(0)
    clock.advance(100)
    expect(told).toEqual([])
  })
})
