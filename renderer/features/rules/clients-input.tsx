import { useId } from 'react'

/** More would only slow the page down: whoever has more clients types a few letters first. */
const mostChoices = 200

export interface ClientsInputProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly known: readonly string[]
}

/** A pattern of Client Identifiers; nothing typed is every client. */
export function ClientsInput({ label, value, onChange, known }: ClientsInputProps) {
  const id = useId()
  const list = useId()
  const typed = value.toLowerCase()
  const choices = known.filter((client) => client.toLowerCase().includes(typed)).slice(0, mostChoices)
  return (
    <div className="rules-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="rules-input"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder="every client"
        title="A Client Identifier; * stands for any characters"
        list={list}
        autoComplete="off"
        spellCheck={false}
      />
      <datalist id={list}>
        {choices.map((client) => (
          <option key={client} value={client} />
        ))}
      </datalist>
    </div>
  )
}
