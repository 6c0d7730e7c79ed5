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
