import { useId } from 'react'
import type { NumberField } from './rule-form.ts'
import '../../ui/input.css'

/** What is wrong, below the field that it is about. */
export function FieldProblem({ problem, id }: { readonly problem: string | undefined; readonly id?: string }) {
  return problem === undefined || problem === '' ? null : (
    <p className="rules-problem rules-field-problem" id={id} role="alert">
      {problem}
    </p>
  )
}

export interface TextInputProps {
  readonly label: string
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
  readonly placeholder?: string
  readonly unit?: string
  readonly numeric?: boolean
  readonly mono?: boolean
}

export function TextInput(props: TextInputProps) {
  const { label, value, problem, onChange, placeholder, unit = '', numeric = false, mono = false } = props
  const id = useId()
  const classes = ['input', ...(numeric ? ['rules-number'] : []), ...(mono ? ['input-mono'] : [])]
  const describedBy = [...(unit === '' ? [] : [`${id}-unit`]), ...(problem === undefined ? [] : [`${id}-problem`])]
  return (
    <>
      <div className="rules-field">
        <label htmlFor={id}>{label}</label>
        <span className="rules-control">
          <input
            id={id}
            className={classes.join(' ')}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            placeholder={placeholder}
            inputMode={numeric ? 'decimal' : 'text'}
            aria-invalid={problem !== undefined}
            aria-describedby={describedBy.join(' ') || undefined}
            autoComplete="off"
            spellCheck={false}
          />
          {unit !== '' && <span id={`${id}-unit`}>{unit}</span>}
        </span>
      </div>
      <FieldProblem problem={problem} id={`${id}-problem`} />
    </>
  )
}

export interface NumberInputProps {
  readonly field: NumberField
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
}

export function NumberInput({ field, value, problem, onChange }: NumberInputProps) {
  const { label, unit, empty } = field
  return (
    <TextInput
      label={label}
      value={value}
      problem={problem}
      onChange={onChange}
      unit={unit}
      numeric
      {...(empty !== undefined && { placeholder: empty.words })}
    />
  )
}

export interface ChoiceInputProps {
  readonly label: string
  readonly value: string
  readonly choices: readonly { readonly value: string; readonly label: string }[]
  readonly onChange: (value: string) => void
}

export function ChoiceInput({ label, value, choices, onChange }: ChoiceInputProps) {
  const id = useId()
  return (
    <div className="rules-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  )
}
