import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Disposable } from '../../../app/base/disposable.ts'
import {
  type Completion,
  completeFilter,
  type FilterError,
  type KnownNames,
  parseFilter,
} from '../../../app/capture/filter.ts'
import type { CompiledFilter } from '../../../app/capture/subject.ts'
import { browserClock } from '../../state/browser-clock.ts'
import { type Store, useStore } from '../../state/store.ts'
import './filter-box.css'
import { FilterChoices } from './filter-choices.tsx'

/** How long nothing must be typed before a filter counts. */
const settleMs = 300

export interface FilterBoxProps {
  /** What is typed, right or wrong. Kept outside, so that it stays when another screen was shown meanwhile. */
  readonly text: Store<string>
  /** Hears of filters that can be read, when the typing pauses; the last one goes on while a mistake is being typed. */
  readonly onFilter: (filter: CompiledFilter) => void
  /** Names that are offered, when they are asked for. */
  readonly known: () => KnownNames
}

/** Where one types a filter, with what could be typed next below it. `/` brings the cursor here from anywhere. */
export function FilterBox({ text, onFilter, known }: FilterBoxProps) {
  const input = useRef<HTMLInputElement>(null)
  const marks = useRef<HTMLDivElement>(null)
  const value = useStore(text)
  const [cursor, setCursor] = useState(0)
  const [wantedCursor, setWantedCursor] = useState<number>()
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState<number>()
  const id = useId()
  const error = useMemo(() => errorOf(value), [value])
  const offers = useMemo(() => (open ? completeFilter(value, cursor, known()) : []), [open, value, cursor, known])
  useSlashKey(input)
  useLayoutEffect(() => {
    if (wantedCursor === undefined) return
    input.current?.setSelectionRange(wantedCursor, wantedCursor)
    setCursor(wantedCursor)
    setWantedCursor(undefined)
  }, [wantedCursor])

  const apply = useSettled(onFilter)
  const type = (next: string, at: number) => {
    text.set(next)
    setCursor(at)
    setActive(undefined)
    const result = parseFilter(next)
    apply.later('filter' in result ? result.filter : undefined)
  }
  const accept = ({ text: taken, from, to }: Completion) => {
    type(value.slice(0, from) + taken + value.slice(to), from + taken.length)
    setWantedCursor(from + taken.length)
  }
  const clear = () => {
    type('', 0)
    apply.now()
    setOpen(false)
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keyAction(event, offers, active)
    if (act === undefined) return
    event.preventDefault()
    if (event.key === 'Enter' && act.accept === undefined) apply.now()
    if (act.accept !== undefined) accept(act.accept)
    else {
      setOpen(act.open)
      setActive(act.active)
    }
  }
  const shown = offers.length > 0
  return (
    <div className="filter-box">
      <div className="filter-field" data-wrong={error !== undefined}>
        <div className="filter-marks" ref={marks} aria-hidden="true">
          {error !== undefined && <Mark text={value} error={error} />}
        </div>
        <input
          ref={input}
          className="filter-input"
          role="combobox"
          type="text"
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={`${id}choices`}
          aria-activedescendant={shown && active !== undefined ? `${id}${active}` : undefined}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}error`}
          placeholder='Filter: client:pump-* type:publish payload~"offline"'
          spellCheck={false}
          autoComplete="off"
          value={value}
          onChange={({ currentTarget }) => {
            type(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)
            setOpen(true)
          }}
          onSelect={({ currentTarget }) => setCursor(currentTarget.selectionStart ?? 0)}
          onScroll={({ currentTarget }) => marks.current?.scrollTo({ left: currentTarget.scrollLeft })}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(false)}
        />
        {value === '' ? (
          <kbd className="filter-key">/</kbd>
        ) : (
          <button type="button" className="filter-clear" aria-label="Clear the filter" onClick={clear}>
            ×
          </button>
        )}
      </div>
      {error !== undefined && !shown && <Mistake id={id} error={error} look="filter-error" />}
      {shown && (
        <div className="filter-panel">
          {error !== undefined && <Mistake id={id} error={error} look="filter-error-quiet" />}
          <FilterChoices id={id} offers={offers} active={active} onAccept={accept} />
        </div>
      )}
    </div>
  )
}

interface MistakeProps {
  readonly id: string
  readonly error: FilterError
  readonly look: 'filter-error' | 'filter-error-quiet'
}

/** While choices are open it is in their panel; otherwise below the field, where it moves the list and covers nothing. */
function Mistake({ id, error, look }: MistakeProps) {
  return (
    <p className={look} id={`${id}error`} role="status">
      {error.message}
    </p>
  )
}

interface Settled {
  /** Instead of what waited before; undefined where what is typed cannot be read. */
  later(filter: CompiledFilter | undefined): void
  now(): void
}

/**
 * A filter counts when the typing has paused: on the way to `type:publish` there is `typ`, which is a filter as well, and
 * would leave an empty list behind.
 */
function useSettled(onFilter: (filter: CompiledFilter) => void): Settled {
  const waiting = useRef<{ readonly filter: CompiledFilter; readonly timer: Disposable }>(undefined)
  const latest = useRef(onFilter)
  latest.current = onFilter
  const [settled] = useState<Settled>(() => {
    const now = () => {
      const last = waiting.current
      waiting.current = undefined
      last?.timer.dispose()
      if (last !== undefined) latest.current(last.filter)
    }
    const later = (filter: CompiledFilter | undefined) => {
      waiting.current?.timer.dispose()
      waiting.current = filter === undefined ? undefined : { filter, timer: browserClock.after(settleMs, now) }
    }
    return { later, now }
  })
  useEffect(() => settled.now, [settled])
  return settled
}

/** The same text as in the field, unseen, with a line under what is wrong. */
function Mark({ text, error: { position, length } }: { readonly text: string; readonly error: FilterError }) {
  return (
    <>
      {text.slice(0, position)}
      <span className="filter-wrong">{text.slice(position, position + length) || ' '}</span>
      {text.slice(position + length)}
    </>
  )
}

function errorOf(text: string): FilterError | undefined {
  const result = parseFilter(text)
  return 'error' in result ? result.error : undefined
}

interface KeyAction {
  readonly accept?: Completion
  readonly open: boolean
  readonly active: number | undefined
}

/** What a key does to the choices; undefined where it is the field's own business. */
export function keyAction(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey'>,
  offers: readonly Completion[],
  active: number | undefined,
): KeyAction | undefined {
  const chosen = active === undefined ? undefined : offers[active]
  const shown = offers.length > 0
  switch (event.key) {
    case 'ArrowDown':
      if (!shown) return { open: true, active: undefined }
      return { open: true, active: active === undefined ? 0 : (active + 1) % offers.length }
    case 'ArrowUp':
      return shown ? { open: true, active: (active ?? 0) === 0 ? offers.length - 1 : (active ?? 0) - 1 } : undefined
    case ' ':
      return event.ctrlKey ? { open: true, active: undefined } : undefined
    case 'Enter':
      return chosen === undefined
        ? { open: false, active: undefined }
        : { accept: chosen, open: true, active: undefined }
    case 'Tab': {
      const taken = chosen ?? offers[0]
      return taken === undefined || event.shiftKey ? undefined : { accept: taken, open: true, active: undefined }
    }
    case 'Escape':
      return shown ? { open: false, active: undefined } : undefined
    default:
      return undefined
  }
}

/** `/` begins a filter, unless somebody is writing something. */
function useSlashKey(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      const { target } = event
      const writes =
        target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || writes) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [input])
}
