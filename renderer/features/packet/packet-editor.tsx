import { type KeyboardEvent, type ReactNode, useId, useMemo, useReducer } from 'react'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { decodePacket } from '../../../app/mqtt/decode.ts'
import { Button } from '../../ui/button.tsx'
import { formatPlural } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { type Draft, type EditorAction, type EditorState, edit, openEditor, problemOf } from './editor-state.ts'
import { changedRanges } from './hex-rows.ts'
import { PacketView } from './packet-view.tsx'
import './packet-pane.css'
import './packet-editor.css'

export interface PacketEditorProps {
  /** The whole packet as it is held. */
  readonly octets: Uint8Array
  readonly version: ProtocolVersion
  readonly onDeliver: (octets: Uint8Array) => void
  readonly onCancel: () => void
}

/** Changes a held packet before it is delivered, by its fields or octet by octet. It may become malformed: that is the point. */
export function PacketEditor({ octets, version, onDeliver, onCancel }: PacketEditorProps) {
  const [state, dispatch] = useReducer(edit, undefined, () => openEditor(octets, version))
  const decoded = useMemo(() => decodePacket(state.octets, version), [state.octets, version])
  const [, changed] = changedRanges(state.before, state.octets)
  const isChanged = state.octets.length !== state.before.length || changed.end > changed.start
  const problem = problemOf(state)
  const onKeyDown = (event: KeyboardEvent) => {
    // What was changed is not thrown away by a key.
    if (event.key === 'Escape' && !isChanged && problem === undefined) onCancel()
  }
  return (
    <section ref={focusFirst} className="packet-editor" aria-label="Edit packet" onKeyDown={onKeyDown}>
      <header className="packet-head">
        <h2 className="packet-type">{decoded.type ?? 'no Control Packet'}</h2>
        <span className="packet-quiet">edit before it is delivered</span>
        <span className="packet-space" />
        <span className="packet-quiet">{formatPlural(state.octets.length, 'byte')}</span>
      </header>
      <div className="packet-scroll">
        <div className="editor-fields">
          <Flags state={state} dispatch={dispatch} />
          <PacketId state={state} dispatch={dispatch} />
          <Payload state={state} dispatch={dispatch} />
          <TextField
            label="octets, in hexadecimal"
            draft={state.raw}
            rows={6}
            onChange={(text) => dispatch({ type: 'raw', text })}
          />
        </div>
        <PacketView
          octets={state.octets}
          length={state.octets.length}
          decoded={decoded}
          changed={isChanged ? changed : undefined}
        />
      </div>
      <footer className="editor-foot">
        <Button size="small" onClick={() => dispatch({ type: 'undo' })} disabled={!isChanged && problem === undefined}>
          Undo all
        </Button>
        <span className="packet-space" />
        <Button size="small" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          size="small"
          kind="primary"
          onClick={() => onDeliver(state.octets)}
          disabled={problem !== undefined}
          {...(problem !== undefined && { title: problem })}
        >
          {isChanged ? 'Deliver changed' : 'Deliver unchanged'}
        </Button>
      </footer>
    </section>
  )
}

/** It was opened to be typed in, mostly by a button that is far away. */
function focusFirst(editor: HTMLElement | null): void {
  editor?.querySelector<HTMLElement>('input, textarea')?.focus()
}

interface PartProps {
  readonly state: EditorState
  readonly dispatch: (action: EditorAction) => void
}

const qosChoices = [0, 1, 2] as const

function Flags({ state, dispatch }: PartProps) {
  const { dup, qos, retain } = state.fields
  if (dup === undefined || qos === undefined || retain === undefined) return null
  const flag = (name: 'DUP' | 'RETAIN', on: boolean) => (
    <label className="editor-check">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => dispatch({ type: 'flag', flag: name, on: event.currentTarget.checked })}
      />
      {name}
    </label>
  )
  return (
    <Row label="flags">
      <div className="editor-flags">
        {flag('DUP', dup)}
        <Segments
          label="QoS"
          value={String(qos)}
          onChange={(value) => dispatch({ type: 'qos', qos: Number(value) as 0 | 1 | 2 })}
          segments={qosChoices.map((choice) => ({ value: String(choice), label: `QoS ${choice}` }))}
        />
        {flag('RETAIN', retain)}
      </div>
    </Row>
  )
}

function PacketId({ state, dispatch }: PartProps) {
  const id = useId()
  const { packetId } = state
  if (state.fields.packetId === undefined) return null
  return (
    <Row label="packet identifier" htmlFor={id}>
      <input
        id={id}
        className="editor-input editor-id"
        inputMode="numeric"
        value={packetId.text}
        aria-invalid={packetId.problem !== undefined}
        aria-describedby={`${id}-problem`}
        onChange={(event) => dispatch({ type: 'packetId', text: event.currentTarget.value })}
      />
      <Problem id={`${id}-problem`} draft={packetId} />
    </Row>
  )
}

function Payload({ state, dispatch }: PartProps) {
  if (state.fields.payload === undefined) return null
  return (
    <TextField
      label="payload"
      draft={state.payload}
      rows={4}
      onChange={(text) => dispatch({ type: 'payload', text })}
      beside={
        <Segments
          label="payload as"
          value={state.payloadForm}
          onChange={(form) => dispatch({ type: 'payloadForm', form })}
          segments={[
            { value: 'text', label: 'text', disabled: !state.canBeText },
            { value: 'hex', label: 'hex' },
          ]}
        />
      }
    />
  )
}

interface TextFieldProps {
  readonly label: string
  readonly draft: Draft
  readonly rows: number
  readonly onChange: (text: string) => void
  readonly beside?: ReactNode
}

function TextField({ label, draft, rows, onChange, beside }: TextFieldProps) {
  const id = useId()
  return (
    <Row label={label} htmlFor={id} beside={beside}>
      <textarea
        id={id}
        className="editor-input"
        rows={rows}
        spellCheck={false}
        autoComplete="off"
        value={draft.text}
        aria-invalid={draft.problem !== undefined}
        aria-describedby={`${id}-problem`}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Problem id={`${id}-problem`} draft={draft} />
    </Row>
  )
}

interface RowProps {
  readonly label: string
  readonly htmlFor?: string
  readonly beside?: ReactNode
  readonly children: ReactNode
}

function Row({ label, htmlFor, beside, children }: RowProps) {
  return (
    <div className="editor-row">
      <div className="editor-label">
        {htmlFor === undefined ? <span>{label}</span> : <label htmlFor={htmlFor}>{label}</label>}
        {beside}
      </div>
      {children}
    </div>
  )
}

function Problem({ id, draft }: { readonly id: string; readonly draft: Draft }) {
  return (
    <p id={id} className="editor-problem" role="alert">
      {draft.problem}
    </p>
  )
}
