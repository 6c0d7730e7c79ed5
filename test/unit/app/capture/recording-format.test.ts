import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { packBatch } from '../../../../app/capture/batch.ts'
import type { Captured } from '../../../../app/capture/captured.ts'
import { crc32 } from '../../../../app/capture/recording-crc.ts'
import {
  encodeEnd,
  encodeHeader,
  encodeRecords,
  isRecording,
  type OctetSource,
  type RecordingMeta,
  readHeader,
  readRecords,
  type ScanResult,
  scanChunks,
} from '../../../../app/capture/recording-format.ts'
import { captured } from '../../../helpers/captured.ts'
import { concat } from '../../../helpers/packets.ts'

const known = fc.record(
  { id: fc.nat(), clientId: fc.string(), protocolVersion: fc.nat(255), keepAlive: fc.nat(65535), remote: fc.string() },
  { requiredKeys: ['id', 'remote'], noNullPrototype: true },
)
const meta: fc.Arbitrary<RecordingMeta> = fc.record(
  {
    captureStart: fc.double({ min: 0, max: 4e12, noNaN: true }).map((value) => value + 0),
    program: fc.string(),
    filter: fc.string(),
    connections: fc.array(known, { maxLength: 3 }),
  },
  { requiredKeys: ['captureStart', 'program', 'connections'], noNullPrototype: true },
)

/** Chunks of records whose numbers rise, with gaps between some of them. */
const chunks = fc
  .array(fc.tuple(fc.array(captured, { minLength: 1, maxLength: 8 }), fc.nat(5)), { maxLength: 5 })
  .map((parts) => {
    let next = 1
    return parts.map(([records, gap]) => {
      next += gap
      return records.map((record): Captured => ({ ...record, number: next++ }))
    })
  })

function sourceOf(octets: Uint8Array): OctetSource {
  return { size: octets.length, read: (offset, length) => octets.subarray(offset, offset + length) }
}

function fileOf(about: RecordingMeta, records: readonly (readonly Captured[])[], ended = true): Uint8Array {
  const pieces = [encodeHeader(about), ...records.map((chunk) => encodeRecords(packBatch(chunk)))]
  return concat(ended ? [...pieces, encodeEnd({})] : pieces)
}

function readAll(octets: Uint8Array): { meta: RecordingMeta; records: Captured[]; result: ScanResult } {
  const source = sourceOf(octets)
  const header = readHeader(source)
  const scan = scanChunks(source, header)
  const records: Captured[] = []
  for (;;) {
    const { done, value } = scan.next()
    if (done) return { meta: header.meta, records, result: value }
    for (let i = 0; i < value.batch.count; i++) records.push(value.batch.at(i) as Captured)
    const again = readRecords(source, header, value.offset)
    expect([again.first, again.count]).toEqual([value.batch.first, value.batch.count])
  }
}

const about: RecordingMeta = { captureStart: 1_700_000_000_000.25, program: '1.2.3', connections: [] }

describe('a recording file', () => {
  it('gives back every record and what was known of the connections', () => {
    fc.assert(
      fc.property(meta, chunks, (about, records) => {
        const file = fileOf(about, records)
        const read = readAll(file)
        expect(read.meta).toEqual(about)
        expect(read.records).toEqual(records.flat())
        expect(read.result).toEqual({ end: file.length, ended: {}, damage: undefined, unfinished: false })
        expect(isRecording(file)).toBe(true)
      }),
    )
  })

  it('that is cut anywhere reads as a prefix, and says how much is gone', () => {
    fc.assert(
      fc.property(chunks, fc.nat(), (records, at) => {
        const file = fileOf(about, records)
        const header = encodeHeader(about).length
        const cut = file.subarray(0, at % file.length)
        if (cut.length < header) {
          expect(() => readAll(cut)).toThrow(FaultlineError)
          return
        }
        const read = readAll(cut)
        expect(read.records).toEqual(records.flat().slice(0, read.records.length))
        const whole = read.result.end === cut.length
        expect(read.result.ended).toBeUndefined()
        expect(read.result.damage === undefined).toBe(whole)
        if (!whole) expect(read.result.damage).toContain(`the last ${cut.length - read.result.end} of ${cut.length}`)
        // No more is lost than the chunk in which the cut is.
        const ends = records.map((_, i) => fileOf(about, records.slice(0, i + 1), false).length)
        const kept = ends.filter((end) => end <= cut.length).length
        expect(read.records).toHaveLength(records.slice(0, kept).flat().length)
      }),
      { numRuns: 300 },
    )
  })

  it('in which one octet has changed is noticed, and what stands before it is read', () => {
    fc.assert(
      fc.property(chunks, fc.nat(), fc.integer({ min: 1, max: 255 }), (records, at, change) => {
        const file = fileOf(about, records)
        const position = at % file.length
        file[position] = (file[position] as number) ^ change
        if (position < encodeHeader(about).length) {
          expect(() => readAll(file)).toThrow(FaultlineError)
          return
        }
        const read = readAll(file)
        expect(read.result.damage).toBeDefined()
        expect(read.result.end).toBeLessThanOrEqual(position)
        expect(read.records).toEqual(records.flat().slice(0, read.records.length))
      }),
      { numRuns: 500 },
    )
  })

  it('never fails in another way than it says', () => {
    fc.assert(
      fc.property(chunks, fc.uint8Array({ maxLength: 60 }), fc.nat(), (records, noise, at) => {
        const file = fileOf(about, records)
        const position = at % file.length
        const damaged = concat([file.subarray(0, position), noise, file.subarray(position)])
        try {
          expect(readAll(damaged).result).toBeDefined()
        } catch (error) {
          expect(error).toBeInstanceOf(FaultlineError)
        }
      }),
    )
  })

  it('of a newer program is refused in words', () => {
    const file = fileOf(about, [])
    const view = new DataView(file.buffer)
    view.setUint32(8, 2, true)
    const length = view.getUint32(12, true)
    view.setUint32(16, crc32(file.subarray(20, 20 + length), crc32(file.subarray(0, 16))), true)
    expect(() => readAll(file)).toThrow(
      expect.objectContaining({
        code: 'unsupported-version',
        message: 'the recording has version 2, and this program reads versions up to 1',
      }),
    )
  })

  it.each([
    [{ ...about, captureStart: 'today' }],
    [{ ...about, connections: [{ id: 1 }] }],
    [{ ...about, connections: [{ id: -1, remote: '' }] }],
    [null],
  ])('whose header says %j is refused', (json) => {
    expect(() => readAll(encodeHeader(json as unknown as RecordingMeta))).toThrow(FaultlineError)
  })

  it('whose writer had a problem keeps it', () => {
    const file = concat([encodeHeader(about), encodeEnd({ problem: 'the disk is full' })])
    expect(readAll(file).result.ended).toEqual({ problem: 'the disk is full' })
  })

  it('does not go back in its numbers', () => {
    const packet = { kind: 'event', time: 0, connection: 1, event: { type: 'power loss', clientId: '' } } as const
    const file = fileOf(about, [[{ ...packet, number: 5 }], [{ ...packet, number: 5 }]])
    const { records, result } = readAll(file)
    expect(records).toHaveLength(1)
    expect(result.damage).toContain('does not make sense')
  })
})

describe('crc32', () => {
  it('is that of zlib, also in parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (octets, at) => {
        const cut = at % (octets.length + 1)
        expect(crc32(octets)).toBe(zlibCrc32(octets))
        expect(crc32(octets.subarray(cut), crc32(octets.subarray(0, cut)))).toBe(zlibCrc32(octets))
      }),
    )
  })
})
