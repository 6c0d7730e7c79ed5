import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../app/base/random.ts'
import { checkRule, ruleDefaults } from '../../../../app/faults/check-rule.ts'
import type { OctetFault, PacketFault, Settings, Verdict } from '../../../../app/faults/fault.ts'
import { faultNames, faults, findFault } from '../../../../app/faults/faults.ts'
import { payloadStart } from '../../../../app/faults/payload-start.ts'
import { anyPacket, type EncodedPacket, packetOf } from '../../../helpers/packets.ts'

function packetFault(name: string): PacketFault {
  const fault = findFault(name)
  if (fault?.level !== 'packet') throw new Error(`${name} is no fault of packets`)
  return fault
}

function octetFault(name: string): OctetFault {
  const fault = findFault(name)
  if (fault?.level !== 'octets') throw new Error(`${name} is no fault of octets`)
  return fault
}

function decide(name: string, settings: Settings, packet: EncodedPacket, seed = 1): Verdict {
  const rule = checkRule({ ...ruleDefaults(name), settings })
  return packetFault(name).decide(rule.settings, packet.octets, createRandom(seed), packet.version)
}

/** The positions of the bits in which two lists of octets of the same length differ. */
function differentBits(one: Uint8Array, other: Uint8Array): number[] {
  expect(other.length).toBe(one.length)
  return Array.from({ length: one.length * 8 }, (_, bit) => bit).filter(
    (bit) => (((one[bit >> 3] as number) ^ (other[bit >> 3] as number)) >> (bit & 7)) & 1,
  )
}

function changedOctets(verdict: Verdict): Uint8Array {
  if (verdict.kind !== 'change') throw new Error(`the verdict is ${verdict.kind}`)
  return verdict.octets
}

const seeds = fc.integer()
const publish = fc.oneof(packetOf(4), packetOf(5)).filter(({ packet }) => packet.cmd === 'publish')
const packetLevel = faultNames.filter((name) => findFault(name)?.level === 'packet')
const lengths = fc.integer({ min: 1, max: 20_000 })

describe('the faults', () => {
  it('are those that a script may name', () => {
    const script =
      'latency jitter bandwidth loss drop delay duplicate reorder corrupt truncate slice cut halfOpen refuse'
    expect([...faultNames].sort()).toEqual(script.split(' ').sort())
    expect(Object.keys(faults)).toEqual(faultNames)
    for (const name of faultNames) expect(findFault(name)?.name).toBe(name)
  })

  it('do not take what every object has for a fault', () => {
    expect(findFault('constructor')).toBeUndefined()
    expect(findFault('__proto__')).toBeUndefined()
  })

  it.each(faultNames)('start with settings that are right: %s', (name) => {
    expect(() => checkRule(ruleDefaults(name))).not.toThrow()
  })

  it.each(packetLevel)('decide the same for the same seed, and leave the packet as it is: %s', (name) => {
    fc.assert(
      fc.property(anyPacket, seeds, (packet, seed) => {
        const before = Uint8Array.from(packet.octets)
        expect(decide(name, {}, packet, seed)).toEqual(decide(name, {}, packet, seed))
        expect(Uint8Array.from(packet.octets)).toEqual(before)
      }),
    )
  })

  it.each(['jitter', 'loss', 'corrupt'])('decide differently for another seed: %s', (name) => {
    const random = [createRandom('one'), createRandom('other')]
    const octets = new Uint8Array([0x30, 6, 0, 1, 97, 1, 2, 3])
    const { settings } = ruleDefaults(name)
    const [one, other] = random.map((numbers) =>
      Array.from({ length: 100 }, () => packetFault(name).decide(settings, octets, numbers, 4)),
    )
    expect(one).not.toEqual(other)
  })
})

describe('latency and delay', () => {
  it.each(['latency', 'delay'])('make a packet so much later: %s', (name) => {
    fc.assert(
      fc.property(anyPacket, fc.integer({ min: 1, max: 3_600_000 }), (packet, ms) => {
        expect(decide(name, { ms }, packet)).toEqual({ kind: 'delay', ms })
        expect(decide(name, { ms: 0 }, packet)).toEqual({ kind: 'pass' })
      }),
    )
  })
})

describe('jitter', () => {
  it.each(['uniform', 'normal'])('is never more than it may be, and around the half of it: %s', (distribution) => {
    const random = createRandom('jitter', distribution)
    const delays = Array.from({ length: 5000 }, () => {
      const verdict = packetFault('jitter').decide({ ms: 80, distribution }, new Uint8Array(2), random, 4)
      return verdict.kind === 'delay' ? verdict.ms : 0
    })
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(80)
    expect(delays.reduce((sum, ms) => sum + ms) / delays.length).toBeCloseTo(40, -1)
    // 68 of 100 are within one standard deviation of the mean; of evenly spread ones 33.
    const near = delays.filter((ms) => Math.abs(ms - 40) < 80 / 6).length / delays.length
    expect(near).toBeCloseTo(distribution === 'normal' ? 0.68 : 0.33, 1)
  })
})

describe('loss', () => {
  it('loses the share that it is told', () => {
    const random = createRandom('loss')
    const lost = Array.from({ length: 10_000 }, () =>
      packetFault('loss').decide({ rate: 0.3 }, new Uint8Array(2), random, 4),
    ).filter(({ kind }) => kind === 'drop')
    expect(lost.length / 10_000).toBeCloseTo(0.3, 1)
  })

  it('loses nothing at 0 and everything at 1', () => {
    const lowest = { next: () => 0, integer: () => 0, normal: () => 0 }
    expect(packetFault('loss').decide({ rate: 0 }, new Uint8Array(2), lowest, 4)).toEqual({ kind: 'pass' })
    fc.assert(
      fc.property(anyPacket, seeds, (packet, seed) => {
        expect(decide('loss', { rate: 0 }, packet, seed)).toEqual({ kind: 'pass' })
        expect(decide('loss', { rate: 1 }, packet, seed)).toEqual({ kind: 'drop' })
      }),
    )
  })
})

