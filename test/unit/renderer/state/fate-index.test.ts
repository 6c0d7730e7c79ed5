import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { CaptureBatch, packBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { compileFilter } from '../../../../app/capture/filter.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { CaptureStore } from '../../../../renderer/state/capture-store.ts'
import { FateIndex } from '../../../../renderer/state/fate-index.ts'
import { FateSearch } from '../../../../renderer/state/fate-search.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { event, numbered } from '../records.ts'

const held = event({ type: 'packet held', packet: 1, by: 'breakpoint' }, 2)
const sent = event({ type: 'packet sent', packet: 1, by: 'a person', delay: 2e8, copies: 2, octets: '00' }, 5)

describe('FateIndex', () => {
  it('says the last thing that became of a packet, in whatever order it is read', () => {
    for (const records of [
      [held, sent],
      [sent, held, sent],
    ]) {
      const fates = new FateIndex()
      for (const record of records) fates.add(record)
      expect(fates.of(1)).toEqual({ state: 'sent', by: 'a person', delay: 2e8, copies: 2, changed: true })
      expect(fates.eventsOf(1).map(({ type }) => type)).toEqual(['packet held', 'packet sent'])
    }
  })

  it('says nothing about a packet that simply went on', () => {
    const fates = new FateIndex()
    fates.add(numbered(1))
    fates.add(event({ type: 'power loss', clientId: 'a' }))
    expect(fates.of(1)).toBeUndefined()
    expect(fates.eventsOf(1)).toEqual([])
    expect(fates.size).toBe(0)
  })

  it('is bounded', () => {
    const fates = new FateIndex(2)
    for (const packet of [1, 2, 3]) fates.add(event({ type: 'packet dropped', packet, by: 'x' }, packet + 10))
    expect([fates.of(1), fates.of(2)?.state, fates.of(3)?.state]).toEqual([undefined, 'dropped', 'dropped'])
  })
})

/** What the workbench answers to a search. */
function searchIn(ring: readonly Captured[], text: string, from: number, to: number) {
  const filter = compileFilter(text)
  const names = { clientId: () => undefined, version: () => 4 as const }
  const found = ring.slice(from - 1, to).filter((record) => filter.matches(record, names))
  return { numbers: found.map(({ number }) => number), scannedTo: to }
}

describe('the fates of a CaptureStore', () => {
  const block = packBatch([numbered(1), held, numbered(3), event({ type: 'packet dropped', packet: 3, by: 'loss' }, 4)])

  it('come with the records, live or read', async () => {
    const live = new CaptureStore(async () => new Uint8Array())
    live.append(block)
    expect([live.fates.of(1)?.state, live.fates.of(3)?.by]).toEqual(['held', 'loss'])
    const read = new CaptureStore(async () => block)
    read.follow(5)
    read.look(1, 4)
    await expect.poll(() => read.fates.of(1)?.state).toBe('held')
  })

  it('leave with the packets, and with the capture', () => {
    const store = new CaptureStore(async () => new Uint8Array(), { octets: 0, records: 0 })
    store.append(block)
    store.append(packBatch([numbered(5)]))
    store.setEvicted(2)
    expect(store.fates.of(1)).toBeUndefined()
    expect(store.fates.of(3)?.state).toBe('dropped')
    store.clear()
    expect(store.fates.size).toBe(0)
  })

  it('are looked for far behind the packet, where it was there before the screen', async () => {
    const packets = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => numbered(from + i))
    const told = [
      event({ type: 'packet held', packet: 3, by: 'x' }, 9000),
      event({ type: 'packet dropped', packet: 5, by: 'y' }, 15_000),
    ]
    const ring: Captured[] = packets(1, 30_000)
    for (const record of told) ring[record.number - 1] = record
    const searches: number[] = []
    const store = new CaptureStore(
      async (from, limit) => packBatch(ring.slice(from - 1, from - 1 + limit), from),
      { octets: 1e9, records: 1e6 },
      {
        search: async (text, from, to) => {
          searches.push(from)
          return searchIn(ring, text, from, to)
        },
      },
    )
    store.follow(30_001)
    for (const from of [1, 11, 21]) store.look(from, from + 30)
    await expect.poll(() => [store.fates.of(3)?.state, store.fates.of(5)?.state]).toEqual(['held', 'dropped'])
    expect(searches).toEqual([1])
    expect(store.record(9000)).toBeUndefined()
    store.append(packBatch(packets(30_001, 30_100)))
    store.look(30_050, 30_100)
    expect(searches).toEqual([1])
  })

  it('are all found where the packets are so large that a block holds only a part of what was asked for', async () => {
    const recorder = new Recorder({ clock: new FakeClock() })
    const payload = Buffer.alloc(3000)
    const publish = generate({ cmd: 'publish', topic: 'a', payload, qos: 0, dup: false, retain: false })
    const dropped: number[] = []
    for (let i = 0; i < 3000; i++) {
      const number = recorder.packet(1, 'to broker', publish, false, undefined, publish.length)
      if (i % 10 > 0) continue
      recorder.event(1, { type: 'packet dropped', packet: number, by: 'loss' })
      dropped.push(number)
    }
    const read = async (from: number, limit: number) => recorder.read(from, limit)
    const whole: Captured[] = []
    while (whole.length < recorder.next - 1) {
      const batch = new CaptureBatch(recorder.read(whole.length + 1, 4096))
      for (let i = 0; i < batch.count; i++) whole.push(batch.at(i) as Captured)
    }
    const search = async (text: string, from: number, to: number) => searchIn(whole, text, from, to)
    const fates = new FateIndex()
    const failures: unknown[] = []
    const options = {
      fates,
      search,
      read,
      onFound: () => undefined,
      onFailed: (error: unknown) => failures.push(error),
    }
    new FateSearch(options).want([1])
    await expect.poll(() => fates.of(dropped.at(-1) ?? 0)?.state).toBe('dropped')
    expect(dropped.filter((packet) => fates.of(packet) === undefined)).toEqual([])
    expect(dropped).toHaveLength(300)
    expect(failures).toEqual([])
  })

  it.each([
    ['connection-closed' as const, 2],
    ['internal' as const, 1],
  ])('are asked for again only where the connection was lost: %s', async (code, attempts) => {
    let searches = 0
    const store = new CaptureStore(
      async (from) => packBatch([numbered(from)], from),
      { octets: 1e9, records: 1e6 },
      {
        search: async () => {
          searches++
          throw new FaultlineError({ code, message: 'no answer' })
        },
      },
    )
    const failures: unknown[] = []
    store.onReadFailed((error) => failures.push(error))
    store.follow(10)
    store.look(1, 1)
    await expect.poll(() => failures.length).toBe(1)
    store.look(1, 1)
    await expect.poll(() => failures.length).toBe(attempts)
    expect(searches).toBe(attempts)
  })
})
