import type { ApplicationMessage } from '../../../app/session/application-message.ts'
import type { Limits } from './limits.ts'
import { codes } from './reason-codes.ts'
import type { Retained } from './retained.ts'

/** Levels that a Topic Filter may have: aedes' matcher calls itself once for each. */
const mostFilterLevels = 4096

interface Ground {
  readonly limits: Limits
  readonly retained: Retained
}

/** Why a message is more than the broker takes; undefined where it is not. Asked for each PUBLISH. */
export function messageQuota(
  { limits, retained }: Ground,
  topic: string,
  { payload, retain }: Pick<ApplicationMessage, 'payload' | 'retain'>,
): { readonly code: number; readonly reason: string } | undefined {
  if (hasMoreLevels(topic, limits.maxTopicLevels)) {
    return { code: codes.topicNameInvalid, reason: `a topic has ${limits.maxTopicLevels} levels at most` }
  }
  if (!retain || payload.length === 0 || retained.hasRoom(topic, payload.length + topic.length)) return undefined
  const { maxRetained, maxRetainedOctets } = limits
  return {
    code: codes.quotaExceeded,
    reason: `there is no room for another retained message: ${maxRetained} and ${maxRetainedOctets} octets are allowed`,
  }
}

/** The Reason Code for a Topic Filter that is more than the broker takes; undefined where it is not. */
export function filterQuota(
  { maxSubscriptions, maxTopicLevels }: Limits,
  filter: string,
  subscriptions: ReadonlyMap<string, unknown>,
): number | undefined {
  if (hasMoreLevels(filter, Math.min(mostFilterLevels, maxTopicLevels))) return codes.topicFilterInvalid
  return subscriptions.size >= maxSubscriptions && !subscriptions.has(filter) ? codes.quotaExceeded : undefined
}

function hasMoreLevels(topic: string, most: number): boolean {
  if (topic.length < most) return false
  let levels = 1
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) levels++
  return levels > most
}
