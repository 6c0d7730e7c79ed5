import type { OctetFault, Piece } from './fault.ts'
import { numberIn } from './settings.ts'

/** A piece takes about this long, so that a slow link trickles and a fast one does not wear out the timer. */
const pieceMs = 50

/** A narrow way: octets leave no faster than this, each way for itself. */
export const bandwidth: OctetFault = {
  level: 'octets',
  name: 'bandwidth',
  title: 'bandwidth',
  group: 'time',
  help: 'Octets go no faster than this, each way. It does not see packets, so it takes no filter.',
  settings: {
    rate: {
      kind: 'number',
      label: 'at most',
      unit: 'octets/s',
      min: 1,
      max: 1_000_000_000,
      whole: true,
      initial: 5000,
    },
  },
  shape(settings, length) {
    const rate = numberIn(settings, 'rate')
    const size = Math.max(1, Math.floor((rate * pieceMs) / 1000))
    const pieces: Piece[] = []
    for (let left = length; left > 0; left -= size) {
      const octets = Math.min(size, left)
      // A piece has arrived when its last octet has: the wait comes before it.
      pieces.push({ octets, waitMs: (octets * 1000) / rate })
    }
    return pieces
  },
  describe: (settings, { link }) => `bandwidth ${numberIn(settings, 'rate')} octets/s for ${link}`,
}
