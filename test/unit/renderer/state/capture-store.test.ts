import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summarize } from '../../../../app/mqtt/summary.ts'
import { type CaptureLimits, CaptureStore } from '../../../../renderer/state/capture-store.ts'
import { until } from '../../../helpers/until.ts'
import { block } from '../records.ts'

/** The workbench's ring: it has records `oldest` to `newest`, and remembers what it was asked for. */
class Ring {
  oldest = 1
  newest = 0
  readonly asked: (readonly [from: number, limit: number])[] = []

  readonly read = async (from: number, limit: number): Promise<Uint8Array> => {
    this.asked.push([from, limit])
    const first = Math.max(from, this.oldest)
    return block(first, Math.min(first + limit - 1, this.newest))
  }
}

/** What the record says that it is; undefined where it is not here. */
function numberOf(store: CaptureStore, number: number): number | undefined {
  const record = store.record(number)
  return record?.kind === 'packet' ? Number(summarize(record.octets, 4).topic) : undefined
}

function here(store: CaptureStore, from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((number) => {
    const found = numberOf(store, number)
    if (found !== undefined) expect(found).toBe(number)
    return found !== undefined
  })
}

/** A recording's file without some records: it answers with the next one that is there, up to where one is missing. */
class Gapped {
  readonly last: number
  readonly missing: (number: number) => boolean
  readonly asked: (readonly [from: number, limit: number])[] = []

  constructor(last: number, missing: (number: number) => boolean) {
    this.last = last
    this.missing = missing
  }

  readonly read = async (from: number, limit: number): Promise<Uint8Array> => {
    this.asked.push([from, limit])
    let first = from
    while (first <= this.last && this.missing(first)) first++
    let end = first
    while (end <= this.last && end < first + limit && !this.missing(end)) end++
    return block(first, end - 1)
  }

  open(limits?: CaptureLimits): CaptureStore {
    const store = new CaptureStore(this.read, limits, { isRecording: true })
    store.follow(this.last + 1)
    return store
  }
}

function settled(store: CaptureStore): Promise<unknown> {
  return until('nothing is missing', () => store.missing === 0)
}

