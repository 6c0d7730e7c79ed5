import type { PacketFault } from './fault.ts'
import { numberIn } from './settings.ts'
import { inNumber } from './words.ts'

/** The end of a packet is missing, but its Remaining Length still promises it. */
export const truncate: PacketFault = {
  level: 'packet',
  name: 'truncate',
  title: 'truncate',
  group: 'damage',
  help: 'Only the first octets arrive. The length in the header stays, so what comes next is taken for the rest.',
  settings: {
    octets: {
      kind: 'number',
      label: 'keeps the first',
      unit: 'octets',
      min: 1,
      max: 268_435_455,
      whole: true,
      initial: 2,
    },
  },
  decide(settings, octets) {
    const kept = numberIn(settings, 'octets')
    return kept >= octets.length ? { kind: 'pass' } : { kind: 'change', octets: octets.subarray(0, kept) }
  },
  describe: (settings, { packets }) => `truncate ${packets} to ${inNumber(numberIn(settings, 'octets'), 'octet')}`,
}
