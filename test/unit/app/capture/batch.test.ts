import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { CaptureBatch, packBatch } from '../../../../app/capture/batch.ts'
import type { Captured, CapturedPacket } from '../../../../app/capture/captured.ts'
import { malformations } from '../../../../app/mqtt/framer.ts'
import { captured } from '../../../helpers/captured.ts'

const batch = fc
  .tuple(fc.array(captured, { maxLength: 30 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 100 }))
  .map(([records, first]) => records.map((record, i): Captured => ({ ...record, number: first + i })))

function unpack(block: Uint8Array): (Captured | undefined)[] {
  const batch = new CaptureBatch(block)
  return Array.from({ length: batch.count }, (_, i) => batch.at(i))
}

describe('packBatch and CaptureBatch', () => {
  it('give back every record as it was', () => {
    fc.assert(
      fc.property(batch, (records) => {
        expect(unpack(packBatch(records))).toEqual(records)
      }),
    )
  })

  it('give them back from the middle of a larger block of memory', () => {
    fc.assert(
      fc.property(batch, fc.nat(9), (records, offset) => {
        const block = packBatch(records)
        const larger = new Uint8Array(block.length + 20).fill(0xaa)
        larger.set(block, offset)
        expect(unpack(larger.subarray(offset, offset + block.length))).toEqual(records)
      }),
    )
  })

  it('can hold every reason for which octets are malformed', () => {
    // Four bits hold it.
    expect(malformations.length).toBeLessThan(16)
  })

  it('tell the next number where there is no record', () => {
    const empty = new CaptureBatch(packBatch([], 77))
    expect([empty.first, empty.count, empty.at(0)]).toEqual([77, 0, undefined])
  })

  it('have nothing outside of the block', () => {
    fc.assert(
      fc.property(batch, fc.oneof(fc.integer({ max: -1 }), fc.double(), fc.integer({ min: 30 })), (records, index) => {
        fc.pre(!(Number.isInteger(index) && index >= 0 && index < records.length))
        fc.pre(!(index >= 0 && index < records.length))
        expect(new CaptureBatch(packBatch(records)).at(index)).toBeUndefined()
      }),
    )
  })

  it('refuse a block that is cut anywhere', () => {
    fc.assert(
      fc.property(batch, fc.nat(), (records, at) => {
        const block = packBatch(records)
        const cut = block.subarray(0, at % block.length)
        expect(() => new CaptureBatch(cut)).toThrow(FaultlineError)
      }),
    )
  })

  it('refuse a damaged block or read it, but never fail in another way', () => {
    fc.assert(
      fc.property(batch, fc.nat(), fc.integer({ min: 1, max: 255 }), (records, at, change) => {
        const block = packBatch(records)
        const position = at % block.length
        block[position] = (block[position] ?? 0) ^ change
        try {
          expect(unpack(block).every((record) => record !== undefined)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(FaultlineError)
          expect(error).toMatchObject({ code: 'invalid-message' })
        }
      }),
      { numRuns: 500 },
    )
  })

  it('refuse a block whose records overlap', () => {
    const packet = {
      kind: 'packet',
      time: 0,
      connection: 1,
      direction: 'to broker',
      octets: Uint8Array.of(0xc0, 0),
      length: 2,
      malformed: false,
      origin: undefined,
    } as const
    const block = packBatch([
      { ...packet, number: 1 },
      { ...packet, number: 2 },
    ])
    expect(unpack(block)).toHaveLength(2)
    // The end of the first record, after the header and four columns.
    new DataView(block.buffer).setUint32(16 + 2 * (8 + 8 + 4 + 4), 3, true)
    expect(unpack(block)).toHaveLength(2)
    new DataView(block.buffer).setUint32(16 + 2 * (8 + 8 + 4 + 4), 5, true)
    expect(() => new CaptureBatch(block)).toThrow(FaultlineError)
  })

  it.each([
    ['whose numbers cannot be counted on', { number: Number.MAX_SAFE_INTEGER - 1 }],
    ['of a time that never comes', { time: Number.POSITIVE_INFINITY }],
    ['of no time', { time: Number.NaN }],
    ['of a packet that is longer than it was', { length: 1 }],
    ['of a packet that is longer than any', { length: 268_435_461 }],
  ])('refuse a block %s', (_, wrong) => {
    const packet = {
      kind: 'packet',
      number: 1,
      time: 0,
      connection: 1,
      direction: 'to broker',
      octets: Uint8Array.of(0xc0, 0),
      length: 2,
      malformed: false,
      origin: undefined,
    } as const
    const block = (change: Partial<CapturedPacket>) => packBatch([{ ...packet, ...change }, packet])
    expect(unpack(block({}))).toHaveLength(2)
    expect(() => new CaptureBatch(block(wrong))).toThrow(/do not add up/)
  })

  it('refuse noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => new CaptureBatch(noise)).toThrow(FaultlineError)
      }),
    )
  })
})
