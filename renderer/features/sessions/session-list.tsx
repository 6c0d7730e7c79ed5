import { memo, useMemo, useState } from 'react'
import type { Session } from '../../state/clients.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { ListBox, ListRow } from '../../ui/list-box.tsx'
import { SearchInput } from '../../ui/search-input.tsx'
import { Segments } from '../../ui/segments.tsx'
import { useList } from '../../ui/use-list.ts'
import { allSessions, filterSessions, type SessionFilter } from './session-filter.ts'
import { congestedFor, describeLine, phaseOf, phaseTones } from './session-words.ts'

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
        <div className="pane-none">
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
  const list = useList({
    count: sessions.length,
    rowHeight,
    index,
    onChoose: (at) => onSelect((sessions[at] as Session).clientId),
  })
  const { end, first, idOf } = list
  return (
    <ListBox label="Sessions by client" list={list}>
      {sessions.slice(first, end).map((session, i) => (
        <Row
          key={session.clientId}
          id={idOf(first + i)}
          session={session}
          line={describeLine(session, now)}
          congested={congestedFor(session, now) !== undefined}
          selected={session.clientId === selected}
          top={(first + i) * rowHeight}
          onSelect={onSelect}
        />
      ))}
    </ListBox>
  )
}

interface RowProps {
  readonly id: string
  readonly session: Session
  readonly line: string
  readonly congested: boolean
  readonly selected: boolean
  readonly top: number
  readonly onSelect: (clientId: string) => void
}

const Row = memo(function Row({ id, session, line, congested, selected, top, onSelect }: RowProps) {
  const { clientId } = session
  const phase = phaseOf(session)
  const tones = phaseTones[phase]
  return (
    <ListRow
      id={id}
      className="session-row"
      top={top}
      height={rowHeight}
      selected={selected}
      testId={`session-${clientId}`}
      onClick={() => onSelect(clientId)}
    >
      <Dot tone={congested ? 'amber' : tones.dot} />
      <b title={clientId}>{clientId}</b>
      <Chip tone={congested ? 'amber' : tones.chip}>{congested ? 'congested' : phase}</Chip>
      <span className="session-line" title={line}>
        {line}
      </span>
    </ListRow>
  )
})
