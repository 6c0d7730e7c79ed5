import { type ReactNode, useId } from 'react'
import { ChoiceInput, FieldProblem, NumberInput, TextInput } from './inputs.tsx'
import {
  type ChoiceField,
  helpFor,
  isNumberField,
  kindGroups,
  limitFields,
  type NumberField,
  type Problems,
  type RuleForm,
} from './rule-form.ts'

/** A box for a filter; what is wrong with it is said below it. */
export type FilterSlot = (props: {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly label: string
}) => ReactNode

/** A breakpoint or any fault, and what it does. */
export function KindField({ kind, onChange }: { readonly kind: string; readonly onChange: (kind: string) => void }) {
  const id = useId()
  return (
    <>
      <div className="rules-field">
        <label htmlFor={id}>what</label>
        <select
          id={id}
          className="input"
          value={kind}
          aria-describedby={`${id}-help`}
          onChange={(event) => onChange(event.target.value)}
        >
          {kindGroups.map((group) => (
            <optgroup key={group.label} label={group.label}>
              {group.kinds.map((choice) => (
                <option key={choice.kind} value={choice.kind}>
                  {choice.title}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </div>
      <p className="rules-help" id={`${id}-help`}>
        {helpFor(kind)}
      </p>
    </>
  )
}

export interface FilterFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly problem: string | undefined
  readonly slot: FilterSlot | undefined
}

export function FilterField({ value, onChange, problem, slot }: FilterFieldProps) {
  const label = 'packets'
  if (slot === undefined) {
    return (
      <TextInput label={label} value={value} problem={problem} placeholder="every packet" mono onChange={onChange} />
    )
  }
  return (
    <>
      <div className="rules-field" data-invalid={problem !== undefined}>
        <span>{label}</span>
        {slot({ value, onChange, label })}
      </div>
      <FieldProblem problem={problem} />
    </>
  )
}

export interface SettingInputProps {
  readonly field: NumberField | ChoiceField
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
}

export function SettingInput({ field, value, problem, onChange }: SettingInputProps) {
  if (isNumberField(field)) return <NumberInput field={field} value={value} problem={problem} onChange={onChange} />
  const choices = field.choices.map((choice) => ({ value: choice, label: choice }))
  return <ChoiceInput label={field.label} value={value} choices={choices} onChange={onChange} />
}

export interface MoreProps {
  readonly form: RuleForm
  readonly problems: Problems
  readonly setValue: (key: string, value: string) => void
  readonly setName: (name: string) => void
}

/** Which matches, how often, how likely, how long; and the rule's own name. A breakpoint has none of it. */
export function More({ form, problems, setValue, setName }: MoreProps) {
  const limits = limitFields(form.kind)
  if (limits.length === 0) return null
  return (
    <details className="rules-more">
      <summary>more</summary>
      {limits.map((field) => (
        <NumberInput
          key={field.key}
          field={field}
          value={form.values[field.key] ?? ''}
          problem={problems[field.key]}
          onChange={(value) => setValue(field.key, value)}
        />
      ))}
      <TextInput
        label="name"
        value={form.name}
        problem={problems['name']}
        placeholder="what it does"
        onChange={setName}
      />
    </details>
  )
}
