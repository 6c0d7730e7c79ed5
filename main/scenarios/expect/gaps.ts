import type { ClientNotes } from '../client-notes.ts'
import type { Evidence } from '../evidence.ts'

/** What there was in a run and cannot be looked at any more, in words; undefined where nothing is missing. */
export function gapsOf({ missed, tracker }: Pick<Evidence, 'missed' | 'tracker'>): string | undefined {
  const { forgotten } = tracker
  const gaps = [
    ...(missed === 0 ? [] : [`${missed} ${missed === 1 ? 'record' : 'records'} of the capture`]),
    ...(forgotten === 0 ? [] : [`${forgotten} older ${forgotten === 1 ? 'message' : 'messages'}`]),
  ]
  return gaps.length === 0 ? undefined : notLookedAt(gaps.join(' and '))
}

/**
 * What was seen of a client and cannot be looked at any more, in words; undefined where nothing of it is missing.
 *
 * @param since number of the record after which it counts
 * @param what of one, such as `will`
 */
export function gapOf(
  notes: Pick<ClientNotes<never>, 'forgottenOf'>,
  clientId: string,
  { since, what }: { readonly since: number; readonly what: string },
): string | undefined {
  const { count, until } = notes.forgottenOf(clientId)
  return until <= since ? undefined : notLookedAt(`${count} older ${count === 1 ? what : `${what}s`} of ${clientId}`)
}

function notLookedAt(what: string): string {
  return `${what} could not be looked at: there was no room to keep them`
}
