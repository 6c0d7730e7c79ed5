import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FateIndex } from '../../../../app/capture/export-fates.ts'
import { base64, fromHex, hex, textOf, wallTimeText } from '../../../../app/capture/export-text.ts'
import { parseIpv4 } from '../../../../app/capture/pcap-addresses.ts'
import { visible } from '../../../../app/capture/pcapng-comments.ts'

const octets = fc.uint8Array({ maxLength: 100 })

describe('octets in an export', () => {
  it('are base64 and hexadecimal as everybody writes them', () => {
    fc.assert(
      fc.property(octets, (octets) => {
        expect(base64(octets)).toBe(Buffer.from(octets).toString('base64'))
        expect(hex(octets)).toBe(Buffer.from(octets).toString('hex'))
        expect(fromHex(hex(octets))).toEqual(octets)
      }),
    )
    expect(hex(Uint8Array.of(1, 2, 3), 2)).toBe('0102…')
  })

  it('are text where they are UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOf(new TextEncoder().encode(text))).toBe(text)
      }),
    )
    expect(textOf(Uint8Array.of(0xff))).toBeUndefined()
    expect(textOf(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
  })
})

describe('wallTimeText', () => {
  it('has nanoseconds', () => {
    expect(wallTimeText(1_700_000_000_000.25, 5)).toBe('2023-11-14T22:13:20.000250005Z')
    expect(wallTimeText(1_700_000_000_999, 1_000_001)).toBe('2023-11-14T22:13:21.000000001Z')
  })
})

describe('visible', () => {
  it('keeps what a stranger has written on one line, and not endless', () => {
    expect(visible('a\nb\u0000\u202e')).toBe('a\\u{a}b\\u{0}\\u{202e}')
    expect(visible('ä topic')).toBe('ä topic')
    expect(visible('x'.repeat(5000))).toHaveLength(201)
  })
})

describe('parseIpv4', () => {
  it.each([
    ['10.0.0.7:50000', { address: 0x0a000007, port: 50000 }],
    ['[::ffff:10.0.0.7]:50000', { address: 0x0a000007, port: 50000 }],
    ['255.255.255.255:1', { address: 0xffffffff, port: 1 }],
    ['10.0.0.256:1', undefined],
    ['10.0.0.7:0', undefined],
    ['10.0.0.7:65536', undefined],
    ['[::1]:80', undefined],
    ['unknown', undefined],
  ])('reads %s', (remote, endpoint) => {
    expect(parseIpv4(remote)).toEqual(endpoint)
  })
})

describe('FateIndex', () => {
  it('knows all fates of a packet, in their order', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 })), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 2 ** 40 }), (pairs, base) => {
        const events = pairs.map(([packet, later], i) => ({
          packet: base + packet - 5,
          event: base + packet + later + i,
        }))
        const index = new FateIndex(base)
        for (const { packet, event } of events) index.add(packet, event)
        for (let packet = base - 5; packet < base + 300; packet++) {
          const wanted = events.filter((fate) => fate.packet === packet && packet >= base).map(({ event }) => event)
          expect(index.of(packet)).toEqual(wanted.sort((a, b) => a - b))
        }
      }),
    )
  })

  it('believes no fate that came before its packet', () => {
    const index = new FateIndex(1)
    index.add(5, 4)
    expect(index.of(5)).toEqual([])
  })
})
