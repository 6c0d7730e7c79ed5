import type { PacketFault } from './fault.ts'
import { numberIn } from './settings.ts'
import { inNumber } from './words.ts'

/** What MQTT forbids [MQTT-4.6.0-6] and TCP prevents: a packet is overtaken by those that come behind it. */
export const reorder: PacketFault = {
  level: 'packet',
  name: 'reorder',
  title: 'reorder',
  group: 'order',
  help: 'The chosen packets are overtaken by packets behind them. If none come, they go on after the longest wait.',
  settings: {
    packets: { kind: 'number', label: 'overtaken by', unit: 'packets', min: 1, max: 1000, whole: true, initial: 1 },
    ms: { kind: 'number', label: 'waits at most', unit: 'ms', min: 1, max: 3_600_000, whole: false, initial: 1000 },
  },
  decide: (settings) => ({ kind: 'postpone', packets: numberIn(settings, 'packets'), ms: numberIn(settings, 'ms') }),
  describe: (settings, { packets }) => `put ${packets} behind ${inNumber(numberIn(settings, 'packets'), 'packet')}`,
}
