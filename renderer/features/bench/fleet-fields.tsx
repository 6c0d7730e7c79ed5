import { type ReactNode, useId } from 'react'
import '../../ui/input.css'

export interface FieldProps {
  readonly label: string
  /** In place of what is wrong, while nothing is. */
  readonly help?: string
  /** What the workspace says that it is, where it is something else now: `script: 1s`. */
  readonly written?: string | undefined
  readonly problem: string | undefined
  /** @param ids for the control: its own, and of what describes it. */
  readonly children: (ids: {
    readonly id: string
    readonly 'aria-invalid': boolean
    readonly 'aria-describedby': string | undefined
  }) => ReactNode
}

/** A name, a control, and below it what is wrong with it, or what helps. */
export function Field({ label, help, written, problem, children }: FieldProps) {
  const id = useId()
  const note = problem ?? help
  return (
    <div className="fleet-field">
      <span className="fleet-label">
        <label htmlFor={id}>{label}</label>
        {written !== undefined && <Changed written={written} />}
      </span>
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

/** Marks what was changed while the fleet runs: it is not what the next start will do. */
export function Changed({ written }: { readonly written: string }) {
  return (
    <span className="fleet-changed" title={`changed while it runs · ${written}`}>
      changed · {written}
    </span>
  )
}

export interface TextFieldProps {
  readonly label: string
  readonly value: string
  readonly problem: string | undefined
  readonly onChange: (value: string) => void
  readonly help?: string
  readonly written?: string | undefined
  readonly placeholder?: string
  readonly numeric?: boolean
  readonly disabled: boolean
}

export function TextField(props: TextFieldProps) {
  const { label, value, problem, onChange, help, written, placeholder, numeric, disabled } = props
  return (
    <Field label={label} problem={problem} written={written} {...(help !== undefined && { help })}>
      {(ids) => (
        <input
          {...ids}
          className="input input-mono"
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
