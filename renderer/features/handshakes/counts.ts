import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { subscribersOf } from './subscribers.ts'

export type CountTone = 'plain' | 'green' | 'amber' | 'red'

/** The counts that tell whether a message did what its QoS promises. */
export interface Counts {
  /** How often PUBLISH was put on the wire by whoever published; undefined where nobody did, or it was not seen. */
  readonly sent: number | undefined
  /** How often the broker took it as a new message. */
  readonly stored: number | undefined
  /** The most often that one subscriber took it as a new message. */
  readonly delivered: number
  readonly tone: CountTone
  /** How often PUBLISH was sent on the hop where it was sent most often. */
  readonly sends: number
  /** `delivered` in words. */
  readonly words: string
}

export function countsOf(message: MessageSnapshot): Counts {
  const { publisher, exchanges, deliveries: delivered } = message
  return {
    sent: publisher?.sends,
    // Another broker does not say.
    stored: message.target === '' ? publisher?.deliveries : undefined,
    delivered,
    tone: toneOf(message),
    sends: Math.max(publisher?.sends ?? 0, ...exchanges.map(({ sends }) => sends)),
    words: wordsOf(message),
  }
}

/** A client may hand the message over at PUBLISH or only at PUBREL [MQTT 3.1.1 §4.3.3]; nobody sees which. */
function isReleased({ exchanges }: MessageSnapshot): boolean {
  return exchanges.every(({ qos, state, deliveries }) => qos !== 2 || deliveries === 0 || state === 'complete')
}

function toneOf(message: MessageSnapshot): CountTone {
  const { state, deliveries: delivered } = message
  if (delivered > 0) return delivered === 1 && isReleased(message) ? 'green' : delivered === 1 ? 'plain' : 'amber'
  return state === 'lost' || state === 'refused' ? 'red' : 'plain'
}

function wordsOf(message: MessageSnapshot): string {
  const { qos, state, deliveries } = message
  const subscribers = subscribersOf(message)
  if (deliveries === 0) {
    if (state === 'lost' || state === 'refused' || state === 'queued') return `0 · ${state}`
    if (subscribers.length > 0) return '0 · not yet'
    return message.target === '' ? '0 · nobody subscribed' : 'not seen: another broker'
  }
  if (subscribers.length > 1) {
    const reached = subscribers.filter((subscriber) => subscriber.deliveries > 0).length
    const often = deliveries > 1 ? `up to ${formatCount(deliveries)}×` : 'once'
    return `${often} · ${formatCount(reached)} of ${formatPlural(subscribers.length, 'subscriber')}`
  }
  if (deliveries > 1) return `${formatCount(deliveries)} · more than once`
  if (!isReleased(message)) return '1 · not released yet'
  return `1 · ${qos === 2 ? 'exactly once' : 'once'}`
}

const promises = ['at most once', 'at least once', 'exactly once'] as const

/** What a QoS promises [MQTT 3.1.1 §4.3]. */
export function promiseOf(qos: MessageSnapshot['qos']): string {
  return promises[qos]
}
