import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { captured } from '../../../helpers/captured.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const kibibyte = 1024

function createRecorder(budget?: number) {
  const clock = new FakeClock()
  return { clock, recorder: new Recorder({ clock, ...(budget !== undefined && { budget }) }) }
}

function record(recorder: Recorder, entry: Captured): void {
  if (entry.kind === 'event') recorder.event(entry.connection, entry.event)
  else recorder.packet(entry.connection, entry.direction, entry.octets, entry.malformed, entry.origin, entry.length)
}

function addPacket(recorder: Recorder, octets: Uint8Array): void {
  recorder.packet(1, 'to broker', octets, false, undefined, octets.length)
}

/** Some record whose size this number decides: every seventh is an event. */
function entryOf(length: number): Captured {
  const common = { number: 0, time: 0, connection: length }
  if (length % 7 === 0) {
    return { kind: 'event', ...common, event: { type: 'power loss', clientId: 'x'.repeat(length % 100) } }
  }
  const octets = new Uint8Array(length).fill(length)
  const origin = { message: length, kind: 'publish' as const, clientId: `pump-${length % 9}` }
  return { kind: 'packet', ...common, direction: 'to client', octets, length, malformed: false, origin }
}

/** What is kept of a record. */
function partOf(record: Captured, keeps: number): Captured {
  return record.kind === 'event' ? record : { ...record, octets: record.octets.subarray(0, keeps) }
}

/** Text is compared a thousand times faster than octets. */
function inText(record: Captured): object {
  return record.kind === 'event' ? record : { ...record, octets: Buffer.from(record.octets).toString('latin1') }
}

/** All records from this number on, block by block. */
function readAll(recorder: Recorder, from: number, limit = 4096): Captured[] {
  const records: Captured[] = []
  for (let next = from; ; ) {
    const batch = new CaptureBatch(recorder.read(next, limit))
    if (batch.count === 0) return records
    for (let i = 0; i < batch.count; i++) records.push(batch.at(i) as Captured)
    next = batch.first + batch.count
  }
}

