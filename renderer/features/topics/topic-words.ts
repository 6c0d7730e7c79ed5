import { filterProblem, hasWildcard } from '../../../app/mqtt/topics.ts'
import { previewOf } from '../../state/payload-preview.ts'
import type { TopicCounts, TopicDetail, TopicRow } from '../../state/topic-browser.ts'
import { formatCount, formatPlural, formatSpan } from '../../ui/format.ts'

/** A level without a name is one too: `/a` begins with it [MQTT-4.7.3-1]. */
export function levelName(level: string): string {
  return level === '' ? '(empty)' : level
}

/** What stands beside a level: how many topics are below, or what was published last. */
export function describeRow({ children, open, payload, payloadLength, topics }: TopicRow): string {
  if (payload !== undefined && (children === 0 || !open)) return previewOf(payload, payloadLength)
  return children > 0 ? formatPlural(topics, 'topic') : ''
}

/** What there is, and what is not shown. */
export function describeCounts(counts: TopicCounts, now: number): string {
  const { messages, over, ownRetained, retained, since, topics } = counts
  const own = ownRetained === 0 ? '' : ` + ${formatCount(ownRetained)} of the broker's own`
  const parts = [
    formatPlural(topics, 'topic'),
    `${formatCount(retained)} retained${own}`,
    `${formatPlural(messages, 'message')} in ${formatSpan(now - since)}`,
  ]
  if (over > 0) parts.push(`${formatPlural(over, 'message')} to more topics than are told apart`)
  return parts.join(' · ')
}

/**
 * Whether a topic is none of those that were looked for. False where that is not known: only a part of a long list is here.
 *
 * @param found the answer to the search that is asked now
 */
export function isNotFound(
  topic: string,
  search: string,
  found: { rows: readonly Pick<TopicRow, 'path'>[]; total: number },
): boolean {
  if (search === '' || found.rows.length < found.total) return false
  return !found.rows.some(({ path }) => path === topic)
}

/** Of a curve of so many messages in each second: how long it is, and what its upper edge stands for. */
export function describeHistory(history: readonly number[]): string {
  return `last ${history.length} s · at most ${formatCount(Math.max(0, ...history))}/s`
}

/** Why a search has found nothing. */
export function describeNone(search: string, topics: number): string {
  const none = `None of ${formatPlural(topics, 'topic')} fits.`
  const problem = hasWildcard(search) ? filterProblem(search) : undefined
  return problem === undefined ? none : `${none} It is no Topic Filter: ${problem}.`
}

/** Who has published it, and when, where that is known. */
export function describePublished({ publisher, time, will }: NonNullable<TopicDetail['last']>, now: number): string {
  const who = publisher === undefined ? 'the broker itself' : will ? `the will of ${publisher}` : publisher
  return time === undefined ? who : `${who}, ${formatSpan(now - time)} ago`
}
