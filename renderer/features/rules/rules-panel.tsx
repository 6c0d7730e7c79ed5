import { type ReactNode, useId, useRef, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { WireState } from '../../../app/contract/wire.ts'
import type { Store } from '../../state/store.ts'
import type { RulesCalls, Tell } from './calls.ts'
import { LinkActions } from './link-actions.tsx'
import { breakpointWords, type RowWords, ruleWords } from './row-words.ts'
import { RuleEditor } from './rule-editor.tsx'
import type { FilterSlot } from './rule-fields.tsx'
import { readForm, type Wanted } from './rule-form.ts'
import { RuleRow } from './rule-row.tsx'
import type { Template } from './templates.ts'
import '../../ui/pane-head.css'
import './rules.css'

export interface RulesPanelProps {
  /** Undefined while nothing is known of the workbench: then nothing can be done. */
  readonly wire: WireState | undefined
  /** The clients that quick rules are for, as they are typed. Kept outside, so that it stays when another screen was shown. */
  readonly pattern: Store<string>
  /** Known Client Identifiers, to choose from. */
  readonly clients: readonly string[]
  readonly call: RulesCalls
  /** Says what is wrong with a filter; undefined where nothing is. */
  readonly checkFilter: (text: string) => string | undefined
  /** A better box for filters than the plain one. */
  readonly filterInput?: FilterSlot | undefined
}

/** Breakpoints and rules: what is in force, and what can be added. */
export function RulesPanel({ wire, clients, pattern, call, checkFilter, filterInput }: RulesPanelProps) {
  const [adding, setAdding] = useState(false)
  const [note, setNote] = useState<Note | undefined>(undefined)
  const heading = useId()
  const editor = useId()
  const addButton = useRef<HTMLButtonElement>(null)
  const off = wire === undefined

  const tell: Tell = async (promise, words) => {
    setNote(undefined)
    try {
      const result = await promise
      if (words !== undefined) setNote({ kind: 'done', text: words(result) })
      return true
    } catch (error) {
      setNote({ kind: 'problem', text: messageOf(error) })
      return false
    }
  }
  const add = (wanted: Wanted) =>
    wanted.kind === 'breakpoint' ? call.addBreakpoint(wanted.filter) : call.addRule(wanted.rule)
  const close = () => {
    setAdding(false)
    addButton.current?.focus()
  }
  const addTemplate = (template: Template, pattern: string) => {
    const read = readForm(template.form(pattern), checkFilter)
    if ('wanted' in read) void tell(add(read.wanted))
    else setNote({ kind: 'problem', text: Object.values(read.problems).join('; ') })
  }
  return (
    <section className="rules" aria-labelledby={heading}>
      <header className="pane-head">
        <h2 id={heading}>Breakpoints and rules</h2>
        <span className="pane-space" />
        <button
          ref={addButton}
          type="button"
          className="rules-add"
          disabled={off}
          aria-expanded={adding}
          aria-controls={editor}
          onClick={() => setAdding(!adding)}
        >
          + add
        </button>
      </header>
      {adding && (
        <RuleEditor
          id={editor}
          disabled={off}
          clients={clients}
          checkFilter={checkFilter}
          filterInput={filterInput}
          add={add}
          onClose={close}
        />
      )}
      <Rows wire={wire} call={call} tell={tell} onEmptied={() => addButton.current?.focus()} />
      <LinkActions
        disabled={off}
        clients={clients}
        pattern={pattern}
        call={call}
        tell={tell}
        onTemplate={addTemplate}
      />
      {/* Below what is pressed, so that it moves nothing under the mouse. */}
      <NoteLine note={note} />
    </section>
  )
}

interface Note {
  readonly kind: 'problem' | 'done'
  readonly text: string
}

/** Always there, so that a screen reader hears what appears in it. */
function NoteLine({ note }: { readonly note: Note | undefined }): ReactNode {
  return (
    <>
      <p className="rules-note rules-problem" role="alert">
        {note?.kind === 'problem' ? note.text : ''}
      </p>
      <p className="rules-note" role="status">
        {note?.kind === 'done' ? note.text : ''}
      </p>
    </>
  )
}

interface RowsProps {
  readonly wire: WireState | undefined
  readonly call: RulesCalls
  readonly tell: Tell
  /** The last row was removed. */
  readonly onEmptied: () => void
}

interface Row {
  readonly words: RowWords
  enable(enabled: boolean): Promise<unknown>
  remove(): Promise<unknown>
}

function Rows({ wire, call, tell, onEmptied }: RowsProps) {
  const list = useRef<HTMLUListElement>(null)
  const rows: readonly Row[] = [
    ...(wire?.breakpoints ?? []).map((breakpoint) => ({
      words: breakpointWords(breakpoint),
      enable: (enabled: boolean) => call.enableBreakpoint(breakpoint.id, enabled),
      remove: () => call.removeBreakpoint(breakpoint.id),
    })),
    ...(wire?.rules ?? []).map((rule) => ({
      words: ruleWords(rule),
      enable: (enabled: boolean) => call.enableRule(rule.id, enabled),
      remove: () => call.removeRule(rule.id),
    })),
  ]
  if (rows.length === 0) {
    return <p className="rules-none">{wire === undefined ? 'Not connected.' : 'No breakpoints, no rules.'}</p>
  }
  const remove = async (row: Row, index: number) => {
    const toggles = [...(list.current?.querySelectorAll<HTMLElement>('.rule-toggle') ?? [])]
    // The focus must not fall into nothing together with the row.
    const next = toggles[index + 1] ?? toggles[index - 1]
    if (!(await tell(row.remove()))) return
    if (next === undefined) onEmptied()
    else next.focus()
  }
  return (
    <ul ref={list}>
      {rows.map((row, index) => (
        <RuleRow
          key={row.words.key}
          words={row.words}
          onToggle={() => void tell(row.enable(!row.words.enabled))}
          onRemove={() => void remove(row, index)}
        />
      ))}
    </ul>
  )
}
