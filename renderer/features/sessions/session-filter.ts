import { filterProblem, hasWildcard, shareOf } from '../../../app/mqtt/topics.ts'
import { intersection, type Levels, levelsOf } from '../../../app/session/access/filter-sets.ts'
import type { Session } from '../../state/clients.ts'
import { phaseOf, type SessionPhase } from './session-words.ts'

export interface SessionFilter {
  /**
   * A part of a Client Identifier, a user name, or a Topic Filter; or a Topic Filter with wildcards: whoever gets something
   * that it matches is found. `anonymous` finds those without a user name.
   */
  readonly text: string
  readonly phase: SessionPhase | 'all'
}

export const allSessions: SessionFilter = { text: '', phase: 'all' }

const collator = new Intl.Collator('en', { numeric: true })

/** Those that fit, by name: rows stay where they are while what they show changes. */
export function filterSessions(sessions: Iterable<Session>, { text, phase }: SessionFilter): Session[] {
  const wanted = text.trim().toLowerCase()
  const levels = readFilter(text.trim())
  const found: Session[] = []
  for (const session of sessions) {
    if (phase !== 'all' && phaseOf(session) !== phase) continue
    if (wanted === '' || has(session, wanted, levels)) found.push(session)
  }
  return found.sort((a, b) => collator.compare(a.clientId, b.clientId))
}

/** Undefined where it is a text like any other. */
function readFilter(text: string): Levels | undefined {
  return hasWildcard(text) && filterProblem(text) === undefined ? levelsOf(plain(text)) : undefined
}

/** Without what makes it one of a Shared Subscription. */
function plain(filter: string): string {
  const share = shareOf(filter)
  return typeof share === 'object' ? share.filter : filter
}

function has({ clientId, userName, subscriptions }: Session, wanted: string, levels: Levels | undefined): boolean {
  return (
    clientId.toLowerCase().includes(wanted) ||
    (userName === undefined ? wanted === 'anonymous' : userName.toLowerCase().includes(wanted)) ||
    subscriptions.some(
      ({ filter }) =>
        filter.toLowerCase().includes(wanted) ||
        (levels !== undefined && intersection(levels, levelsOf(plain(filter))) !== undefined),
    )
  )
}
