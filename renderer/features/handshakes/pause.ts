import type { MessageSummary } from '../../../app/contract/messages.ts'
import type { MessageList } from '../../state/message-store.ts'

/** Why the list stands still: somebody wants it to, or has scrolled down and reads. */
export type PauseReason = 'asked' | 'scrolled'

export interface Pause {
  readonly reason: PauseReason
  /** The list as it was then. */
  readonly since: MessageList
}

/**
 * The messages of then in the state of now: while the list stands still, what becomes of the listed ones is still told.
 */
export function standStill(since: MessageList, now: MessageList): readonly MessageSummary[] {
  if (since.messages === now.messages) return now.messages
  const present = new Map(now.messages.map((message) => [message.id, message]))
  return since.messages.map((message) => present.get(message.id) ?? message)
}

/** Whether a pause still concerns this list: another capture begins to count anew. */
export function concerns(pause: Pause, now: MessageList): boolean {
  return now.total >= pause.since.total
}
