import type { Random } from '../base/random.ts'
import type { PacketFault } from './fault.ts'
import { payloadStart } from './payload-start.ts'
import { choiceIn, numberIn } from './settings.ts'
import { inNumber } from './words.ts'

const places = ['payload', 'header', 'anywhere'] as const

/** Damage that TCP's check sum did not notice, or that happened before it. */
export const corrupt: PacketFault = {
  level: 'packet',
  name: 'corrupt',
  title: 'corrupt',
  group: 'damage',
  help: 'Flips random bits. The header is all before the payload, also the packet’s length: then framing can be lost.',
  settings: {
    bits: { kind: 'number', label: 'flips', unit: 'bits', min: 1, max: 1024, whole: true, initial: 1 },
    where: { kind: 'choice', label: 'where', choices: places, initial: 'payload' },
  },
  decide(settings, octets, random, version) {
    const where = choiceIn(settings, 'where', places)
    const split = where === 'anywhere' ? 0 : payloadStart(octets, version)
    const [start, end] = where === 'header' ? [0, split] : [split, octets.length]
    const size = (end - start) * 8
    if (size === 0) return { kind: 'pass' }
    // `slice` of Node's Buffer copies nothing.
    const damaged = Uint8Array.from(octets)
    for (const bit of differentNumbers(Math.min(numberIn(settings, 'bits'), size), size, random)) {
      const at = start + Math.floor(bit / 8)
      damaged[at] = (damaged[at] as number) ^ (1 << (bit % 8))
    }
    return { kind: 'change', octets: damaged }
  },
  describe(settings, { packets }) {
    const where = choiceIn(settings, 'where', places)
    const place = where === 'anywhere' ? '' : ` in the ${where}`
    return `corrupt ${packets}: ${inNumber(numberIn(settings, 'bits'), 'bit')}${place}`
  },
}

/** So many different numbers below `end`, each set equally likely (Floyd's algorithm). */
function differentNumbers(count: number, end: number, random: Random): ReadonlySet<number> {
  const numbers = new Set<number>()
  for (let last = end - count; last < end; last++) {
    const number = random.integer(0, last)
    numbers.add(numbers.has(number) ? last : number)
  }
  return numbers
}
