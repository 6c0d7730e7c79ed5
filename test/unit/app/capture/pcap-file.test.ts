import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { isPcap } from '../../../../app/capture/pcap-file.ts'
import { enhancedPacket, interfaceDescription, linkRaw, sectionHeader } from '../../../../app/capture/pcapng-blocks.ts'
import { concat, segmented } from '../../../helpers/packets.ts'
import { framesOf } from '../../../helpers/pcap.ts'

type Endian = 'little' | 'big'

/** Numbers of 32 bits. */
function words(endian: Endian, ...numbers: number[]): Uint8Array {
  const octets = new Uint8Array(4 * numbers.length)
  const view = new DataView(octets.buffer)
  numbers.forEach((number, i) => {
    view.setUint32(4 * i, number, endian === 'little')
  })
  return octets
}

function padded(octets: Uint8Array): Uint8Array {
  return concat([octets, new Uint8Array(-octets.length & 3)])
}

function block(endian: Endian, type: number, ...body: Uint8Array[]): Uint8Array {
  const octets = padded(concat(body))
  return concat([words(endian, type, octets.length + 12), octets, words(endian, octets.length + 12)])
}

function section(endian: Endian): Uint8Array {
  return block(endian, 0x0a0d0d0a, words(endian, 0x1a2b3c4d, endian === 'little' ? 1 : 0x10000, 0xffffffff, 0xffffffff))
}

/** @param options as octets: code, length and value of each */
function interfaceBlock(endian: Endian, link: number, ...options: [code: number, value: Uint8Array][]): Uint8Array {
  const half = (a: number, b: number) => words(endian, endian === 'little' ? a + b * 65536 : a * 65536 + b)
  const list = options.flatMap(([code, value]) => [half(code, value.length), padded(value)])
  return block(endian, 1, half(link, 0), words(endian, 0), ...list, ...(list.length > 0 ? [half(0, 0)] : []))
}

function epb(endian: Endian, id: number, stamp: bigint, octets: Uint8Array, length = octets.length): Uint8Array {
  const header = words(endian, id, Number(stamp >> 32n), Number(stamp & 0xffffffffn), octets.length, length)
  return block(endian, 6, header, octets)
}

const packet = Uint8Array.of(0x45, 1, 2, 3, 4)
const second = 1_000_000_000n
const wall = 1_700_000_000n

