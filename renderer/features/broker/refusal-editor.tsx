import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { SuggestInput } from '../../ui/suggest-input.tsx'
import {
  codesOf,
  fieldsOf,
  type Order,
  type RefusalForm,
  readForm,
  refusedPackets,
  remarks,
  startForm,
} from './broker-words.ts'
import '../../ui/input.css'

export interface RefusalEditorProps {
  readonly disabled: boolean
  /** Client Identifiers that are known. */
  readonly clients: readonly string[]
  readonly onRefuse: (order: Order) => Promise<boolean>
}

/** Orders one more refusal. */
export function RefusalEditor({ disabled, clients, onRefuse }: RefusalEditorProps) {
  const [form, setForm] = useState(() => startForm('CONNECT'))
  const read = readForm(form)
  const has = fieldsOf(form)
  const set = (change: Partial<RefusalForm>) => setForm({ ...form, ...change })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if ('order' in read && (await onRefuse(read.order))) setForm(startForm(form.packet, form.code))
  }
  return (
    <form className="broker-form" aria-label="Refuse on purpose" onSubmit={(event) => void submit(event)}>
      <Field label="packet">
        {(id) => (
          <Choice
            id={id}
            value={form.packet}
            choices={refusedPackets.map((packet) => ({ value: packet, label: packet }))}
            onChange={(packet) => setForm({ ...startForm(packet), clients: form.clients, times: form.times })}
          />
        )}
      </Field>
      <Field label="reason code">
        {(id) => (
          <Choice
            id={id}
            value={form.code}
            choices={codesOf(form.packet).map(({ code, label }) => ({ value: code, label }))}
            onChange={(code) => set({ code })}
          />
        )}
      </Field>
      <Field label="clients">
        {(id) => (
          <SuggestInput
            id={id}
            value={form.clients}
            onChange={(value) => set({ clients: value })}
            known={clients}
            placeholder="every client"
            title="A Client Identifier; * stands for any characters"
          />
        )}
      </Field>
      <Text label="how many times" value={form.times} hint="until it is removed" onChange={(times) => set({ times })} />
      {has.topic && (
        <Text label="topic filter" value={form.topic} hint="every topic" onChange={(topic) => set({ topic })} />
      )}
      {has.reason && (
        <Text label="reason string" value={form.reason} hint="it was ordered" onChange={(reason) => set({ reason })} />
      )}
      {has.serverReference && (
        <Text
          label="other server"
          value={form.serverReference}
          hint="other.example:1883"
          onChange={(serverReference) => set({ serverReference })}
        />
      )}
      <div className="broker-form-end">
        <span className={'problem' in read ? 'broker-problem' : 'broker-remark'}>
          {'problem' in read ? read.problem : remarks[form.packet]}
        </span>
        <button type="submit" className="button button-danger button-small" disabled={disabled || 'problem' in read}>
          Refuse
        </button>
      </div>
    </form>
  )
}

interface FieldProps {
  readonly label: string
  readonly children: (id: string) => ReactNode
}

function Field({ label, children }: FieldProps) {
  const id = useId()
  return (
    <div className="broker-field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  )
}

interface TextProps {
  readonly label: string
  readonly value: string
  /** What nothing typed means. */
  readonly hint: string
  readonly onChange: (value: string) => void
}

function Text({ label, value, hint, onChange }: TextProps) {
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          className="input"
          value={value}
          placeholder={hint}
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

interface ChoiceProps<T extends string | number> {
  readonly id: string
  readonly value: T
  readonly choices: readonly { readonly value: T; readonly label: string }[]
  readonly onChange: (value: T) => void
}

function Choice<T extends string | number>({ id, value, choices, onChange }: ChoiceProps<T>) {
  return (
    <select
      id={id}
      className="input"
      value={value}
      onChange={(event) => {
        const chosen = choices.find((choice) => String(choice.value) === event.target.value)
        if (chosen !== undefined) onChange(chosen.value)
      }}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  )
}
