import { memo, useMemo, useState } from 'react'
import type { Session } from '../../state/clients.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { SearchInput } from '../../ui/search-input.tsx'
import { Segments } from '../../ui/segments.tsx'
import { useList } from '../../ui/use-list.ts'
import { allSessions, filterSessions, type SessionFilter } from './session-filter.ts'
import { describeLine, phaseOf, phaseTones } from './session-words.ts'
import '../../ui/list-row.css'

const rowHeight = 53

const phases = [
  { value: 'all', label: 'all' },
  { value: 'connected', label: 'connected' },
  { value: 'kept', label: 'kept' },
  { value: 'ended', label: 'ended' },
] as const

export interface SessionListProps {
  readonly sessions: ReadonlyMap<string, Session>
  readonly selected: string | undefined
  readonly onSelect: (clientId: string) => void
  readonly now: number
}

/** Every Session, by name. Only the rows in sight exist. */
export function SessionList({ sessions, selected, onSelect, now }: SessionListProps) {
  const [filter, setFilter] = useState<SessionFilter>(allSessions)
  const shown = useMemo(() => filterSessions(sessions.values(), filter), [sessions, filter])
  return (
    <section className="session-list" aria-label="Sessions">
      <header className="pane-head">
        <h2>Sessions</h2>
        <span className="pane-note" data-testid="sessions-count">
          {shown.length === sessions.size
            ? formatCount(sessions.size)
            : `${formatCount(shown.length)} of ${formatCount(sessions.size)}`}
        </span>
      </header>
      <div className="session-tools">
        <SearchInput
          label="Find sessions by client, user or topic filter"
          placeholder="client, user or topic filter"
          value={filter.text}
          onChange={(text) => setFilter({ ...filter, text })}
        />
        <Segments
          label="Which sessions"
          segments={phases}
          value={filter.phase}
          onChange={(phase) => setFilter({ ...filter, phase })}
        />
      </div>
      <Rows sessions={shown} selected={selected} onSelect={onSelect} now={now} />
      {shown.length === 0 && (
        <div className="sessions-none">
          {sessions.size === 0 ? (
            <p>
              <b>The broker holds no Session.</b> As soon as a client connects its Session stands here, and stays when
              the client leaves, if it is kept.
            </p>
          ) : (
            <>
              <p>
                <b>None of {formatPlural(sessions.size, 'session')} fits.</b>
              </p>
              <Button size="small" onClick={() => setFilter(allSessions)}>
                Show all sessions
              </Button>
            </>
          )}
        </div>
      )}
    </section>
  )
}

interface RowsProps {
  readonly sessions: readonly Session[]
  readonly selected: string | undefined
  readonly onSelect: (clientId: string) => void
  readonly now: number
}

function Rows({ sessions, selected, onSelect, now }: RowsProps) {
  const index = sessions.findIndex(({ clientId }) => clientId === selected)
  const { attach, end, first, idOf, onKeyDown, onScroll } = useList({
    count: sessions.length,
    rowHeight,
    index,
    onChoose: (at) => onSelect((sessions[at] as Session).clientId),
  })
  return (
    <div className="session-scroll" ref={attach} onScroll={onScroll}>
      <div
        className="session-rows"
        role="listbox"
        aria-label="Sessions by client"
        tabIndex={0}
        aria-activedescendant={index < 0 ? undefined : idOf(index)}
        style={{ height: sessions.length * rowHeight }}
        onKeyDown={onKeyDown}
      >
        {sessions.slice(first, end).map((session, i) => (
          <Row
            key={session.clientId}
            id={idOf(first + i)}
            session={session}
            line={describeLine(session, now)}
            selected={session.clientId === selected}
            top={(first + i) * rowHeight}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  )
}

interface RowProps {
  readonly id: string
  readonly session: Session
  readonly line: string
  readonly selected: boolean
  readonly top: number
  readonly onSelect: (clientId: string) => void
}

const Row = memo(function Row({ id, session, line, selected, top, onSelect }: RowProps) {
  const { clientId } = session
  const phase = phaseOf(session)
  const tones = phaseTones[phase]
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
    <div
      id={id}
      role="option"
      className="list-row session-row"
      style={{ top, height: rowHeight }}
      aria-selected={selected}
      onClick={() => onSelect(clientId)}
      data-testid={`session-${clientId}`}
    >
      <Dot tone={tones.dot} />
      <b title={clientId}>{clientId}</b>
      <Chip tone={tones.chip}>{phase}</Chip>
      <span className="session-line" title={line}>
        {line}
      </span>
    </div>
  )
})
