import { useId } from 'react'
import './input.css'

/** More would only slow the page down: whoever has more to choose from types a few letters first. */
const mostChoices = 200

export interface SuggestInputProps {
  readonly id?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** What is offered while somebody types; anything else can be typed as well. */
  readonly known: readonly string[]
  readonly placeholder?: string
  readonly title?: string
}

/** A text that is often one of those that are known. */
export function SuggestInput({ id, value, onChange, known, placeholder, title }: SuggestInputProps) {
  const list = useId()
  const typed = value.toLowerCase()
  const choices = known.filter((choice) => choice.toLowerCase().includes(typed)).slice(0, mostChoices)
  return (
    <>
      <input
        id={id}
        className="input"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder={placeholder}
        title={title}
        list={list}
        autoComplete="off"
        spellCheck={false}
      />
      <datalist id={list}>
        {choices.map((choice) => (
          <option key={choice} value={choice} />
        ))}
      </datalist>
    </>
  )
}
