import type { WireState } from '../../../app/contract/wire.ts'
import { formatSpan } from '../../ui/format.ts'
import type { ClientName } from './held-packets.ts'

/** Milliseconds before its end at which a keep alive is always warned of. */
const soon = 15_000

export interface KeepAliveState {
  readonly connection: number
  /** Milliseconds that are left; 0 or less when it has run out. */
  readonly left: number
}

/**
 * The connections whose keep alive runs out because packets are held, the most urgent first: those with less than 15
 * seconds, or less than a third of what they had when the holding began.
 */
export function endangered(wire: WireState, now: number): KeepAliveState[] {
  const worst = new Map<number, number>()
  for (const { connection, keepAliveEndsAt, since } of wire.held) {
    if (keepAliveEndsAt === undefined) continue
    const left = keepAliveEndsAt - now
    if (left >= soon && left >= (keepAliveEndsAt - since) / 3) continue
    worst.set(connection, Math.min(left, worst.get(connection) ?? Number.POSITIVE_INFINITY))
  }
  return [...worst].map(([connection, left]) => ({ connection, left })).sort((a, b) => a.left - b.left)
}

export interface KeepAliveWords {
  readonly text: string
  readonly ranOut: boolean
}

/** The warning in words; undefined where there is nothing to warn of. */
export function keepAliveWords(states: readonly KeepAliveState[], clientName: ClientName): KeepAliveWords | undefined {
  const [first, ...others] = states
  if (first === undefined) return undefined
  const whose = `${clientName(first.connection)}'s keep alive`
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  if (first.left <= 0) return { text: `${whose} has run out: the broker closes its connection${more}`, ranOut: true }
  const left = formatSpan(Math.ceil(first.left / 1000) * 1000)
  return { text: `${whose} runs out in ${left}: the broker will then close its connection${more}`, ranOut: false }
}
