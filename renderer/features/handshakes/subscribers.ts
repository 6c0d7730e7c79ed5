import type { ExchangeSnapshot, MessageSnapshot } from '../../../app/contract/messages.ts'
import { clientName } from './ladder-words.ts'

/** A client that a message was sent to. It has more than one exchange where the message was sent to it as a new one again. */
export interface Subscriber {
  readonly name: string
  readonly exchanges: readonly ExchangeSnapshot[]
  /** How often it took the message as a new one. */
  readonly deliveries: number
  /** The state that says most about it. */
  readonly state: ExchangeSnapshot['state']
}

/** In the order in which the message was first sent to them. */
export function subscribersOf({ exchanges }: MessageSnapshot): Subscriber[] {
  const byName = new Map<string, ExchangeSnapshot[]>()
  for (const exchange of exchanges) {
    const name = clientName(exchange)
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [exchange])
    else others.push(exchange)
  }
  return [...byName].map(([name, own]) => ({
    name,
    exchanges: own,
    deliveries: own.reduce((sum, { deliveries }) => sum + deliveries, 0),
    state: own.map(({ state }) => state).reduce((worst, state) => (rank[state] > rank[worst] ? state : worst)),
  }))
}

const rank: Record<ExchangeSnapshot['state'], number> = { complete: 0, waiting: 1, refused: 2, lost: 3, held: 4 }

/**
 * Which subscribers to show where not all have room: first those where something is unusual, otherwise the first ones.
 * Their indices, in their order.
 */
export function chooseSubscribers(subscribers: readonly Subscriber[], most: number): number[] {
  return subscribers
    .map((subscriber, index) => ({ index, rank: unusual(subscriber) }))
    .sort((a, b) => b.rank - a.rank || a.index - b.index)
    .slice(0, most)
    .map(({ index }) => index)
    .sort((a, b) => a - b)
}

function unusual({ state, deliveries }: Subscriber): number {
  return deliveries > 1 ? Math.max(rank[state], rank.refused) : rank[state]
}
