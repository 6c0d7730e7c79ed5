import { useMemo, useState } from 'react'
import type { MessageSummary } from '../../../app/contract/messages.ts'
import type { MessageList } from '../../state/message-store.ts'
import { concerns, type Pause, type PauseReason, standStill } from './pause.ts'

export interface PausedList {
  readonly shown: readonly MessageSummary[]
  readonly paused: boolean
  /** Messages that have come since. */
  readonly missed: number
  /** Does nothing while the list stands still already. */
  pause(reason: PauseReason): void
  /** Goes on; with a reason only if that was the reason. */
  resume(reason?: PauseReason): void
}

/** Lets a live list stand still. */
export function usePause(list: MessageList): PausedList {
  const [asked, setAsked] = useState<Pause | undefined>(undefined)
  const pause = asked !== undefined && concerns(asked, list) ? asked : undefined
  const shown = useMemo(() => (pause === undefined ? list.messages : standStill(pause.since, list)), [pause, list])
  return {
    shown,
    paused: pause !== undefined,
    missed: pause === undefined ? 0 : list.total - pause.since.total,
    pause: (reason) => {
      if (pause === undefined) setAsked({ reason, since: list })
      else if (reason === 'asked') setAsked({ ...pause, reason })
    },
    resume: (reason) => {
      if (reason === undefined || pause?.reason === reason) setAsked(undefined)
    },
  }
}
