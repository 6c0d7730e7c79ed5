import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { MessageSummary } from '../../../app/contract/messages.ts'
import type { MessageList } from '../../state/message-store.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { SearchInput } from '../../ui/search-input.tsx'
import { useHeight } from '../../ui/use-height.ts'
import { useWidth } from '../../ui/use-width.ts'
import { allMessages, filterMessages, isAll, type MessageFilter, toggleQos } from './message-filter.ts'
import { MessageRow } from './message-row.tsx'
import { describeMessage } from './message-words.ts'
import { RowWindow } from './row-window.ts'
import { usePause } from './use-pause.ts'
import './message-list.css'

const rowHeight = 53
const moreHeight = 17
/** Pixels at both sides of a row together, and of a character of its lines, on the safe side. */
const rowPadding = 24
const characterWidth = 5.8
/** Pixels beyond the edges in which rows exist, so that scrolling shows no blanks. */
const overscan = 200

export interface MessageListPaneProps {
  readonly list: MessageList
  readonly selected: number | undefined
  readonly onSelect: (id: number) => void
}

/** Every message, newest first. Only the rows in sight exist. */
export function MessageListPane({ list, selected, onSelect }: MessageListPaneProps) {
  const [filter, setFilter] = useState<MessageFilter>(allMessages)
  const { shown, paused, missed, pause, resume } = usePause(list)
  const messages = useMemo(() => filterMessages(shown, filter), [shown, filter])
  const scroller = useRef<HTMLDivElement>(null)
  const goOn = () => {
    scroller.current?.scrollTo({ top: 0 })
    resume()
  }
  return (
    <section className="messages" aria-label="Messages">
      <header className="pane-head">
        <h2>Messages</h2>
        <span className="pane-note">newest first</span>
        <span className="pane-space" />
        <QosToggles filter={filter} onChange={setFilter} />
      </header>
      <div className="messages-tools">
        <SearchInput
          label="Find messages by topic or client"
          placeholder="topic or client"
          value={filter.text}
          onChange={(text) => setFilter({ ...filter, text })}
        />
        {paused ? (
          <Button
            size="small"
            kind={missed > 0 ? 'primary' : 'plain'}
            onClick={goOn}
            title="The list stands still. Show the new messages"
          >
            {missed > 0 ? `▶ ${formatCount(missed)} new` : '▶ Go on'}
          </Button>
        ) : (
          <Button
            size="small"
            onClick={() => pause('asked')}
            title="Let the list stand still while messages keep coming"
          >
            ❙❙ Pause
          </Button>
        )}
      </div>
      <Rows
        messages={messages}
        selected={selected}
        onSelect={onSelect}
        scroller={scroller}
        onScrolled={(top) => (top > 0 ? pause('scrolled') : resume('scrolled'))}
        empty={<Empty list={list} filter={filter} onClear={() => setFilter(allMessages)} />}
      />
      <Foot list={list} shown={messages.length} filtered={!isAll(filter)} />
    </section>
  )
}

function QosToggles({ filter, onChange }: { filter: MessageFilter; onChange: (filter: MessageFilter) => void }) {
  return (
    <fieldset className="messages-qos" aria-label="Quality of Service">
      {([0, 1, 2] as const).map((qos) => (
        <button
          key={qos}
          type="button"
          className={`messages-toggle messages-toggle-${qos}`}
          aria-pressed={filter.qos.has(qos)}
          aria-label={`QoS ${qos}`}
          title={filter.qos.has(qos) ? `Hide messages of QoS ${qos}` : `Show messages of QoS ${qos}`}
          onClick={() => onChange(toggleQos(filter, qos))}
        >
          {qos}
        </button>
      ))}
    </fieldset>
  )
}

interface RowsProps {
  readonly messages: readonly MessageSummary[]
  readonly selected: number | undefined
  readonly onSelect: (id: number) => void
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly onScrolled: (top: number) => void
  readonly empty: ReactNode
}

