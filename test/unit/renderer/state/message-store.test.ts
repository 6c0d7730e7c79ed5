import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import type { MessageSnapshot, MessageSummary } from '../../../../app/contract/messages.ts'
import { type Call, MessageStore } from '../../../../renderer/state/message-store.ts'
import { until } from '../../../helpers/until.ts'

function summary(id: number, state: MessageSummary['state'] = 'complete'): MessageSummary {
  return {
    id,
    topic: `t/${id}`,
    qos: 1,
    retain: false,
    origin: 'publish',
    publisherId: 'p',
    subscriberIds: [],
    subscribers: 0,
    match: 'certain',
    state,
    deliveries: 0,
    remark: '',
    startedAt: id,
    duration: 0,
    target: '',
  }
}

function snapshot(id: number, state?: MessageSummary['state']): MessageSnapshot {
  return { ...summary(id, state), payload: new Uint8Array(), exchanges: [] }
}

/** A workbench that knows some messages, gives `page` of them at once, and counts what it is asked. */
function open(known: Map<number, MessageSnapshot>, page = 100) {
  const asked: string[] = []
  const answered: string[] = []
  const reported: unknown[] = []
  const answer = async (method: string, params: object) => {
    asked.push(method)
    const below = (before: number) =>
      [...known.keys()]
        .filter((id) => id < before)
        .sort((a, b) => b - a)
        .slice(0, page)
        .map((id) => summary(id))
    if (method === 'messages.follow') {
      return { messages: below(Number.POSITIVE_INFINITY), total: known.size, forgotten: 0, missed: 0 }
    }
    if (method === 'messages.older' && 'before' in params) {
      const messages = below(params.before as number)
      // Over a real connection other things happen meanwhile.
      await new Promise((resolve) => setImmediate(resolve))
      answered.push(method)
      return { messages }
    }
    const message = 'id' in params ? known.get(params.id as number) : undefined
    if (message === undefined) throw new FaultlineError({ code: 'not-found', message: 'gone' })
    return message
  }
  const store = new MessageStore('live', answer as Call, (error) => reported.push(error))
  return { store, answer, asked, answered, reported }
}

const change = (changed: MessageSummary[], total: number, removed: number[] = []) => ({
  capture: 'live',
  changed,
  removed,
  total,
  forgotten: removed.length,
  missed: 0,
})

describe('MessageStore', () => {
  it('asks for the messages once, and keeps the list newest first as they change', async () => {
    const { store, asked } = open(new Map([1, 2].map((id) => [id, snapshot(id)])))
    await store.follow()
    await store.follow()
    expect(asked.filter((method) => method === 'messages.follow')).toHaveLength(1)
    store.take(change([summary(4), summary(1, 'held'), summary(3)], 4))
    expect(store.list.value.messages.map(({ id, state }) => `${id} ${state}`)).toEqual([
      '4 complete',
      '3 complete',
      '2 complete',
      '1 held',
    ])
    expect(store.list.value).toMatchObject({ total: 4, forgotten: 0 })
  })

  it('takes a long list in a part after the other, and what changes meanwhile as well', async () => {
    const { store, asked } = open(new Map(Array.from({ length: 25 }, (_, i) => [i + 1, snapshot(i + 1)])), 10)
    await store.follow()
    expect(store.list.value.messages.length).toBeLessThan(25)
    store.take(change([summary(26), summary(20, 'held')], 26))
    await until('all are there', () => store.list.value.messages.length === 26)
    expect(store.list.value.messages.map(({ id }) => id)).toEqual(Array.from({ length: 26 }, (_, i) => 26 - i))
    expect(store.list.value.messages.find(({ id }) => id === 20)?.state).toBe('held')
    expect(store.list.value.total).toBe(26)
    await until('it was asked to the end', () => asked.filter((method) => method === 'messages.older').length === 3)
  })

  it('takes in nothing more of a list that another run of the workbench has ended', async () => {
    const known = new Map(Array.from({ length: 25 }, (_, i) => [i + 1, snapshot(i + 1)]))
    const { store, answered } = open(known, 10)
    await store.follow()
    store.clear()
    known.clear()
    await store.resume()
    await until('the late part has come', () => answered.length === 1)
    expect(store.list.value.messages).toEqual([])
  })

  it('lets go of exactly those that the workbench has let go of', async () => {
    const { store } = open(new Map([1, 2, 3].map((id) => [id, snapshot(id)])))
    await store.follow()
    store.take(change([summary(4)], 4, [2]))
    expect(store.list.value.messages.map(({ id }) => id)).toEqual([4, 3, 1])
    expect(store.list.value).toMatchObject({ total: 4, forgotten: 1 })
  })

  it('asks again over the next connection when the first answer did not come', async () => {
    const known = new Map([[1, snapshot(1)]])
    let connected = false
    const { answer, reported } = open(known)
    const call = (async (method: string, params: object) => {
      if (!connected) throw new FaultlineError({ code: 'connection-closed', message: 'gone' })
      return await answer(method, params)
    }) as Call
    const store = new MessageStore('live', call, (error) => reported.push(error))
    await store.follow()
    connected = true
    await store.resume()
    expect(store.list.value.messages).toHaveLength(1)
    expect(reported).toEqual([])
  })

  it('loads the selected message, and loads it again when it has changed', async () => {
    const known = new Map([[1, snapshot(1, 'held')]])
    const { store, asked } = open(known)
    await store.follow()
    store.select(1)
    await until('it is there', () => store.selected.value?.state === 'held')
    known.set(1, snapshot(1, 'complete'))
    store.take(change([summary(2)], 2))
    store.take(change([summary(1)], 2))
    await until('it is fresh', () => store.selected.value?.state === 'complete')
    expect(asked.filter((method) => method === 'messages.get')).toHaveLength(2)
  })

  it('shows the one that was selected last, however late the answer for another comes', async () => {
    const { store } = open(new Map([1, 2].map((id) => [id, snapshot(id)])))
    store.select(1)
    store.select(2)
    await until('it is there', () => store.selected.value !== undefined)
    expect(store.selected.value?.id).toBe(2)
  })

  it('keeps what was last heard of a message that the workbench has let go of', async () => {
    const known = new Map([[1, snapshot(1)]])
    const { store, reported, asked } = open(known)
    store.select(1)
    await until('it is there', () => store.selected.value?.id === 1)
    known.clear()
    store.take(change([summary(1)], 2))
    await until('it was asked again', () => asked.length === 2)
    expect(store.selected.value?.id).toBe(1)
    expect(reported).toEqual([])
  })

  it('follows again over a new connection, if it did before', async () => {
    const { store, asked } = open(new Map())
    await store.resume()
    expect(asked).toEqual([])
    await store.follow()
    await store.resume()
    expect(asked).toEqual(['messages.follow', 'messages.follow'])
  })
})
