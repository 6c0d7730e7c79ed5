import { formatWait } from '../../ui/format.ts'

/** The broker waits for one and a half times the Keep Alive [MQTT-3.1.2-24]. */
export const keepAliveFactor = 1.5

export interface KeepAliveClock {
  /** How much of what is allowed has passed, 0 to 1. */
  readonly share: number
  readonly tone: 'green' | 'amber' | 'red'
  readonly words: string
}

/**
 * How long a client was silent, against how long it may be.
 *
 * @param silent milliseconds since its last Control Packet
 * @param keepAlive in seconds, over 0
 */
export function keepAliveClock(silent: number, keepAlive: number): KeepAliveClock {
  const allowed = keepAlive * keepAliveFactor * 1000
  const share = Math.min(1, silent / allowed)
  const left = formatWait(Math.max(0, allowed - silent))
  const last = `last packet ${formatWait(silent)} ago`
  if (silent <= keepAlive * 1000) return { share, tone: 'green', words: last }
  return { share, tone: share > 0.9 ? 'red' : 'amber', words: `${last}, late: given up in ${left}` }
}