describe('CaptureStore', () => {
  it('gives the records that came, and none that did not', () => {
    const store = new CaptureStore(new Ring().read)
    store.follow(1)
    store.append(block(1, 3))
    store.append(block(4, 4))
    expect(here(store, 0, 6)).toEqual([1, 2, 3, 4])
    expect(store.last).toBe(4)
    expect(store.missing).toBe(0)
    expect(store.connectionOf(4)).toBe(1)
    expect(store.connectionOf(5)).toBeUndefined()
  })

  it('counts records that were passed over, and reads them', async () => {
    const ring = new Ring()
    const store = new CaptureStore(ring.read)
    store.follow(1)
    store.append(block(1, 2))
    ring.newest = 9
    store.append(block(8, 9))
    expect(store.missing).toBe(5)
    expect(here(store, 1, 9)).toEqual([1, 2, 8, 9])
    await settled(store)
    expect(ring.asked).toEqual([[3, 5]])
    expect(here(store, 1, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('reads a long gap in pieces that the workbench allows, the newest first', async () => {
    const ring = new Ring()
    ring.newest = 10_001
    const store = new CaptureStore(ring.read)
    store.follow(1)
    store.append(block(1, 1))
    store.append(block(10_001, 10_001))
    await settled(store)
    expect(ring.asked.map(([, limit]) => limit)).toEqual([4096, 4096, 1807])
    expect(ring.asked[0]?.[0]).toBe(10_000 - 4096 + 1)
    expect(store.size.records).toBe(10_001)
  })

  it('says how many are gone for good when the ring has let go of them', async () => {
    const ring = new Ring()
    ring.oldest = 6
    ring.newest = 9
    const store = new CaptureStore(ring.read)
    store.follow(1)
    store.append(block(1, 2))
    store.append(block(9, 9))
    await settled(store)
    expect(here(store, 1, 9)).toEqual([1, 2, 6, 7, 8, 9])
    expect(store.evicted).toBe(5)
    // Those that are still here are still shown.
    expect(store.oldest).toBe(1)
  })

  it('asks only once for records that the workbench does not have', async () => {
    const ring = new Ring()
    const store = new CaptureStore(ring.read)
    store.follow(1)
    store.append(block(1, 1))
    store.append(block(5, 5))
    await settled(store)
    store.look(1, 5)
    expect(ring.asked).toEqual([[2, 3]])
    expect(store.evicted).toBe(4)
  })

  it('leaves the records from before it followed in the workbench until somebody looks', async () => {
    const ring = new Ring()
    ring.newest = 500
    const store = new CaptureStore(ring.read)
    store.follow(501)
    store.append(block(501, 502))
    expect(store.missing).toBe(0)
    expect(ring.asked).toEqual([])
    expect(store.oldest).toBe(1)
    store.look(450, 510)
    await until('the records are here', () => numberOf(store, 450) === 450)
    expect(here(store, 450, 502)).toHaveLength(53)
    // Some more with them, for who scrolls on; not the whole history.
    expect(ring.asked).toEqual([[450 - 128, 128 + 51]])
  })

  it('finds a gap also between two connections', async () => {
    const ring = new Ring()
    ring.newest = 20
    const store = new CaptureStore(ring.read)
    store.follow(1)
    store.append(block(1, 10))
    store.follow(21)
    expect(store.missing).toBe(10)
    await settled(store)
    expect(here(store, 1, 20)).toHaveLength(20)
  })

  it('takes in what it was told of twice only once', () => {
    const store = new CaptureStore(new Ring().read)
    store.follow(1)
    store.append(block(1, 5))
    store.append(block(3, 8))
    expect(here(store, 1, 8)).toHaveLength(8)
    expect(store.size.records).toBe(8)
  })

  it('forgets the oldest when it is full', () => {
    const store = new CaptureStore(new Ring().read, { octets: 1e9, records: 100 })
    store.follow(1)
    for (let from = 1; from <= 991; from += 10) store.append(block(from, from + 9))
    expect(store.size.records).toBe(100)
    expect(here(store, 1, 1000)[0]).toBe(901)
    // They have not left the workbench, so the list goes on to begin at the first.
    expect(store.oldest).toBe(1)
  })

  it('counts octets, and what small blocks cost beside them', () => {
    const store = new CaptureStore(new Ring().read, { octets: 20_000, records: 1e9 })
    store.follow(1)
    for (let number = 1; number <= 500; number++) store.append(block(number, number))
    expect(store.size.octets).toBeLessThanOrEqual(20_000)
    expect(store.size.records).toBeGreaterThan(50)
    expect(numberOf(store, 500)).toBe(500)
  })

  it('keeps what somebody looks at while newer records come', async () => {
    const ring = new Ring()
    ring.newest = 1000
    const store = new CaptureStore(ring.read, { octets: 1e9, records: 400 })
    store.follow(1001)
    store.look(200, 230)
    await until('they are here', () => numberOf(store, 230) === 230)
    for (let from = 1001; from <= 1991; from += 10) store.append(block(from, from + 9))
    expect(here(store, 200, 230)).toHaveLength(31)
    expect(numberOf(store, 2000)).toBe(2000)
    expect(store.size.records).toBeLessThanOrEqual(400)
  })

  it('keeps what somebody looks at, even where that alone is more than there is room for', async () => {
    const ring = new Ring()
    ring.newest = 1000
    const store = new CaptureStore(ring.read, { octets: 1e9, records: 20 })
    store.follow(1001)
    store.append(block(1001, 1001))
    store.look(200, 260)
    await until('they are here', () => here(store, 200, 260).length === 61)
    const reads = ring.asked.length
    store.append(block(1002, 1002))
    store.look(200, 260)
    expect(here(store, 200, 260)).toHaveLength(61)
    expect(ring.asked).toHaveLength(reads)
  })

  it('tells of a reading that failed, and tries again later', async () => {
    const ring = new Ring()
    ring.newest = 5
    let broken = true
    const failures: unknown[] = []
    const store = new CaptureStore(async (from, limit) => {
      if (broken) throw new Error('no')
      return ring.read(from, limit)
    })
    store.onReadFailed((error) => failures.push(error))
    store.follow(1)
    store.append(block(1, 1))
    store.append(block(4, 4))
    await until('it has failed', () => failures.length === 1)
    expect(store.missing).toBe(2)
    broken = false
    store.append(block(5, 5))
    await settled(store)
    expect(here(store, 1, 5)).toHaveLength(5)
  })

  it('drops an answer that belongs to the capture before', async () => {
    let answer: (block: Uint8Array) => void = () => {}
    const store = new CaptureStore(() => new Promise((resolve) => (answer = resolve)))
    store.follow(1)
    store.append(block(1, 1))
    store.append(block(4, 4))
    const late = answer
    store.clear()
    store.follow(1)
    late(block(2, 3))
    await new Promise((resolve) => setImmediate(resolve))
    expect(store.size.records).toBe(0)
    expect(store.last).toBe(0)
  })

  it('refuses a block that is none', () => {
    const store = new CaptureStore(new Ring().read)
    expect(() => store.append(new Uint8Array(3))).toThrow('cannot be read')
  })

  it('has every record that exists, or counts it, whatever is skipped', async () => {
    const step = fc.record({ skip: fc.nat(40), count: fc.integer({ min: 1, max: 30 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), fc.nat(500), async (steps, seen) => {
        const ring = new Ring()
        const store = new CaptureStore(ring.read)
        store.follow(1)
        let next = 1
        for (const { skip, count } of steps) {
          // The very first record is never skipped: `follow` says where the stream begins.
          const from = next === 1 ? 1 : next + skip
          ring.newest = from + count - 1
          store.append(block(from, ring.newest))
          store.look(Math.min(seen, ring.newest), Math.min(seen + 20, ring.newest))
          const present = here(store, 1, ring.newest).length
          expect(present + store.missing).toBe(ring.newest)
          next = ring.newest + 1
        }
        await settled(store)
        expect(here(store, 1, ring.newest)).toHaveLength(ring.newest)
        expect(store.size.records).toBe(ring.newest)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps records that lie far apart while somebody looks at them', async () => {
    const ring = new Ring()
    ring.newest = 10_000
    const store = new CaptureStore(ring.read, { octets: 1e9, records: 2000 })
    store.follow(10_001)
    const seen = [500, 2500, 4500, 6500, 9990]
    store.lookAt(seen)
    const allHere = () => seen.every((number) => numberOf(store, number) === number)
    await until('all of them are here', allHere)
    for (let next = 10_001; next < 16_000; next += 500) {
      ring.newest = next + 499
      store.append(block(next, next + 499))
      expect(allHere()).toBe(true)
    }
    expect(store.size.records).toBeLessThanOrEqual(2500)
    expect(ring.asked.length).toBe(seen.length)
  })
})

describe('the CaptureStore of a recording', () => {
  const gap = (number: number) => number >= 1000 && number <= 2000

  it('says of records that are missing in the file that they are, and reads those before them', async () => {
    const file = new Gapped(3000, gap)
    const store = file.open()
    store.look(1490, 1520)
    await until('they are known to be missing', () => store.isLost(1490))
    store.look(500, 530)
    await until('those before are here', () => here(store, 500, 530).length === 31)
    expect([store.oldest, store.evicted]).toEqual([1, 0])
    store.look(980, 1010)
    await until('the beginning of the gap is known', () => store.isLost(1000))
    expect(here(store, 980, 1010)).toHaveLength(20)
    expect([store.isLost(999), store.isLost(2000), store.isLost(2001)]).toEqual([false, true, false])
  })

  it('asks no second time for what is missing', async () => {
    const file = new Gapped(3000, gap)
    const store = file.open()
    store.look(900, 2100)
    await until('all is here that can be', () => here(store, 900, 2100).length === 200)
    const reads = file.asked.length
    for (const from of [900, 1000, 1500, 1990, 2000]) store.look(from, from + 30)
    store.lookAt([950, 1234, 2050])
    expect(file.asked).toHaveLength(reads)
    store.clear()
    expect(store.isLost(1234)).toBe(false)
  })

  it('ends where the file lacks its last records', async () => {
    const store = new Gapped(100, (number) => number > 90).open()
    store.look(80, 100)
    await until('the end is known to be missing', () => store.isLost(100))
    expect(here(store, 80, 100)).toHaveLength(11)
  })

  it('shows each record or says that it is missing, whichever are and wherever somebody looks', async () => {
    const looks = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 12 })
    const holes = fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.nat(80)), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(holes, looks, async (gaps, tops) => {
        const isMissing = (number: number) => gaps.some(([from, length]) => number >= from && number <= from + length)
        const file = new Gapped(620, isMissing)
        const store = file.open({ octets: 1e9, records: 200 })
        for (const top of tops) {
          store.look(top, top + 20)
          const seen = Array.from({ length: 21 }, (_, i) => top + i)
          await until('each is here or lost', () =>
            seen.every((number) => (numberOf(store, number) === number) !== store.isLost(number)),
          )
          expect(seen.filter((number) => store.isLost(number))).toEqual(seen.filter(isMissing))
        }
        expect(store.evicted).toBe(0)
        expect(file.asked.length).toBeLessThan(200)
      }),
      { numRuns: 60 },
    )
  })
})
