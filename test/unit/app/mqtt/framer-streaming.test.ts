import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Framer, type Malformation, type StreamedPacket } from '../../../../app/mqtt/framer.ts'
import { anyPacket, concat, segmented } from '../../../helpers/packets.ts'

interface Heard {
  /** Packets in order, as the capture would get them: the octets, the length, and what is wrong. */
  readonly packets: { octets: Buffer; length: number; malformed: Malformation | false }[]
  /** All octets in the order in which they would go on. */
  readonly passed: Buffer
  readonly parts: number
}

function stream(pieces: readonly Uint8Array[], keeps: number, allows = () => true): Heard {
  const packets: Heard['packets'] = []
  const passed: Uint8Array[] = []
  let parts = 0
  let last: Uint8Array = new Uint8Array(0)
  const place = (octets: Uint8Array, rest: number) => {
    // Where `rest` says that the octets end, they do; unless they began in an earlier piece.
    const end = last.length - rest
    if (octets.buffer === last.buffer) expect(octets.byteOffset + octets.length - last.byteOffset).toBe(end)
    passed.push(octets)
  }
  const framer = new Framer(
    (octets, malformed, rest) => {
      packets.push({ octets: Buffer.from(octets), length: octets.length, malformed })
      place(octets, rest)
    },
    {
      keeps,
      allows,
      part(octets: Uint8Array, rest: number, packet: StreamedPacket | undefined) {
        parts += 1
        if (packet) packets.push({ ...packet, octets: Buffer.from(packet.octets) })
        place(octets, rest)
      },
    },
  )
  for (const piece of pieces) {
    last = piece
    framer.push(piece)
  }
  last = new Uint8Array(0)
  framer.end()
  return { packets, passed: Buffer.concat(passed), parts }
}

const packets = fc.array(anyPacket, { minLength: 1, maxLength: 12 }).map((list) => list.map(({ octets }) => octets))
const keeps = fc.integer({ min: 5, max: 120 })

describe('a Framer that streams', () => {
  it('tells of exactly the packets that were sent, with the first part of large ones, in whatever segments', () => {
    const sent = packets.chain((list) => segmented(concat(list)).map((pieces) => ({ list, pieces })))
    fc.assert(
      fc.property(sent, keeps, ({ list, pieces }, keeps) => {
        const heard = stream(pieces, keeps)
        expect(heard.passed).toEqual(Buffer.concat(list))
        expect(heard.packets.map(({ length }) => length)).toEqual(list.map(({ length }) => length))
        for (const [i, { octets, length, malformed }] of heard.packets.entries()) {
          expect(malformed).toBe(false)
          expect(octets.length === length || octets.length === keeps).toBe(true)
          expect(octets).toEqual(Buffer.from(list[i] as Uint8Array).subarray(0, octets.length))
        }
      }),
    )
  })

  it('lets noise through unchanged, as much of it as there is', () => {
    const noise = fc.tuple(packets, fc.uint8Array({ maxLength: 60 })).map(([list, rest]) => concat([...list, rest]))
    fc.assert(
      fc.property(fc.oneof(noise, fc.uint8Array({ maxLength: 400 })).chain(segmented), keeps, (pieces, keeps) => {
        const heard = stream(pieces, keeps)
        expect(heard.passed).toEqual(Buffer.concat(pieces))
        expect(heard.packets.reduce((sum, { length }) => sum + length, 0)).toBe(heard.passed.length)
      }),
    )
  })

  it('says that a packet was cut short also where parts of it have gone on, with how much came', () => {
    const { packets, passed } = stream([Uint8Array.of(0x30), Uint8Array.of(100, 1, 2), Uint8Array.of(3, 4, 5)], 4)
    expect(packets).toEqual([{ octets: Buffer.from([0x30, 100, 1, 2]), length: 7, malformed: 'cut short' }])
    expect([...passed]).toEqual([0x30, 100, 1, 2, 3, 4, 5])
  })

  it('collects a packet whole where something looks inside, and asks once for each', () => {
    let asked = 0
    const packet = concat([Uint8Array.of(0x30, 20), new Uint8Array(20)])
    const pieces = Array.from(packet, (octet) => Uint8Array.of(octet))
    const refused = stream([...pieces, ...pieces], 10, () => {
      asked += 1
      return false
    })
    expect(asked).toBe(2)
    expect(refused.parts).toBe(0)
    expect(refused.packets.map(({ octets }) => octets)).toEqual([Buffer.from(packet), Buffer.from(packet)])
    expect(stream(pieces, 10).parts).toBeGreaterThan(15)
    // What is no larger than what is kept is collected anyway.
    expect(stream(pieces, 22).parts).toBe(0)
  })

  it('passes on every octet as it comes and keeps no more than it is to', () => {
    const piece = new Uint8Array(64 * 1024).fill(7)
    const length = 64 * 1024 * 1024
    let passed = 0
    const kept: StreamedPacket[] = []
    const framer = new Framer(() => expect.unreachable(), {
      keeps: 1024 * 1024,
      allows: () => true,
      part(octets, _rest, packet) {
        passed += octets.length
        if (packet) kept.push(packet)
      },
    })
    const before = process.memoryUsage().arrayBuffers
    framer.push(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x20))
    for (let sent = 0; sent < length; sent += piece.length) {
      framer.push(piece)
      if (passed !== 5 + sent + piece.length) expect.unreachable()
    }
    expect(kept).toMatchObject([{ length: length + 5, malformed: false }])
    expect(kept[0]?.octets).toHaveLength(1024 * 1024)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })
})
