import type { PacketFault } from './fault.ts'
import { numberIn } from './settings.ts'
import { inTime } from './words.ts'

/** A long way: every packet takes so much longer. The pipeline keeps their order. */
export const latency: PacketFault = {
  level: 'packet',
  name: 'latency',
  title: 'latency',
  group: 'time',
  help: 'Every packet arrives so much later; their order is kept.',
  settings: {
    ms: { kind: 'number', label: 'later by', unit: 'ms', min: 0, max: 3_600_000, whole: false, initial: 200 },
  },
  decide(settings) {
    const ms = numberIn(settings, 'ms')
    return ms === 0 ? { kind: 'pass' } : { kind: 'delay', ms }
  },
  describe: (settings, { link }) => `latency ${inTime(numberIn(settings, 'ms'))} for ${link}`,
}
