import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Emitter } from '../../../../../app/base/emitter.ts'
import type { TopicCounts } from '../../../../../app/session/topic-snapshot.ts'
import { defaultLimits } from '../../../../../main/broker/engine/limits.ts'
import { Retained } from '../../../../../main/broker/engine/retained.ts'
import { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'
import { TopicWatch } from '../../../../../main/broker/topics/topic-watch.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

let clock: FakeClock
let published: Emitter<RoutedMessage>
let retained: Retained
let watch: TopicWatch
let messages = 0

const open = (clock: FakeClock) => new TopicWatch({ clock, published: published.event, retained, mostTopics: 5000 })

beforeEach(() => {
  clock = new FakeClock()
  published = new Emitter()
  retained = new Retained({
    store: { storeRetained: async () => {} },
    clock,
    limits: { ...defaultLimits },
    onProblem: (error) => {
      throw error
    },
  })
  watch = open(clock)
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
const query = { open: [], from: 0, limit: 100, search: '' }
const rows = async (open: string[] = [], search = '') =>
  (await watch.page({ ...query, open, search }, () => true))?.rows ?? []

/** Looking at it takes a millisecond each time. */
class WorkingClock extends FakeClock {
  #looks = 0

  override monotonic(): number {
    this.#looks++
    return super.monotonic() + this.#looks * 1e6
  }
}

describe('the watch over topics', () => {
  it('does nothing until somebody looks; then it knows what is retained', async () => {
    publish('plant/status', 'online', { retain: true })
    expect(published.hasListeners).toBe(false)
    expect(watch.counts()).toMatchObject({ topics: 1, retained: 1, messages: 0, since: clock.now() })
    expect(await rows(['plant'])).toMatchObject([
      { path: 'plant', level: 'plant', depth: 0, children: 1, open: true, topics: 1, messages: 0, retained: false },
      { path: 'plant/status', level: 'status', depth: 1, children: 0, open: false, retained: true, time: undefined },
    ])
    expect(text((await rows(['plant']))[1]?.payload)).toBe('online')
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

  it('counts messages with all below, and of a topic alone', async () => {
    watch.counts()
    clock.advance(500)
    for (let n = 0; n < 4; n++) publish('a', '')
    for (let n = 0; n < 6; n++) publish('a/b', '')
    clock.advance(5000)
    expect(await rows(['a'])).toMatchObject([
      { path: 'a', messages: 10, rate: 2 },
      { path: 'a/b', messages: 6 },
    ])
    const shown = watch.show('a')
    expect(shown).toMatchObject({ messages: 4, rate: 0.8 })
    expect(shown?.history.reduce((all, count) => all + count, 0)).toBe(4)
  })

  it('forgets what is retained when it is cleared, and keeps the topic', async () => {
    watch.counts()
    publish('a', 'x', { retain: true })
    expect(text(watch.show('a')?.retained?.payload)).toBe('x')
    publish('a', '', { retain: true })
    expect(watch.show('a')).toMatchObject({ retained: undefined, messages: 2 })
    expect(await rows()).toMatchObject([{ path: 'a', retained: false }])
  })

  it('finds topics by a part of their names, and by a Topic Filter', async () => {
    watch.counts()
    for (const topic of ['Plant/pump-2/t', 'plant/pump-10/t', 'plant/valve', '$SYS/plant']) publish(topic, '')
    expect((await rows([], 'pump')).map(({ level }) => level)).toEqual(['Plant/pump-2/t', 'plant/pump-10/t'])
    expect((await rows([], '+/valve')).map(({ level }) => level)).toEqual(['plant/valve'])
    expect(await rows([], '#')).toHaveLength(3)
    expect(await rows([], 'a+b')).toEqual([])
  })

  it('says how much it does not show', async () => {
    watch.counts()
    for (let n = 0; n < 5010; n++) publish(`t/${n}`, '')
    publish('t/3', '')
    expect(watch.counts()).toMatchObject({ topics: 5000, messages: 5011, over: 10 })
    expect(await watch.page({ ...query, open: ['t'], from: 4999 }, () => true)).toMatchObject({
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

  it('keeps of a long payload its beginning', async () => {
    watch.counts()
    publish('a', 'x'.repeat(100_000))
    expect(watch.show('a')?.last).toMatchObject({ payloadLength: 100_000 })
    expect(watch.show('a')?.last?.payload).toHaveLength(16_384)
    expect((await rows())[0]?.payload).toHaveLength(96)
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

  describe('over very many topics', () => {
    const patient = new WorkingClock()

    beforeEach(() => {
      watch = open(patient)
      watch.counts()
      for (let n = 4999; n >= 0; n--) publish(`t/${n}`, '')
    })

    it('serves others between the slices of a search, and takes in what they publish', async () => {
      const found = watch.page({ ...query, search: 't/' }, () => true)
      let turns = 0
      const others = () => {
        turns++
        publish(`t/${turns}`, 'meanwhile')
        publish(`u/${turns}`, 'new')
        if (patient.waiting > 0) patient.after(0, others)
      }
      patient.after(0, others)
      patient.advance(0)
      expect(turns).toBeGreaterThan(3)
      const page = await found
      expect(page?.total).toBe(5000)
      expect(page?.rows.slice(0, 3).map(({ level }) => level)).toEqual(['t/0', 't/1', 't/2'])
      expect(text(watch.show('t/1')?.last?.payload)).toBe('meanwhile')
    })

    it('ends a search that nobody waits for any more, and finds the same with the next', async () => {
      let isWanted = true
      const first = watch.page({ ...query, search: 't/49' }, () => isWanted)
      expect(patient.waiting).toBe(1)
      isWanted = false
      patient.advance(0)
      expect(patient.waiting).toBe(0)
      expect(await first).toBeUndefined()
      const second = watch.page({ ...query, search: 't/499' }, () => true)
      patient.advance(0)
      const levels = (await second)?.rows.map(({ level }) => level)
      expect(levels).toEqual(['t/499', ...Array.from({ length: 10 }, (_, n) => `t/499${n}`)])
    })

    it('puts a level in order a slice at a time, also where new ones come meanwhile', async () => {
      const shown = watch.page({ ...query, open: ['t'], from: 1, limit: 3 }, () => true)
      expect(patient.waiting).toBe(1)
      patient.advance(0)
      expect((await shown)?.rows.map(({ level }) => level)).toEqual(['0', '1', '2'])
    })
  })
})