describe('PcapReader', () => {
  describe.each(['little', 'big'] as const)('with %s-endian files', (endian) => {
    it.each([
      [0xa1b2c3d4, 123_456, 123_456_000n],
      [0xa1b23c4d, 123_456_789, 123_456_789n],
    ])('reads pcap with the magic %x', (magic, fraction, nanoseconds) => {
      const header = words(endian, magic, endian === 'little' ? 0x00040002 : 0x00020004, 0, 0, 65535, 1)
      const file = concat([header, words(endian, Number(wall), fraction, 5, 9), packet, words(endian, 7, 0, 0, 0)])
      expect(framesOf(file)).toEqual({
        frames: [
          { time: wall * second + nanoseconds, link: 1, octets: packet, length: 9 },
          { time: 7n * second, link: 1, octets: new Uint8Array(0), length: 0 },
        ],
        problem: undefined,
      })
    })

    it('reads pcapng with several interfaces, resolutions and offsets', () => {
      const offset = words(endian, ...(endian === 'little' ? [5, 0] : [0, 5]))
      const file = concat([
        section(endian),
        interfaceBlock(endian, 1),
        interfaceBlock(endian, 101, [9, Uint8Array.of(9)], [14, offset]),
        // A power of two.
        interfaceBlock(endian, 113, [9, Uint8Array.of(0x80 | 10)]),
        block(endian, 4, words(endian, 0)),
        epb(endian, 0, wall * 1_000_000n + 3n, packet),
        epb(endian, 1, wall * second + 7n, packet, 77),
        epb(endian, 2, 1024n * 3n + 512n, packet),
      ])
      expect(framesOf(file)).toEqual({
        frames: [
          { time: wall * second + 3000n, link: 1, octets: packet, length: 5 },
          { time: (wall + 5n) * second + 7n, link: 101, octets: packet, length: 77 },
          { time: 3n * second + second / 2n, link: 113, octets: packet, length: 5 },
        ],
        problem: undefined,
      })
    })

    it('reads simple packets, the obsolete ones, and a second section of the other kind', () => {
      const other = endian === 'little' ? 'big' : 'little'
      const ids = endian === 'little' ? 0 + 7 * 65536 : 7
      const file = concat([
        section(endian),
        interfaceBlock(endian, 101),
        epb(endian, 0, 5n, packet),
        block(endian, 3, words(endian, 5), packet),
        block(endian, 2, words(endian, ids, 0, 6, 5, 5), packet),
        section(other),
        interfaceBlock(other, 1),
        epb(other, 0, 7n, packet),
      ])
      expect(framesOf(file).frames.map(({ time, link, length }) => [time, link, length])).toEqual([
        [5000n, 101, 5],
        [5000n, 101, 5],
        [6000n, 101, 5],
        [7000n, 1, 5],
      ])
    })
  })

  const ours = concat([
    sectionHeader({ program: 'x', comment: 'ä'.repeat(40_000) }),
    interfaceDescription(linkRaw, 'x'),
    enhancedPacket(wall * second + 1n, packet, ['one', 'two']),
    enhancedPacket(2n ** 63n, new Uint8Array(0), []),
  ])

  it('reads what we write, in any pieces', () => {
    fc.assert(
      fc.property(segmented(ours), (pieces) => {
        expect(framesOf(...pieces)).toEqual({
          frames: [
            { time: wall * second + 1n, link: linkRaw, octets: packet, length: 5 },
            { time: 2n ** 63n, link: linkRaw, octets: new Uint8Array(0), length: 0 },
          ],
          problem: undefined,
        })
      }),
      { numRuns: 30 },
    )
  })

  it('reads a file that is cut as far as it goes, and says so', () => {
    const start = ours.length - 32 - 52
    const { frames, problem } = framesOf(ours.subarray(0, ours.length - 5))
    expect(frames).toHaveLength(1)
    expect(problem).toMatch(/^from octet \d+ on it cannot be read: it ends within a packet$/)
    expect(start).toBeGreaterThan(0)
  })

  it.each([
    ['the length of a block is wrong', words('little', 6, 13)],
    ['a block does not end as it began', concat([words('little', 6, 16), new Uint8Array(8)])],
    ['a packet is of an interface that was not described', epb('little', 3, 0n, packet)],
    ['a packet is longer than its block', block('little', 6, words('little', 0, 0, 0, 99, 99))],
    ['a section header is broken', concat([words('little', 0x0a0d0d0a, 28), new Uint8Array(20)])],
  ])('stops at damage and names it: %s', (name, damage) => {
    const file = concat([
      section('little'),
      interfaceBlock('little', 1),
      epb('little', 0, 5n, packet),
      damage,
      new Uint8Array(99),
    ])
    const { frames, problem } = framesOf(file)
    expect(frames).toHaveLength(1)
    expect(problem).toContain(name)
  })

  it('refuses what is neither', () => {
    for (const file of [Buffer.from('GET / HTTP/1.1'), Uint8Array.of(1, 2)]) {
      expect(() => framesOf(file)).toThrow(FaultlineError)
      expect(isPcap(file)).toBe(false)
    }
    expect(isPcap(ours)).toBe(true)
  })

  it('never fails on damage in another way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }), fc.boolean(), (damages, classic) => {
        const header = words('little', 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1)
        const file = classic ? concat([header, words('little', 1, 2, 5, 5), packet]) : ours.slice()
        for (const [at, octet] of damages) file[at % file.length] = octet
        try {
          expect(framesOf(file).frames.length).toBeLessThan(10)
        } catch (error) {
          expect(error).toBeInstanceOf(FaultlineError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
