import type { MessageSnapshot, MessageSummary } from '../../../app/contract/messages.ts'
import type { Store } from '../../state/store.ts'

export interface MessageList {
  /** Newest first; not more than the screen keeps. */
  readonly messages: readonly MessageSummary[]
  /** Messages since the capture began. */
  readonly total: number
  /** Messages that the workbench no longer knows, to bound its memory. */
  readonly forgotten: number
}

/** Where the Handshakes screen has its messages from. */
export interface MessageSource {
  readonly list: Store<MessageList>
  readonly selected: Store<MessageSnapshot | undefined>
  /** Loads a message and keeps it fresh while it changes; undefined selects none. */
  select(id: number | undefined): void
}
