import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PcapStream } from '../../../../app/capture/pcap-stream.ts'

interface Segment {
  readonly start: number
  readonly end: number
}

function collect(): { stream: PcapStream; octets: number[]; gaps: number[] } {
  const octets: number[] = []
  const gaps: number[] = []
  const stream = new PcapStream({
    octets: (piece) => octets.push(...piece),
    gap: (missing) => gaps.push(missing),
  })
  return { stream, octets, gaps }
}

const message = fc.uint8Array({ minLength: 1, maxLength: 200 })
/** Near the end of the numbers, too, so that they wrap around. */
const isn = fc.oneof(fc.nat(0xffffffff), fc.integer({ min: 0xffffff00, max: 0xffffffff }))

/** Segments that together cover so many octets, some of them twice or more, in any order. */
function segmentsOf(length: number): fc.Arbitrary<Segment[]> {
  const cut = fc.nat(length)
  const any = fc.tuple(cut, cut).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }))
  return fc.tuple(fc.array(cut, { maxLength: 8 }), fc.array(any, { maxLength: 6 })).chain(([cuts, more]) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), length]
    const whole = edges.slice(1).map((end, i) => ({ start: edges[i] as number, end }))
    const all = [...whole, ...more]
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
  })
}

const scene = message.chain((octets) => fc.tuple(fc.constant(octets), segmentsOf(octets.length), isn))

describe('PcapStream', () => {
  it('puts any segments in any order together to what was sent', () => {
    fc.assert(
      fc.property(scene, ([sent, segments, isn]) => {
        const { stream, octets, gaps } = collect()
        stream.start(isn)
        for (const { start, end } of segments) {
          stream.push((isn + 1 + start) >>> 0, sent.subarray(start, end), end - start, end === sent.length)
        }
        expect(Uint8Array.from(octets)).toEqual(sent)
        expect(gaps).toEqual([])
        expect(stream.ended).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('hands everything over in order where segments are missing, and counts what is', () => {
    fc.assert(
      fc.property(scene, fc.nat(), ([sent, segments, isn], which) => {
        const kept = segments.filter((_, i) => i !== which % segments.length)
        const { stream, octets, gaps } = collect()
        stream.start(isn)
        for (const { start, end } of kept)
          stream.push((isn + 1 + start) >>> 0, sent.subarray(start, end), end - start, false)
        stream.finish()
        const there = new Set(
          kept.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
        )
        const last = Math.max(0, ...kept.filter(({ start, end }) => end > start).map(({ end }) => end))
        expect(octets).toEqual([...sent].filter((_, i) => there.has(i)))
        expect(gaps.reduce((sum, gap) => sum + gap, 0)).toBe(last - there.size)
      }),
      { numRuns: 500 },
    )
  })

  it('begins with the first segment where there was no SYN', () => {
    const { stream, octets, gaps } = collect()
    stream.push(77, Uint8Array.of(1, 2), 2, false)
    stream.push(79, Uint8Array.of(3), 1, false)
    expect([octets, gaps]).toEqual([[1, 2, 3], []])
  })

  it('takes the end for missing when only its FIN came', () => {
    const { stream, gaps } = collect()
    stream.push(1, Uint8Array.of(1), 1, false)
    stream.push(5, new Uint8Array(0), 0, true)
    expect(stream.ended).toBe(false)
    stream.finish()
    expect([gaps, stream.ended]).toEqual([[3], true])
  })

  it('does not wait for ever for what is missing', () => {
    const { stream, octets, gaps } = collect()
    stream.start(0)
    const piece = new Uint8Array(60_000)
    for (let i = 0; i < 20; i++) stream.push(10 + i * piece.length, piece, piece.length, false)
    expect(gaps).toEqual([9])
    expect(octets.length).toBe(20 * piece.length)
  })
})
