import type { PacketFault } from './fault.ts'
import { numberIn } from './settings.ts'
import { inPercent } from './words.ts'

/** A lossy way, above TCP: packets vanish by chance and nothing sends them again but MQTT. */
export const loss: PacketFault = {
  level: 'packet',
  name: 'loss',
  title: 'loss',
  group: 'loss',
  help: 'A share of packets vanishes. TCP repairs lost segments; this is loss above TCP, as in a broken gateway.',
  settings: {
    rate: { kind: 'number', label: 'share that is lost', unit: 'share', min: 0, max: 1, whole: false, initial: 0.1 },
  },
  decide(settings, _octets, random) {
    // `next` is below 1 always: a rate of 1 loses everything, a rate of 0 nothing.
    return random.next() < numberIn(settings, 'rate') ? { kind: 'drop' } : { kind: 'pass' }
  },
  describe: (settings, { link }) => `loss ${inPercent(numberIn(settings, 'rate'))} for ${link}`,
}
