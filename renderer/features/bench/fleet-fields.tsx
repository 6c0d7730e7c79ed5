import { type ReactNode, useId } from 'react'

export interface FieldProps {
  readonly label: string
  /** In place of what is wrong, while nothing is. */
  readonly help?: string
  readonly problem: string | undefined
  /** @param ids for the control: its own, and of what describes it. */
  readonly children: (ids: {
    readonly id: string
    readonly 'aria-invalid': boolean
    readonly 'aria-describedby': string | undefined
  }) => ReactNode
}

/** A name, a control, and below it what is wrong with it, or what helps. */
export function Field({ label, help, problem, children }: FieldProps) {
  const id = useId()
  const note = problem ?? help
  return (
    <div className="fleet-field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-invalid': problem !== undefined,
        'aria-describedby': note === undefined ? undefined : `${id}-note`,
      })}
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={problem === undefined ? 'fleet-note' : 'fleet-note fleet-problem'}
          role={problem === undefined ? undefined : 'alert'}
        >
          {note}
        </p>
      )}
    </div>
  )
}

export interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
  readonly help?: string
  readonly placeholder?: string
  readonly numeric?: boolean
  readonly disabled: boolean
}

export function TextField({ label, value, problem, onChange, help, placeholder, numeric, disabled }: TextFieldProps) {
  return (
    <Field label={label} problem={problem} {...(help !== undefined && { help })}>
      {(ids) => (
        <input
          {...ids}
          className={numeric === true ? 'fleet-input fleet-number' : 'fleet-input'}
          value={value}
          placeholder={placeholder}
          inputMode={numeric === true ? 'decimal' : 'text'}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </Field>
  )
}
