import type { Random } from '../../../app/base/random.ts'
import type { ReconnectSettings } from '../../../app/script-api/crossing.ts'

/**
 * The wait before attempt `n` (from 1): `after × factor^(n-1)`, at most `max`, give or take `jitter`.
 *
 * @returns milliseconds
 */
export function reconnectDelay(settings: ReconnectSettings, n: number, random: Random): number {
  const { after, factor, max, jitter } = settings
  const wait = Math.min(max, after * factor ** (n - 1))
  return jitter === 0 ? wait : wait * (1 + jitter * (random.next() * 2 - 1))
}