describe('Recorder', () => {
  it('gives back what passed the tap, numbered from 1, with its time', () => {
    fc.assert(
      fc.property(fc.array(captured, { maxLength: 60 }), fc.integer({ min: 1, max: 70 }), (entries, limit) => {
        const { clock, recorder } = createRecorder()
        const expected = entries.map((entry, i) => {
          clock.advance(3)
          record(recorder, entry)
          return { ...entry, number: i + 1, time: 3e6 * (i + 1) }
        })
        expect(readAll(recorder, 1, limit)).toEqual(expected)
        expect(recorder.next).toBe(entries.length + 1)
      }),
    )
  })

  it('keeps within its budget, drops only the oldest, and counts them', () => {
    const lengths = fc.array(
      fc.oneof({ weight: 20, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(30 * kibibyte) }),
      { minLength: 1, maxLength: 400, size: 'max' },
    )
    fc.assert(
      fc.property(lengths, (lengths) => {
        const entries = lengths.map(entryOf)
        const budget = 64 * kibibyte
        const { recorder } = createRecorder(budget)
        for (const one of entries) {
          record(recorder, one)
          expect(recorder.stats().octets).toBeLessThanOrEqual(budget)
        }
        const { captured, evicted } = recorder.stats()
        expect(captured).toBe(entries.length)
        const kept = entries
          .map((one, i) => ({ ...partOf(one, recorder.keeps), number: i + 1, time: 0 }))
          .slice(evicted)
        expect(kept.length).toBeGreaterThan(0)
        expect(readAll(recorder, 1).map(inText)).toEqual(kept.map(inText))
      }),
      { numRuns: 60 },
    )
  })

  it('says nothing of dropped records with what is recorded in their memory', () => {
    const { recorder } = createRecorder(64 * kibibyte)
    const octets = new Uint8Array(100).fill(7)
    for (let i = 0; i < 2000; i++) {
      const origin = { message: i + 1, kind: 'will' as const, clientId: `pump-${i}` }
      recorder.packet(i, 'to client', octets, i % 3 === 0 ? 'cut short' : false, origin, i % 2 === 0 ? 200 : 100)
      recorder.event(i, { type: 'power loss', clientId: 'pump' })
    }
    const before = recorder.next
    while (recorder.first < before) addPacket(recorder, octets)
    const plain = { kind: 'packet', time: 0, connection: 1, direction: 'to broker', octets, length: 100 }
    const kept = readAll(recorder, 1)
    expect(kept.length).toBeGreaterThan(100)
    kept.forEach((entry, i) => {
      expect(entry).toEqual({ ...plain, number: recorder.first + i, malformed: false, origin: undefined })
    })
  })

  it('stamps a row that the broker sends by what the clock calls recent, and everything else exactly', () => {
    const clock = Object.assign(new FakeClock(), { recent: () => 2e6 })
    const recorder = new Recorder({ clock })
    const add = (direction: 'to client' | 'to broker') => {
      clock.advance(1)
      recorder.packet(1, direction, new Uint8Array(2), false, undefined, 2)
    }
    for (const direction of ['to broker', 'to client', 'to client', 'to broker'] as const) add(direction)
    clock.advance(1)
    recorder.event(1, { type: 'power loss', clientId: 'pump' })
    add('to client')
    add('to client')
    // What is recent may be older than what came before: time does not go back for that.
    expect(readAll(recorder, 1).map(({ time }) => time)).toEqual([1e6, 2e6, 2e6, 4e6, 5e6, 6e6, 6e6])
  })

  it('uses most of its budget before it drops anything', () => {
    const { recorder } = createRecorder(1024 * kibibyte)
    let octets = 0
    while (recorder.stats().evicted === 0) {
      addPacket(recorder, new Uint8Array(100))
      octets += 100
    }
    expect(octets).toBeGreaterThan(600 * kibibyte)
  })

  it('takes little memory while there is little to keep', () => {
    const { recorder } = createRecorder()
    expect(recorder.stats().octets).toBe(0)
    addPacket(recorder, new Uint8Array(10))
    expect(recorder.stats().octets).toBeLessThan(1024 * kibibyte)
  })

  it('copies what it keeps', () => {
    const { recorder } = createRecorder()
    const octets = Uint8Array.of(0xc0, 0)
    addPacket(recorder, octets)
    octets.fill(0xee)
    expect(readAll(recorder, 1)).toMatchObject([{ octets: Uint8Array.of(0xc0, 0) }])
  })

  it('keeps the first part of a very large packet, and counts the rest', () => {
    const { recorder } = createRecorder(64 * kibibyte)
    addPacket(recorder, new Uint8Array(10))
    addPacket(recorder, new Uint8Array(65 * kibibyte).fill(7))
    expect(recorder.stats()).toMatchObject({ captured: 2, evicted: 0, cut: 49 * kibibyte })
    expect(readAll(recorder, 1)).toMatchObject([
      { number: 1, length: 10 },
      { number: 2, length: 65 * kibibyte, octets: new Uint8Array(16 * kibibyte).fill(7) },
    ])
  })

  it('gives at most what was asked for, and blocks that fit into a message', () => {
    const { recorder } = createRecorder()
    for (let n = 0; n < 20; n++) addPacket(recorder, new Uint8Array(1024 * kibibyte))
    expect(new CaptureBatch(recorder.read(3, 2))).toMatchObject({ first: 3, count: 2 })
    const large = new CaptureBatch(recorder.read(1, 4096))
    expect(large.size).toBeLessThan(5 * 1024 * kibibyte)
    expect(readAll(recorder, 1)).toHaveLength(20)
  })

  it('counts the octets that faults have changed towards a block, too', () => {
    const { recorder } = createRecorder()
    const octets = 'c0'.repeat(1024 * kibibyte)
    for (let n = 0; n < 6; n++) {
      recorder.event(1, { type: 'packet sent', packet: 1, by: 'x', delay: 0, copies: 1, octets })
    }
    expect(new CaptureBatch(recorder.read(1, 4096))).toMatchObject({ first: 1, count: 2 })
    expect(readAll(recorder, 1)).toHaveLength(6)
  })

  it('says the next number where nothing is left to read', () => {
    const { recorder } = createRecorder()
    addPacket(recorder, Uint8Array.of(0xc0, 0))
    for (const from of [2, 3, 1000]) {
      expect(new CaptureBatch(recorder.read(from, 10))).toMatchObject({ first: 2, count: 0 })
    }
  })

  it('says once a turn that something was recorded', async () => {
    const { recorder } = createRecorder()
    let told = 0
    recorder.onRecorded(() => {
      told += 1
    })
    for (let n = 0; n < 10; n++) addPacket(recorder, Uint8Array.of(0xc0, 0))
    expect(told).toBe(0)
    await Promise.resolve()
    expect(told).toBe(1)
    recorder.event(0, { type: 'power loss', clientId: 'pump-01' })
    await Promise.resolve()
    expect(told).toBe(2)
  })
})
