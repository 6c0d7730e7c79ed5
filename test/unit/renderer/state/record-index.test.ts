import fc from 'fast-check'
import type { Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { CaptureBatch, packBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { compileFilter } from '../../../../app/capture/filter.ts'
import { CaptureStore } from '../../../../renderer/state/capture-store.ts'
import { RecordIndex } from '../../../../renderer/state/record-index.ts'
import { until } from '../../../helpers/until.ts'
import { packet } from '../records.ts'

const nobody = { clientId: () => undefined, version: () => 4 as const }

/** A workbench with records of which every third fits `type:publish`, and a screen that may miss some. */
class Bench {
  oldest = 1
  readonly records: Captured[] = []
  readonly searched: (readonly [from: number, to: number])[] = []
  failure: Error | undefined
  readonly store: CaptureStore
  readonly index: RecordIndex

  constructor(options: { most?: number; chunk?: number; names?: typeof nobody } = {}) {
    const { names = nobody, ...limits } = options
    this.store = new CaptureStore(async (from, limit) => this.#block(Math.max(from, this.oldest), from + limit - 1), {
      octets: 1e6,
      records: 300,
    })
    this.index = new RecordIndex({
      source: this.store,
      names,
      search: async (filter, from, to) => {
        this.searched.push([from, to])
        if (this.failure !== undefined) throw this.failure
        const compiled = compileFilter(filter)
        const range = this.records.slice(Math.max(from, this.oldest) - 1, to)
        return {
          numbers: range.filter((record) => compiled.matches(record, names)).map(({ number }) => number),
          scannedTo: to,
        }
      },
      chunk: 100,
      ...limits,
    })
  }

  /** Something happens on the wire; the screen hears of it, unless it is too slow. */
  happen(count: number, heard = true): void {
    const from = this.records.length + 1
    for (let number = from; number < from + count; number++) {
      const what: Packet =
        number % 3 === 0
          ? { cmd: 'publish', topic: 'a', payload: '', qos: 0, dup: false, retain: false }
          : { cmd: 'pingreq' }
      this.records.push(packet(what, { number }))
    }
    if (heard) this.store.append(this.#block(from, this.records.length))
  }

  evict(count: number): void {
    this.oldest = count + 1
    this.store.setEvicted(count)
  }

  get shown(): (number | undefined)[] {
    const { index } = this
    return Array.from({ length: index.last - index.first + 1 }, (_, i) => index.numberAt(index.first + i))
  }

  settled(): Promise<unknown> {
    return until('all is searched', () => this.index.progress === undefined && this.store.missing === 0)
  }

  #block(from: number, to: number): Uint8Array {
    return packBatch(this.records.slice(from - 1, to), from)
  }
}

function thirds(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((number) => number % 3 === 0)
}

const publishes = compileFilter('type:publish')

describe('RecordIndex', () => {
  it('is of no use without a filter', () => {
    const bench = new Bench()
    bench.index.setFilter(compileFilter('  '))
    bench.happen(9)
    expect(bench.index.filter).toBeUndefined()
    expect(bench.index.count).toBe(0)
  })

  it('has the records that fit, as they come', () => {
    const bench = new Bench()
    bench.index.setFilter(publishes)
    bench.happen(4)
    bench.happen(5)
    expect(bench.shown).toEqual([3, 6, 9])
    expect(bench.searched).toEqual([])
  })

  it('searches what was there before, the newest first, and says how far it is', async () => {
    const bench = new Bench()
    bench.happen(500, false)
    bench.store.follow(501)
    const told: (number | undefined)[] = []
    bench.index.onChanged(() => told.push(bench.index.progress))
    bench.index.setFilter(publishes)
    expect(bench.index.progress).toBe(0)
    await bench.settled()
    expect(bench.searched).toEqual([
      [401, 500],
      [301, 400],
      [201, 300],
      [101, 200],
      [1, 100],
    ])
    expect(told).toEqual([0, 0.2, 0.4, 0.6, 0.8, undefined])
    expect(bench.shown).toEqual(thirds(1, 500))
  })

  it('keeps a match at its position while older ones are found', async () => {
    const bench = new Bench()
    bench.happen(300, false)
    bench.store.follow(301)
    bench.index.setFilter(publishes)
    bench.happen(3)
    const position = bench.index.positionOf(303)
    await bench.settled()
    expect(bench.index.positionOf(303)).toBe(position)
  })

  it('searches for what the screen passed over', async () => {
    const bench = new Bench()
    bench.index.setFilter(publishes)
    bench.happen(10)
    bench.happen(250, false)
    bench.happen(10)
    await until('the gap is filled', () => bench.index.count === 90)
    expect(bench.shown).toEqual(thirds(1, 270))
  })

  it('lets go of records that have left the workbench', async () => {
    const bench = new Bench()
    bench.happen(250)
    bench.happen(250)
    bench.index.setFilter(publishes)
    await bench.settled()
    bench.evict(400)
    // Those that are still in the screen are still in the list.
    expect(bench.shown).toEqual(thirds(bench.store.oldest, 500))
    expect(bench.store.oldest).toBeGreaterThan(200)
  })

  it('keeps only so many, and says how many older ones there are', async () => {
    const bench = new Bench({ most: 10 })
    bench.happen(300)
    bench.index.setFilter(publishes)
    await bench.settled()
    expect(bench.shown).toEqual(thirds(273, 300))
    expect(bench.index.leftOut).toBe(90)
  })

  it('forgets an answer to a filter that is no longer asked', async () => {
    const bench = new Bench()
    bench.happen(300, false)
    bench.store.follow(301)
    bench.index.setFilter(publishes)
    bench.index.setFilter(compileFilter('not type:publish'))
    await bench.settled()
    expect(bench.index.count).toBe(200)
    expect(bench.shown.some((number) => Number(number) % 3 === 0)).toBe(false)
  })

  it('does not begin anew with the same filter', async () => {
    const bench = new Bench()
    bench.happen(300, false)
    bench.store.follow(301)
    bench.index.setFilter(publishes)
    await bench.settled()
    const { length } = bench.searched
    bench.index.setFilter(compileFilter('type:publish'))
    expect(bench.index.count).toBe(100)
    expect(bench.searched.length).toBe(length)
  })

  it('goes on when the connection is back', async () => {
    const bench = new Bench()
    bench.happen(300, false)
    bench.store.follow(301)
    bench.failure = new FaultlineError({ code: 'connection-closed', message: 'gone' })
    bench.index.setFilter(publishes)
    await until('it was tried', () => bench.searched.length === 1)
    expect(bench.index.problem).toBeUndefined()
    bench.failure = undefined
    bench.store.follow(301)
    await bench.settled()
    expect(bench.index.count).toBe(100)
  })

  it('stops at any other error, says so, and tries again when it is told to', async () => {
    const bench = new Bench()
    bench.happen(300, false)
    bench.store.follow(301)
    bench.failure = new Error('out of order')
    bench.index.setFilter(publishes)
    await until('it has stopped', () => bench.index.problem !== undefined)
    bench.happen(3)
    expect(bench.index.problem?.message).toBe('out of order')
    expect(bench.searched.length).toBe(1)
    expect(bench.shown).toEqual([303])
    bench.failure = undefined
    bench.index.retry()
    await bench.settled()
    expect(bench.index.count).toBe(101)
  })

  it('begins anew when another capture begins', async () => {
    const bench = new Bench()
    bench.index.setFilter(publishes)
    bench.happen(30)
    bench.records.length = 0
    bench.store.clear()
    bench.happen(3)
    expect(bench.shown).toEqual([3])
  })

  it('knows whose connection it is from its CONNECT, before the directory does', () => {
    const bench = new Bench()
    bench.index.setFilter(compileFilter('client:pump-1'))
    const connect = packet(
      { cmd: 'connect', clientId: 'pump-1', clean: true, keepalive: 10 },
      { number: 1, connection: 7 },
    )
    bench.store.append(packBatch([connect, packet({ cmd: 'pingreq' }, { number: 2, connection: 7 })]))
    expect(bench.shown).toEqual([1, 2])
  })

  it('has every match there is, whatever is passed over', async () => {
    const step = fc.record({ count: fc.integer({ min: 1, max: 120 }), heard: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(12), async (steps, at) => {
        const bench = new Bench()
        for (const [i, { count, heard }] of steps.entries()) {
          if (i === at) bench.index.setFilter(publishes)
          bench.happen(count, heard)
          if (i % 3 === 2) await Promise.resolve()
        }
        bench.index.setFilter(publishes)
        bench.happen(1)
        await until(
          'all is searched',
          () => bench.index.progress === undefined && bench.index.count === thirds(1, bench.records.length).length,
        )
        expect(bench.shown).toEqual(thirds(1, bench.records.length))
      }),
      { numRuns: 40 },
    )
  })
})

describe('a block', () => {
  it('tells events from packets without reading them', () => {
    const batch = new CaptureBatch(
      packBatch([
        packet({ cmd: 'pingreq' }, { number: 1 }),
        { kind: 'event', number: 2, time: 0, connection: 1, event: { type: 'power loss', clientId: 'a' } },
      ]),
    )
    expect([0, 1, 2, -1].map((index) => batch.isEventAt(index))).toEqual([false, true, false, false])
  })
})
