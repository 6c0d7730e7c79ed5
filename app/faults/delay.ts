import type { PacketFault } from './fault.ts'
import { numberIn } from './settings.ts'
import { inTime } from './words.ts'

/** One packet is late, and what comes behind it with it. */
export const delay: PacketFault = {
  level: 'packet',
  name: 'delay',
  title: 'delay',
  group: 'time',
  help: 'The chosen packets arrive so much later; what comes behind them on their way waits as well.',
  settings: {
    ms: { kind: 'number', label: 'by', unit: 'ms', min: 0, max: 3_600_000, whole: false, initial: 5000 },
  },
  decide(settings) {
    const ms = numberIn(settings, 'ms')
    return ms === 0 ? { kind: 'pass' } : { kind: 'delay', ms }
  },
  describe: (settings, { packets }) => `delay ${packets} by ${inTime(numberIn(settings, 'ms'))}`,
}
