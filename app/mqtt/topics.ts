import { cite } from './codec/refuse.ts'
import type { ProtocolVersion } from './control-packet.ts'

/** A Shared Subscription's Topic Filter, `$share/{ShareName}/{filter}`, in its parts [MQTT 5 §4.8.2]. */
export interface SharedFilter {
  /** The ShareName. */
  readonly group: string
  readonly filter: string
}

const slash = 0x2f
const plus = 0x2b
const hash = 0x23
const shared = '$share/'

/**
 * What is wrong with a Topic Filter, with the statement that it breaks; undefined where it is well-formed. A filter that
 * starts with `$share/` is one of a Shared Subscription in every version [MQTT 3.1.1 §4.7, MQTT 5 §4.7, §4.8.2].
 *
 * @param version whose statement is named.
 */
export function filterProblem(filter: string, version: ProtocolVersion = 5): string | undefined {
  if (filter === '') return `[${cite(version, '4.7.3-1', '4.7.3-1')}] Topic Filter is empty`
  const share = filter.startsWith(shared) ? shareOf(filter) : undefined
  return typeof share === 'string' ? share : wildcardProblem(filter, version)
}

/**
 * The parts of a Shared Subscription's Topic Filter; undefined for a filter that is none; what is wrong with it, with
 * the statement, where it starts like one and does not go on like one. The `filter` in it is not checked: filterProblem
 * does that.
 */
export function shareOf(filter: string): SharedFilter | string | undefined {
  if (!filter.startsWith(shared)) return undefined
  const end = filter.indexOf('/', shared.length)
  const group = end === -1 ? filter.slice(shared.length) : filter.slice(shared.length, end)
  if (group === '') return '[MQTT-4.8.2-1] the ShareName of a Shared Subscription is empty'
  if (group.includes('+') || group.includes('#')) {
    return '[MQTT-4.8.2-2] the ShareName of a Shared Subscription contains + or #'
  }
  if (end === -1 || end === filter.length - 1) {
    return '[MQTT-4.8.2-2] no Topic Filter follows the ShareName of a Shared Subscription'
  }
  return { group, filter: filter.slice(end + 1) }
}

/** Whether a Topic Name has a wildcard character in it, which is for Topic Filters only [MQTT-3.3.2-2]. */
export function hasWildcard(topic: string): boolean {
  return topic.includes('+') || topic.includes('#')
}

function wildcardProblem(filter: string, version: ProtocolVersion): string | undefined {
  const last = filter.length - 1
  for (let at = 0; at <= last; at++) {
    const code = filter.charCodeAt(at)
    if (code !== plus && code !== hash) continue
    const startsLevel = at === 0 || filter.charCodeAt(at - 1) === slash
    if (code === hash && !(startsLevel && at === last)) {
      const statement = cite(version, '4.7.1-2', '4.7.1-1')
      return `[${statement}] # in a Topic Filter stands alone and at its end, or after a / and at its end`
    }
    if (code === plus && !(startsLevel && (at === last || filter.charCodeAt(at + 1) === slash))) {
      return `[${cite(version, '4.7.1-3', '4.7.1-2')}] + in a Topic Filter takes up a whole level`
    }
  }
  return undefined
}