function Rows({ messages, selected, onSelect, scroller, onScrolled, empty }: RowsProps) {
  const id = useId()
  const [measured, height] = useHeight<HTMLDivElement>()
  const [list, width] = useWidth<HTMLDivElement>()
  const lineLength = Math.floor((width - rowPadding) / characterWidth)
  const [scrolled, setScrolled] = useState(0)
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      scroller.current = element
      return measured(element)
    },
    [scroller, measured],
  )
  const rows = useMemo(
    () => new RowWindow(messages.length, (i) => heightOf(messages[i], lineLength)),
    [messages, lineLength],
  )
  const { first, end } = rows.between(scrolled - overscan, scrolled + height + overscan)
  const index = messages.findIndex((message) => message.id === selected)
  const onKeyDown = (event: KeyboardEvent) => {
    const next = keyTarget(event.key, index, messages.length, Math.max(1, Math.floor(height / rowHeight) - 1))
    const message = next === undefined ? undefined : messages[next]
    if (next === undefined || message === undefined) return
    event.preventDefault()
    onSelect(message.id)
    scroller.current?.scrollTo({ top: rows.reveal(next, scrolled, height) })
  }
  return (
    <div
      className="messages-scroll"
      ref={attach}
      onScroll={(event) => {
        setScrolled(event.currentTarget.scrollTop)
        onScrolled(event.currentTarget.scrollTop)
      }}
    >
      {messages.length === 0 && empty}
      <div
        className="messages-list"
        ref={list}
        role="listbox"
        aria-label="Messages, newest first"
        tabIndex={0}
        aria-activedescendant={index < 0 ? undefined : `${id}${selected}`}
        style={{ height: rows.height }}
        onKeyDown={onKeyDown}
      >
        {messages.slice(first, end).map((message, i) => (
          <MessageRow
            key={message.id}
            id={`${id}${message.id}`}
            message={message}
            selected={message.id === selected}
            top={rows.top(first + i)}
            height={heightOf(message, lineLength)}
            lineLength={lineLength}
            place={first + i + 1}
            of={messages.length}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  )
}

function heightOf(message: MessageSummary | undefined, lineLength: number): number {
  return message === undefined || describeMessage(message, lineLength).more === '' ? rowHeight : rowHeight + moreHeight
}

function keyTarget(key: string, index: number, count: number, page: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1)
    case 'ArrowUp':
      return Math.max(index - 1, 0)
    case 'PageDown':
      return Math.min(Math.max(index, 0) + page, count - 1)
    case 'PageUp':
      return Math.max(index - page, 0)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

interface EmptyProps {
  readonly list: MessageList
  readonly filter: MessageFilter
  readonly onClear: () => void
}

function Empty({ list, filter, onClear }: EmptyProps) {
  if (list.messages.length > 0 && !isAll(filter)) {
    return (
      <div className="pane-none">
        <p>
          <b>None of {formatPlural(list.messages.length, 'message')} fits.</b>
        </p>
        <p>
          {filter.text.trim() === ''
            ? 'Turn on more of QoS 0, 1 and 2.'
            : `No topic and no client has “${filter.text.trim()}” in it.`}
        </p>
        <Button size="small" onClick={onClear}>
          Show all messages
        </Button>
      </div>
    )
  }
  return (
    <div className="pane-none">
      <p>
        <b>No message has been published yet.</b>
      </p>
      <p>
        As soon as a client publishes something, its message stands here, with everything that became of it: who
        received it, how often, and what was lost on the way.
      </p>
      <p>Switch a device on at the Bench, or publish from a client of your own.</p>
    </div>
  )
}

/** What the list shows and, counted, what it does not. */
function Foot({
  list,
  shown,
  filtered,
}: {
  readonly list: MessageList
  readonly shown: number
  readonly filtered: boolean
}) {
  if (list.total === 0) return null
  const here = list.messages.length
  const parts = [filtered ? `${formatCount(shown)} of ${formatPlural(here, 'message')}` : formatPlural(here, 'message')]
  const coming = list.total - list.forgotten - here
  if (coming > 0) parts.push(`${formatCount(coming)} on their way`)
  if (list.forgotten > 0) parts.push(`${formatCount(list.forgotten)} forgotten`)
  if (list.missed > 0) parts.push(`${formatPlural(list.missed, 'record')} not seen`)
  if (list.problem !== undefined) parts.push(`stopped: ${list.problem}`)
  const title =
    list.forgotten > 0
      ? 'The workbench keeps the newest messages and forgets the oldest to bound its memory. Their packets may still be in the capture.'
      : undefined
  return (
    <footer className="messages-foot" title={title} data-testid="messages-count">
      {parts.join(' · ')}
    </footer>
  )
}
