import type { PacketFault } from './fault.ts'
import { choiceIn, numberIn } from './settings.ts'
import { inTime } from './words.ts'

const distributions = ['uniform', 'normal'] as const

/**
 * An uneven way: each packet takes longer by a time of its own. What comes behind a late packet waits for it, as TCP
 * keeps order, so that packets arrive in bursts.
 */
export const jitter: PacketFault = {
  level: 'packet',
  name: 'jitter',
  title: 'jitter',
  group: 'time',
  help: 'Each packet arrives later by a random time; their order is kept, so they come in bursts.',
  settings: {
    ms: { kind: 'number', label: 'at most', unit: 'ms', min: 0, max: 3_600_000, whole: false, initial: 100 },
    distribution: { kind: 'choice', label: 'distribution', choices: distributions, initial: 'uniform' },
  },
  decide(settings, _octets, random) {
    const most = numberIn(settings, 'ms')
    const normal = choiceIn(settings, 'distribution', distributions) === 'normal'
    // Six standard deviations span the range, so that 3 in 1000 fall outside it and are moved to its ends.
    const share = normal ? Math.min(1, Math.max(0, 0.5 + random.normal() / 6)) : random.next()
    return share * most === 0 ? { kind: 'pass' } : { kind: 'delay', ms: share * most }
  },
  describe(settings, { link }) {
    const kind = choiceIn(settings, 'distribution', distributions) === 'normal' ? 'normal jitter' : 'jitter'
    return `${kind} up to ${inTime(numberIn(settings, 'ms'))} for ${link}`
  },
}
