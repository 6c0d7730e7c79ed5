import { useId } from 'react'
import { SuggestInput } from '../../ui/suggest-input.tsx'

export interface ClientsInputProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly known: readonly string[]
}

/** A pattern of Client Identifiers; nothing typed is every client. */
export function ClientsInput({ label, value, onChange, known }: ClientsInputProps) {
  const id = useId()
  return (
    <div className="rules-field">
      <label htmlFor={id}>{label}</label>
      <SuggestInput
        id={id}
        value={value}
        onChange={onChange}
        placeholder="every client"
        title="A Client Identifier; * stands for any characters"
        known={known}
      />
    </div>
  )
}
