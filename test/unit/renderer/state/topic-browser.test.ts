import { describe, expect, it } from 'vitest'
import type { MethodName, Params, Result } from '../../../../app/contract/contract.ts'
import { levelsToOpen, TopicBrowser, type TopicRow } from '../../../../renderer/state/topic-browser.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function row(path: string, children: number, open = false): TopicRow {
  const levels = path.split('/')
  return {
    path,
    level: levels.at(-1) ?? '',
    depth: levels.length - 1,
    children,
    open,
    topics: 1,
    messages: 0,
    rate: 0,
    retained: false,
    payload: undefined,
    payloadLength: 0,
    time: undefined,
  }
}

const counts = { since: 1, topics: 2, retained: 0, ownRetained: 0, messages: 0, rate: 0, over: 0 }
const settled = () => new Promise(setImmediate)

function browse(rows: (open: readonly string[]) => TopicRow[]) {
  const calls: { readonly method: MethodName; readonly params: unknown }[] = []
  const call = async <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> => {
    calls.push({ method, params })
    const { open = [] } = params as { open?: readonly string[] }
    const all = rows(open)
    const answer = method === 'topics.watch' ? counts : { rows: all, total: all.length }
    return answer as unknown as Result<M>
  }
  const topics = new TopicBrowser(new FakeClock(), call, (error) => {
    throw error
  })
  return { calls, topics }
}

describe('the tree of topics', () => {
  it('opens by itself while it is small', async () => {
    const { topics, calls } = browse((open) => [
      row('a', 1, open.includes('a')),
      ...(open.includes('a') ? [row('a/b', 0)] : []),
    ])
    topics.start()
    topics.scroll(0, 100)
    await settled()
    expect([...topics.choice.value.open]).toEqual(['a'])
    expect(topics.counts.value).toEqual(counts)
    expect(calls.at(-1)).toMatchObject({ method: 'topics.list', params: { open: ['a'], from: 0, limit: 100 } })
    topics.toggle('a')
    await settled()
    expect([...topics.choice.value.open]).toEqual([])
    topics.stop()
    await settled()
    expect(calls.filter(({ method }) => method === 'topics.watch').map(({ params }) => params)).toEqual([
      { on: true },
      { on: false },
    ])
  })

  it('asks for nothing while nobody looks, and watches again over a new connection only for who does', async () => {
    const { topics, calls } = browse(() => [])
    topics.scroll(0, 100)
    topics.take(counts)
    await topics.resume()
    await settled()
    expect(calls).toEqual([])
    topics.start()
    await settled()
    await topics.resume()
    expect(calls.filter(({ method }) => method === 'topics.watch')).toHaveLength(2)
  })
})

describe('the levels that open by themselves', () => {
  it('are the first ones that leave the tree short, and never those of the broker itself', () => {
    expect(levelsToOpen([row('a', 10), row('b', 10), row('c', 100), row('$SYS', 2)], 4)).toEqual(['a', 'b'])
    expect(levelsToOpen([row('a', 10, true), row('$SYS', 2), row('leaf', 0)], 13)).toEqual([])
  })
})
