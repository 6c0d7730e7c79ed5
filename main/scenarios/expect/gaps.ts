import type { Evidence } from '../evidence.ts'

/** What there was in a run and cannot be looked at any more, in words; undefined where nothing is missing. */
export function gapsOf({ missed, tracker }: Pick<Evidence, 'missed' | 'tracker'>): string | undefined {
  const { forgotten } = tracker
  const gaps = [
    ...(missed === 0 ? [] : [`${missed} ${missed === 1 ? 'record' : 'records'} of the capture`]),
    ...(forgotten === 0 ? [] : [`${forgotten} older ${forgotten === 1 ? 'message' : 'messages'}`]),
  ]
  return gaps.length === 0 ? undefined : `${gaps.join(' and ')} could not be looked at: there was no room to keep them`
}
