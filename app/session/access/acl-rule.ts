import type { Levels } from './filter-sets.ts'
import { levelsOf } from './filter-sets.ts'
import { matchesName } from './name-pattern.ts'

export const aclActions = ['publish', 'subscribe', 'all'] as const

export type AclAction = (typeof aclActions)[number]

/** The first rule that is about a client, what it does and its topic decides. */
export interface AclRule {
  readonly effect: 'allow' | 'deny'
  readonly action: AclAction
  /** Topic Filters; `{clientid}` and `{username}` stand for those of the client. */
  readonly topics: readonly string[]
  /** User names that it is about, `*` is any text; it is never about anonymous clients then. Undefined: everybody. */
  readonly user?: string | undefined
  /** Client Identifiers that it is about, `*` is any text. */
  readonly client?: string | undefined
}

export interface AclSettings {
  readonly rules: readonly AclRule[]
  /** What holds where no rule is about it. */
  readonly otherwise: 'allow' | 'deny'
}

/** Who asks. */
export interface Identity {
  readonly clientId: string
  /** Undefined is anonymous. */
  readonly userName: string | undefined
  /** It only says that it is this user: to the rules it is anonymous. @default false */
  readonly isClaimed?: boolean | undefined
}

/** What is wrong with a Topic Filter of a rule [§4.7], in words that go on after its name; undefined when nothing is. */
export function ruleFilterMistake(filter: string): string | undefined {
  if (filter === '') return 'must not be empty'
  if (filter.includes('\0')) return 'must not contain U+0000'
  if (filter.startsWith('$share/'))
    return 'is about topics: leave out $share/NAME/, it is left out of what a client asks for'
  const levels = filter.split('/')
  if (levels.some((level, i) => level.includes('#') && (level !== '#' || i < levels.length - 1))) {
    return 'has a # that does not stand alone at its end, or after a / at its end'
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) return 'has a + that does not take up a whole level'
  const unknown = /\{(?!clientid\}|username\})[^}]*\}?/.exec(filter)?.[0]
  return unknown === undefined ? undefined : `has ${unknown}; there is {clientid} and {username}`
}

export function isAbout(rule: AclRule, { clientId, userName }: Identity): boolean {
  if (rule.client !== undefined && !matchesName(rule.client, clientId)) return false
  return rule.user === undefined || (userName !== undefined && matchesName(rule.user, userName))
}

const placeholder = /\{(clientid|username)\}/

/**
 * The levels of a rule's filter for one client; undefined where it matches nothing.
 *
 * A name is taken as it is: one that contains a wildcard is in no Topic Name, so that no client gets more by calling
 * itself `#`. One with a `/` would make levels: a rule that forbids follows it there, one that allows does not, because
 * the client `pump/valve` would share what belongs to `pump`; nor does it make a client the owner of `$SYS` that calls
 * itself so.
 */
export function levelsFor(filter: string, effect: AclRule['effect'], identity: Identity): Levels | undefined {
  if (!placeholder.test(filter)) return levelsOf(filter)
  let isNone = false
  const values = { clientid: identity.clientId, username: identity.userName ?? '' }
  const levels = filter.split('/').flatMap((level) => {
    if (!placeholder.test(level)) return [level]
    const whole = level.replaceAll(/\{(clientid|username)\}/g, (_, name: keyof typeof values) => {
      const value = values[name]
      if (value === '' || /[+#]/.test(value) || (effect === 'allow' && /^\$|\//.test(value))) isNone = true
      return value
    })
    return whole.split('/')
  })
  return isNone ? undefined : levels
}
