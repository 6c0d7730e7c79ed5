import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readText, textLength, writeText } from '../../../../../app/mqtt/codec/text.ts'
import { TopicReader } from '../../../../../app/mqtt/codec/topic-reader.ts'
import { PacketError } from '../../../../../app/mqtt/packets.ts'

// Half surrogate pairs among them, which TextEncoder writes as U+FFFD.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes)),
)

/** As text where the platform's decoder takes it and it has no U+0000. */
function oracle(octets: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

function readOrError(octets: Uint8Array, start: number, end: number): string | undefined {
  try {
    return readText(octets, start, end, 5, 'it')
  } catch (error) {
    expect(error).toBeInstanceOf(PacketError)
    return undefined
  }
}

describe('text in packets', () => {
  it('is written as TextEncoder writes it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const expected = new TextEncoder().encode(text)
        const octets = new Uint8Array(expected.length + 2)
        expect(textLength(text)).toBe(expected.length)
        expect(writeText(text, octets, 1)).toBe(expected.length + 1)
        expect(octets.subarray(1, -1)).toEqual(expected)
      }),
    )
  })

  it('is read as the strict decoder reads it, from anywhere in a packet', () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ maxLength: 70 }).map((text) => new TextEncoder().encode(text)),
      anyText.map((text) => new TextEncoder().encode(text)),
    )
    fc.assert(
      fc.property(octets, fc.nat(5), (part, before) => {
        const whole = new Uint8Array(before + part.length + 1)
        whole.set(part, before)
        expect(readOrError(whole, before, before + part.length)).toBe(oracle(part))
      }),
    )
  })
})

describe('TopicReader', () => {
  it('reads every topic of a connection as if it were the first', () => {
    const topics = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ä'), maxLength: 6 }), { maxLength: 60 })
    fc.assert(
      fc.property(topics, (texts) => {
        const reader = new TopicReader()
        for (const text of texts) {
          const octets = new TextEncoder().encode(text)
          expect(reader.read(octets, 0, octets.length, 5)).toBe(text)
        }
      }),
    )
  })

  it('does not remember octets that change afterwards', () => {
    const reader = new TopicReader()
    const octets = new TextEncoder().encode('a/b')
    expect(reader.read(octets, 0, 3, 4)).toBe('a/b')
    octets.set([0x63], 0)
    expect(reader.read(octets, 0, 3, 4)).toBe('c/b')
  })

  it('reads topics that are too long to be remembered', () => {
    const reader = new TopicReader()
    const octets = new TextEncoder().encode('x'.repeat(65_535))
    expect(reader.read(octets, 0, octets.length, 4)).toHaveLength(65_535)
  })

  it('refuses a wildcard every time', () => {
    const reader = new TopicReader()
    const octets = new TextEncoder().encode('a/+')
    for (let time = 0; time < 2; time++) expect(() => reader.read(octets, 0, 3, 4)).toThrow('[MQTT-3.3.2-2]')
  })
})
