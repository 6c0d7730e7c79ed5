import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Emitter } from '../../../../../app/base/emitter.ts'
import type { TopicCounts } from '../../../../../app/session/topic-snapshot.ts'
import { Retained } from '../../../../../main/broker/engine/retained.ts'
import { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'
import { TopicWatch } from '../../../../../main/broker/topics/topic-watch.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

let clock: FakeClock
let published: Emitter<RoutedMessage>
let retained: Retained
let watch: TopicWatch
let messages = 0

beforeEach(() => {
  clock = new FakeClock()
  published = new Emitter()
  retained = new Retained({ storeRetained: async () => {} }, (error) => {
    throw error
  })
  watch = new TopicWatch({ clock, published: published.event, retained, mostTopics: 5000 })
})
afterEach(() => watch.dispose())

function publish(
  topic: string,
  payload: string,
  options: { retain?: boolean; clientId?: string; will?: boolean } = {},
) {
  const { retain = false, clientId = 'pump', will = false } = options
  const message = new RoutedMessage('test', {
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retain,
    properties: undefined,
    expiresAt: undefined,
    origin: { message: ++messages, kind: will ? 'will' : 'publish', clientId },
  })
  if (retain) retained.set(message)
  published.fire(message)
}

const text = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString()
const rows = (open: string[] = [], search = '') => watch.page({ open, from: 0, limit: 100, search }).rows

describe('the watch over topics', () => {
  it('does nothing until somebody looks; then it knows what is retained', () => {
    publish('plant/status', 'online', { retain: true })
    expect(published.hasListeners).toBe(false)
    expect(watch.counts()).toMatchObject({ topics: 1, retained: 1, messages: 0, since: clock.now() })
    expect(rows(['plant'])).toMatchObject([
      { path: 'plant', level: 'plant', depth: 0, children: 1, open: true, topics: 1, messages: 0, retained: false },
      { path: 'plant/status', level: 'status', depth: 1, children: 0, open: false, retained: true, time: undefined },
    ])
    expect(text(rows(['plant'])[1]?.payload)).toBe('online')
  })

  it('shows the last message of a topic, the one before, and who published it', () => {
    watch.counts()
    publish('a/b', 'one')
    clock.advance(1000)
    publish('a/b', 'two', { clientId: 'valve', will: true })
    const shown = watch.show('a/b')
    expect(shown).toMatchObject({ messages: 2, retained: undefined })
    expect(shown?.last).toMatchObject({ publisher: 'valve', will: true, qos: 1, retain: false, time: clock.now() })
    expect([text(shown?.previous?.payload), text(shown?.last?.payload)]).toEqual(['one', 'two'])
    expect(watch.show('a')).toBeUndefined()
  })

  it('counts messages with all below, and of a topic alone', () => {
    watch.counts()
    clock.advance(500)
    for (let n = 0; n < 4; n++) publish('a', '')
    for (let n = 0; n < 6; n++) publish('a/b', '')
    clock.advance(5000)
    expect(rows(['a'])).toMatchObject([
      { path: 'a', messages: 10, rate: 2 },
      { path: 'a/b', messages: 6 },
    ])
    const shown = watch.show('a')
    expect(shown).toMatchObject({ messages: 4, rate: 0.8 })
    expect(shown?.history.reduce((all, count) => all + count, 0)).toBe(4)
  })

  it('forgets what is retained when it is cleared, and keeps the topic', () => {
    watch.counts()
    publish('a', 'x', { retain: true })
    expect(text(watch.show('a')?.retained?.payload)).toBe('x')
    publish('a', '', { retain: true })
    expect(watch.show('a')).toMatchObject({ retained: undefined, messages: 2 })
    expect(rows()).toMatchObject([{ path: 'a', retained: false }])
  })

  it('finds topics by a part of their names, and by a Topic Filter', () => {
    watch.counts()
    for (const topic of ['Plant/pump-2/t', 'plant/pump-10/t', 'plant/valve', '$SYS/plant']) publish(topic, '')
    expect(rows([], 'pump').map(({ level }) => level)).toEqual(['Plant/pump-2/t', 'plant/pump-10/t'])
    expect(rows([], '+/valve').map(({ level }) => level)).toEqual(['plant/valve'])
    expect(rows([], '#')).toHaveLength(3)
    expect(rows([], 'a+b')).toEqual([])
  })

  it('says how much it does not show', () => {
    watch.counts()
    for (let n = 0; n < 5010; n++) publish(`t/${n}`, '')
    publish('t/3', '')
    expect(watch.counts()).toMatchObject({ topics: 5000, messages: 5011, over: 10 })
    expect(watch.page({ open: ['t'], from: 4999, limit: 100, search: '' })).toMatchObject({
      total: 5001,
      rows: [{ level: '4998' }, { level: '4999' }],
    })
  })

  it('takes in very many retained messages in parts', () => {
    for (let n = 0; n < 4500; n++) publish(`t/${n}`, 'x', { retain: true })
    expect(watch.counts().topics).toBe(2000)
    clock.advance(0)
    expect(watch.counts().topics).toBe(4500)
  })

  it('keeps of a long payload its beginning', () => {
    watch.counts()
    publish('a', 'x'.repeat(100_000))
    expect(watch.show('a')?.last).toMatchObject({ payloadLength: 100_000 })
    expect(watch.show('a')?.last?.payload).toHaveLength(16_384)
    expect(rows()[0]?.payload).toHaveLength(96)
  })

  it('tells twice a second while something is published, and until the rates have gone down', () => {
    const told: TopicCounts[] = []
    watch.counts()
    publish('a', '')
    expect(clock.waiting).toBe(0)
    const listening = watch.onChanged((counts) => told.push(counts))
    for (let n = 0; n < 100; n++) publish('a', '')
    clock.advance(1000)
    expect(told.map(({ messages: seen }) => seen)).toEqual([101, 101])
    clock.advance(60_000)
    expect(told.at(-1)?.rate).toBe(0)
    expect(clock.waiting).toBe(0)
    publish('a', '')
    listening.dispose()
    clock.advance(60_000)
    expect(clock.waiting).toBe(0)
  })
})
