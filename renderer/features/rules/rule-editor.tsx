import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { Button } from '../../ui/button.tsx'
import { ClientsInput } from './clients-input.tsx'
import { ChoiceInput, FieldProblem } from './inputs.tsx'
import { FilterField, type FilterSlot, KindField, More, SettingInput } from './rule-fields.tsx'
import {
  breakpointKind,
  type Problems,
  type RuleForm,
  readForm,
  settingFields,
  startForm,
  takesFilter,
  takesWay,
  type Wanted,
} from './rule-form.ts'

export interface RuleEditorProps {
  readonly id: string
  /** Nothing can be added at this moment; what was typed stays. */
  readonly disabled: boolean
  readonly clients: readonly string[]
  readonly checkFilter: (text: string) => string | undefined
  readonly filterInput: FilterSlot | undefined
  readonly add: (wanted: Wanted) => Promise<unknown>
  readonly onClose: () => void
}

/** The form for a new breakpoint or rule. Escape closes it. */
export function RuleEditor(props: RuleEditorProps) {
  const { id, disabled, onClose } = props
  const [form, setForm] = useState<RuleForm>(() => startForm(breakpointKind))
  /** How often it was tried in vain to add this. */
  const [attempts, setAttempts] = useState(0)
  const [refusal, setRefusal] = useState('')
  const [adding, setAdding] = useState(false)
  const root = useRef<HTMLFormElement>(null)
  const read = readForm(form, props.checkFilter)
  // Nobody is told of a mistake while the form is being filled in for the first time.
  const problems: Problems = attempts > 0 && 'problems' in read ? read.problems : {}
  const add = async (wanted: Wanted) => {
    setAdding(true)
    try {
      await props.add(wanted)
      onClose()
    } catch (error) {
      setRefusal(messageOf(error))
    } finally {
      setAdding(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Enter submits whatever the button says.
    if (disabled || adding) return
    if ('wanted' in read) void add(read.wanted)
    else setAttempts(attempts + 1)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // A box inside may have used it to close its own list.
    if (event.key === 'Escape' && !event.defaultPrevented) onClose()
  }
  const onChange = (next: RuleForm) => {
    setRefusal('')
    if (next.kind !== form.kind) setAttempts(0)
    setForm(next)
  }
  useFocusAtStart(root)
  useFocusOnProblem(root, attempts)
  return (
    <form className="rule-editor" id={id} ref={root} onSubmit={submit} onKeyDown={onKeyDown} noValidate>
      <Fields form={form} problems={problems} onChange={onChange} clients={props.clients} slot={props.filterInput} />
      <FieldProblem problem={refusal || problems['']} />
      <div className="rule-editor-end">
        <button type="submit" className="button button-primary button-small" disabled={disabled || adding}>
          {form.kind === breakpointKind ? 'Add breakpoint' : 'Add rule'}
        </button>
        <Button size="small" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

const ways = [
  { value: 'any', label: 'both ways' },
  { value: 'client', label: 'from the client' },
  { value: 'broker', label: 'to the client' },
] as const

interface FieldsProps {
  readonly form: RuleForm
  readonly problems: Problems
  readonly onChange: (form: RuleForm) => void
  readonly clients: readonly string[]
  readonly slot: FilterSlot | undefined
}

/** The fields that the chosen kind has. */
function Fields({ form, problems, onChange, clients, slot }: FieldsProps) {
  const change = (part: Partial<RuleForm>) => onChange({ ...form, ...part })
  const setValue = (key: string, value: string) => change({ values: { ...form.values, [key]: value } })
  return (
    <>
      <KindField kind={form.kind} onChange={(kind) => onChange(startForm(kind, form))} />
      <ClientsInput
        label="clients"
        value={form.clients}
        onChange={(typed) => change({ clients: typed })}
        known={clients}
      />
      {takesWay(form.kind) && (
        <ChoiceInput
          label="way"
          value={form.from}
          choices={ways}
          onChange={(value) => change({ from: ways.find((way) => way.value === value)?.value ?? 'any' })}
        />
      )}
      {takesFilter(form.kind) && (
        <FilterField
          value={form.filter}
          onChange={(filter) => change({ filter })}
          problem={problems['filter']}
          slot={slot}
        />
      )}
      {settingFields(form.kind).map((field) => (
        <SettingInput
          key={field.key}
          field={field}
          value={form.values[field.key] ?? field.initial}
          problem={problems[field.key]}
          onChange={(value) => setValue(field.key, value)}
        />
      ))}
      <More form={form} problems={problems} setValue={setValue} setName={(name) => change({ name })} />
    </>
  )
}

function useFocusAtStart(root: { readonly current: HTMLFormElement | null }): void {
  useEffect(() => root.current?.querySelector('select')?.focus(), [root])
}

/** After a try that failed the focus is on the first field that is wrong. */
function useFocusOnProblem(root: { readonly current: HTMLFormElement | null }, attempts: number): void {
  useEffect(() => {
    if (attempts === 0) return
    const first = root.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid="true"] input')
    first?.closest('details')?.setAttribute('open', '')
    first?.focus()
  }, [root, attempts])
}
