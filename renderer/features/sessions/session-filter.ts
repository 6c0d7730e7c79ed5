import type { Session } from '../../state/clients.ts'
import { phaseOf, type SessionPhase } from './session-words.ts'

export interface SessionFilter {
  /** A part of a Client Identifier, a user name, or a Topic Filter. */
  readonly text: string
  readonly phase: SessionPhase | 'all'
}

export const allSessions: SessionFilter = { text: '', phase: 'all' }

const collator = new Intl.Collator('en', { numeric: true })

/** Those that fit, by name: rows stay where they are while what they show changes. */
export function filterSessions(sessions: Iterable<Session>, { text, phase }: SessionFilter): Session[] {
  const wanted = text.trim().toLowerCase()
  const found: Session[] = []
  for (const session of sessions) {
    if (phase !== 'all' && phaseOf(session) !== phase) continue
    if (wanted === '' || has(session, wanted)) found.push(session)
  }
  return found.sort((a, b) => collator.compare(a.clientId, b.clientId))
}

function has({ clientId, userName, subscriptions }: Session, wanted: string): boolean {
  return (
    clientId.toLowerCase().includes(wanted) ||
    userName?.toLowerCase().includes(wanted) === true ||
    subscriptions.some(({ filter }) => filter.toLowerCase().includes(wanted))
  )
}
