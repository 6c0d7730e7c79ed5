import type { OctetFault, Piece } from './fault.ts'
import { numberIn } from './settings.ts'
import { inNumber, inTime } from './words.ts'

/** TCP promises octets, not packets: here they come in small segments, as from a device with a small buffer. */
export const slice: OctetFault = {
  level: 'octets',
  name: 'slice',
  title: 'slice',
  group: 'damage',
  help: 'Octets arrive in small TCP segments with a gap before each. It does not see packets, so it takes no filter.',
  settings: {
    min: { kind: 'number', label: 'smallest', unit: 'octets', min: 1, max: 65_535, whole: true, initial: 1 },
    max: { kind: 'number', label: 'largest', unit: 'octets', min: 1, max: 65_535, whole: true, initial: 8 },
    gapMs: { kind: 'number', label: 'gap', unit: 'ms', min: 0, max: 60_000, whole: false, initial: 10 },
  },
  mistake(settings) {
    const [min, max] = [numberIn(settings, 'min'), numberIn(settings, 'max')]
    return min > max ? `smallest (${min} octets) is more than largest (${max} octets)` : undefined
  },
  shape(settings, length, random) {
    const [min, max, waitMs] = [numberIn(settings, 'min'), numberIn(settings, 'max'), numberIn(settings, 'gapMs')]
    const pieces: Piece[] = []
    for (let left = length; left > 0; ) {
      const octets = Math.min(random.integer(min, max), left)
      pieces.push({ octets, waitMs })
      left -= octets
    }
    return pieces
  },
  describe(settings, { link }) {
    const [min, max] = [numberIn(settings, 'min'), numberIn(settings, 'max')]
    const size = min === max ? inNumber(min, 'octet') : `${min} to ${inNumber(max, 'octet')}`
    return `slice into ${size}, ${inTime(numberIn(settings, 'gapMs'))} apart, for ${link}`
  },
}
