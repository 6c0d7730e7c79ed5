import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Framer, type Malformation } from '../../../../app/mqtt/framer.ts'
import { anyPacket, concat, segmented } from '../../../helpers/packets.ts'

interface Framed {
  readonly octets: Uint8Array
  readonly malformed: Malformation | false
  readonly rest: number
}

/** What the framer makes of these pieces. */
function frame(pieces: readonly Uint8Array[], { end = true } = {}): Framed[] {
  const framed: Framed[] = []
  const framer = new Framer((octets, malformed, rest) => framed.push({ octets, malformed, rest }))
  for (const piece of pieces) framer.push(piece)
  if (end) framer.end()
  return framed
}

const packets = fc.array(anyPacket, { minLength: 1, maxLength: 12 }).map((list) => list.map(({ octets }) => octets))
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  // Noise that starts well: real packets, then anything.
  fc.tuple(packets, fc.uint8Array({ maxLength: 60 })).map(([list, rest]) => concat([...list, rest])),
)

describe('Framer', () => {
  it('gives exactly the packets that were sent, in whatever segments they come', () => {
    const stream = packets.chain((list) => segmented(concat(list)).map((pieces) => ({ list, pieces })))
    fc.assert(
      fc.property(stream, ({ list, pieces }) => {
        const framed = frame(pieces)
        expect(framed.map(({ octets }) => new Uint8Array(octets))).toEqual(list.map((octets) => new Uint8Array(octets)))
        expect(framed.every(({ malformed }) => malformed === false)).toBe(true)
      }),
    )
  })

  it('gives the same packets one octet at a time', () => {
    fc.assert(
      fc.property(packets, (list) => {
        const pieces = [...concat(list)].map((octet) => Uint8Array.of(octet))
        expect(frame(pieces).map(({ octets }) => new Uint8Array(octets))).toEqual(
          list.map((octets) => new Uint8Array(octets)),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('lets noise through unchanged', () => {
    fc.assert(
      fc.property(
        noise.chain((octets) => segmented(octets)),
        (pieces) => {
          expect(concat(frame(pieces).map(({ octets }) => octets))).toEqual(concat(pieces))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('says how much of the last chunk comes after each packet', () => {
    const ping = Uint8Array.of(0xc0, 0)
    expect(frame([concat([ping, ping, ping])]).map(({ rest }) => rest)).toEqual([4, 2, 0])
  })

  it('does not copy a packet that lies whole in a chunk', () => {
    const chunk = Uint8Array.of(0xc0, 0, 0xd0, 0)
    expect(frame([chunk]).every(({ octets }) => octets.buffer === chunk.buffer)).toBe(true)
  })

  it('marks a reserved packet type, and all that comes after it', () => {
    const framed = frame([Uint8Array.of(0xc0, 0, 0x0f, 1), Uint8Array.of(0xc0, 0)])
    expect(framed.map(({ octets, malformed }) => [[...octets], malformed])).toEqual([
      [[0xc0, 0], false],
      [[0x0f, 1], 'reserved packet type'],
      [[0xc0, 0], 'reserved packet type'],
    ])
  })

  it('marks a Remaining Length of more than four octets, from the start of that packet', () => {
    const framed = frame([Uint8Array.of(0x30, 0xff, 0xff), Uint8Array.of(0xff, 0x80, 0x01, 7)])
    expect(framed.map(({ octets, malformed }) => [[...octets], malformed])).toEqual([
      [[0x30, 0xff, 0xff, 0xff, 0x80, 0x01, 7], 'Remaining Length too long'],
    ])
  })

  it('passes on what the end of the stream cuts short', () => {
    const publish = Uint8Array.of(0x30, 5, 0, 1)
    expect(frame([publish], { end: false })).toEqual([])
    expect(frame([publish])).toEqual([{ octets: publish, malformed: 'cut short', rest: 0 }])
  })

  it('takes in a packet of 64 MiB in small segments without copying it over and over', () => {
    const length = 64 * 1024 * 1024
    const header = Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x20)
    const piece = new Uint8Array(8 * 1024).fill(7)
    const heard: [number, Malformation | false][] = []
    const framer = new Framer((octets, malformed) => heard.push([octets.length, malformed]))
    framer.push(header)
    const set = vi.spyOn(Uint8Array.prototype, 'set')
    onTestFinished(() => set.mockRestore())
    for (let left = length; left > 0; left -= piece.length) framer.push(piece)
    expect(heard).toEqual([[length + header.length, false]])
    const copied = set.mock.calls.reduce((sum, [octets]) => sum + octets.length, 0)
    expect(copied).toBeGreaterThanOrEqual(length)
    // To copy all of it for every segment would move 256 GiB.
    expect(copied).toBeLessThan(3 * length)
  })

  it('does not trust a header that promises a large packet', () => {
    const before = process.memoryUsage().arrayBuffers
    const framers = Array.from({ length: 100 }, () => new Framer(() => {}))
    for (const framer of framers) framer.push(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
  })
})
