import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import type { MessageList } from '../../state/message-store.ts'
import type { Store } from '../../state/store.ts'

/** Where the Handshakes screen has its messages from. */
export interface MessageSource {
  readonly list: Store<MessageList>
  readonly selected: Store<MessageSnapshot | undefined>
  /** Loads a message and keeps it fresh while it changes; undefined selects none. */
  select(id: number | undefined): void
}
