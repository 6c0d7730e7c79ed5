import './search-input.css'

export interface SearchInputProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** What a list is looked through for. As wide as it can be. Escape empties it. */
export function SearchInput({ label, placeholder, value, onChange }: SearchInputProps) {
  return (
    <input
      type="search"
      className="search-input"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && value !== '') onChange('')
      }}
      autoComplete="off"
      spellCheck={false}
    />
  )
}
