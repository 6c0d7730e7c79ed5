import { topicMatcher } from '../../../app/capture/filter-match.ts'
import { filterProblem, hasWildcard } from '../../../app/mqtt/topics.ts'

/**
 * Whether a topic is one that somebody looks for: it has the text in it, in small or in capital letters. With `+` or `#` the
 * text is a Topic Filter [§4.7].
 */
export function topicSearch(text: string): (topic: string) => boolean {
  if (hasWildcard(text) && filterProblem(text) === undefined) return topicMatcher(text)
  const wanted = text.toLowerCase()
  return (topic) => topic.toLowerCase().includes(wanted)
}
