import { useEffect, useState } from 'react'
import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import { browserClock } from '../../state/browser-clock.ts'
import { useStore } from '../../state/store.ts'
import type { MessageSource } from './message-source.ts'

/** As long as the message before stays while the next one is read: a screen that is blank in between flickers. */
const lingerMs = 300

export interface Selection {
  /** The selected message, once it was read. */
  readonly message: MessageSnapshot | undefined
  /** What to show: for a moment still the one before. */
  readonly shown: MessageSnapshot | undefined
  /** The selected message, also before it was read. */
  readonly selected: number | undefined
  readonly select: (id: number) => void
}

/** The message that was clicked is marked at once, not only when it has been read. */
export function useSelection(messages: MessageSource): Selection {
  const message = useStore(messages.selected)
  const [asked, ask] = useState<number | undefined>(undefined)
  const [last, setLast] = useState(message)
  const id = message?.id
  useEffect(() => {
    if (id !== undefined) ask(undefined)
  }, [id])
  useEffect(() => {
    if (message === undefined) {
      const end = browserClock.after(lingerMs, () => setLast(undefined))
      return () => end.dispose()
    }
    setLast(message)
    return undefined
  }, [message])
  const selected = asked ?? id
  const select = (next: number) => {
    ask(next === id ? undefined : next)
    messages.select(next)
  }
  return { message, shown: message ?? (selected === undefined ? undefined : last), selected, select }
}