describe('drop, duplicate, reorder and cut', () => {
  it('want what they are told', () => {
    fc.assert(
      fc.property(anyPacket, fc.integer({ min: 2, max: 100 }), (packet, number) => {
        expect(decide('drop', {}, packet)).toEqual({ kind: 'drop' })
        expect(decide('duplicate', { copies: number }, packet)).toEqual({ kind: 'repeat', copies: number })
        const postponed = { kind: 'postpone', packets: number, ms: 1000 }
        expect(decide('reorder', { packets: number }, packet)).toEqual(postponed)
        const cut = { kind: 'cut', how: 'fin', when: 'before' }
        expect(decide('cut', { how: 'fin', when: 'before' }, packet)).toEqual(cut)
      }),
    )
  })
})

describe('corrupt', () => {
  const bits = fc.integer({ min: 1, max: 1024 })

  it('flips exactly so many bits anywhere', () => {
    fc.assert(
      fc.property(anyPacket, bits, seeds, (packet, bits, seed) => {
        const octets = changedOctets(decide('corrupt', { bits, where: 'anywhere' }, packet, seed))
        expect(differentBits(packet.octets, octets)).toHaveLength(Math.min(bits, packet.octets.length * 8))
      }),
    )
  })

  it('flips exactly so many bits of a payload, and none before it', () => {
    fc.assert(
      fc.property(publish, bits, seeds, (packet, bits, seed) => {
        const payload = packet.packet.cmd === 'publish' ? packet.packet.payload.length : 0
        const verdict = decide('corrupt', { bits, where: 'payload' }, packet, seed)
        if (payload === 0) {
          expect(verdict).toEqual({ kind: 'pass' })
          return
        }
        const different = differentBits(packet.octets, changedOctets(verdict))
        expect(different).toHaveLength(Math.min(bits, payload * 8))
        expect(different[0]).toBeGreaterThanOrEqual((packet.octets.length - payload) * 8)
      }),
    )
  })

  it('flips exactly so many bits of the header, and none in the payload', () => {
    fc.assert(
      fc.property(anyPacket, bits, seeds, (packet, bits, seed) => {
        const header = payloadStart(packet.octets, packet.version)
        const octets = changedOctets(decide('corrupt', { bits, where: 'header' }, packet, seed))
        const different = differentBits(packet.octets, octets)
        expect(different).toHaveLength(Math.min(bits, header * 8))
        expect(different.at(-1)).toBeLessThan(header * 8)
      }),
    )
  })

  it('leaves no bit out', () => {
    const octets = new Uint8Array([0xc0, 0])
    const random = createRandom('every bit')
    const flipped = Array.from({ length: 500 }, () =>
      differentBits(
        octets,
        changedOctets(packetFault('corrupt').decide({ bits: 1, where: 'anywhere' }, octets, random, 4)),
      ),
    ).flat()
    expect(new Set(flipped).size).toBe(16)
  })
})

describe('truncate', () => {
  it('keeps the first octets, and what is shorter as it is', () => {
    fc.assert(
      fc.property(anyPacket, fc.integer({ min: 1, max: 400 }), (packet, octets) => {
        const verdict = decide('truncate', { octets }, packet)
        if (octets >= packet.octets.length) expect(verdict).toEqual({ kind: 'pass' })
        else expect([...changedOctets(verdict)]).toEqual([...packet.octets].slice(0, octets))
      }),
    )
  })
})

describe('bandwidth', () => {
  it('lets octets go at its rate, in pieces that are together what came', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 1_000_000_000 }), (length, rate) => {
        const pieces = octetFault('bandwidth').shape({ rate }, length, createRandom(1))
        expect(pieces.reduce((sum, { octets }) => sum + octets, 0)).toBe(length)
        expect(pieces.reduce((sum, { waitMs }) => sum + waitMs, 0)).toBeCloseTo((length * 1000) / rate, 3)
        expect(pieces.every(({ octets, waitMs }) => octets === 1 || (octets > 1 && waitMs <= 50))).toBe(true)
      }),
    )
  })
})

describe('slice', () => {
  it('cuts into pieces of the sizes that it is told, each after the gap', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 100 }))
    fc.assert(
      fc.property(lengths, sizes, seeds, (length, [min, more], seed) => {
        const settings = { min, max: min + more, gapMs: 7 }
        const pieces = octetFault('slice').shape(settings, length, createRandom(seed))
        expect(pieces.reduce((sum, { octets }) => sum + octets, 0)).toBe(length)
        expect(new Set(pieces.map(({ waitMs }) => waitMs))).toEqual(new Set([7]))
        expect(Math.max(...pieces.map(({ octets }) => octets))).toBeLessThanOrEqual(min + more)
        expect(pieces.slice(0, -1).every(({ octets }) => octets >= min)).toBe(true)
      }),
    )
  })

  it('cuts the same for the same seed, and otherwise for another', () => {
    const shape = (seed: number) => octetFault('slice').shape({ min: 1, max: 40, gapMs: 0 }, 1000, createRandom(seed))
    expect(shape(1)).toEqual(shape(1))
    expect(shape(1)).not.toEqual(shape(2))
  })
})
