import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import { publisherName } from './ladder-words.ts'
import type { Subscriber } from './subscribers.ts'

/** A lifeline: an end of some exchange. */
export interface Lane {
  readonly key: string
  readonly name: string
  /** What it is to this message. */
  readonly role: 'publisher' | 'owner of the will' | 'broker' | 'subscriber'
  /** Pixels from the left edge. */
  readonly x: number
}

export interface Lanes {
  readonly lanes: readonly Lane[]
  /** Pixels for the times at the left. */
  readonly timeWidth: number
  /** Pixels for the box at the head of each lifeline. */
  readonly headWidth: number
}

const mostSubscribers = 3
/** Lifelines closer than this have no room for words between them. */
const leastDistance = 108
const mostDistance = 264

/** How many subscribers have room beside publisher and broker, from 1 to 3. */
export function roomForSubscribers(width: number): number {
  const distances = Math.floor((width - timeWidthOf(width) - leastDistance) / leastDistance)
  return Math.min(mostSubscribers, Math.max(1, distances - 1))
}

/** Places publisher, broker and the chosen subscribers side by side. */
export function placeLanes(message: MessageSnapshot, subscribers: readonly Subscriber[], width: number): Lanes {
  const ends: Omit<Lane, 'x'>[] = []
  const publisher = publisherName(message)
  if (publisher !== undefined) {
    const role = message.origin === 'will' ? 'owner of the will' : 'publisher'
    ends.push({ key: 'publisher', name: publisher, role })
  }
  ends.push({ key: 'broker', name: 'broker', role: 'broker' })
  for (const { name } of subscribers) ends.push({ key: `subscriber ${name}`, name, role: 'subscriber' })
  const timeWidth = timeWidthOf(width)
  const widest = Math.max(64, Math.min(124, (width - timeWidth - 16) / ends.length - 12))
  const first = timeWidth + 12 + widest / 2
  const last = Math.max(first, width - Math.max(widest / 2 + 10, Math.min(122, width / 6)))
  const distance = ends.length === 1 ? 0 : Math.min(mostDistance, (last - first) / (ends.length - 1))
  const headWidth = ends.length === 1 ? widest : Math.min(widest, distance - 10)
  return { lanes: ends.map((end, i) => ({ ...end, x: first + i * distance })), timeWidth, headWidth }
}

function timeWidthOf(width: number): number {
  return width < 600 ? 66 : 78
}
