import { Dot } from '../../ui/dot.tsx'
import { partsOf, type RowWords } from './row-words.ts'

export interface RuleRowProps {
  readonly words: RowWords
  readonly onToggle: () => void
  readonly onRemove: () => void
}

/** One breakpoint or rule: a click switches it off and on. */
export function RuleRow({ words, onToggle, onRemove }: RuleRowProps) {
  const { text, state, tone, enabled, title } = words
  return (
    <li className={enabled ? 'rule' : 'rule rule-off'}>
      <button
        type="button"
        className="rule-toggle"
        aria-pressed={enabled}
        title={`${title}\nClick to switch it ${enabled ? 'off' : 'on'}`}
        onClick={onToggle}
      >
        <Dot tone={tone} />
        <span className="rule-text">
          {partsOf(text).map((part, index) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
            index % 2 === 1 ? <b key={index}>{part}</b> : <span key={index}>{part}</span>,
          )}
        </span>
        <span className="rule-state">{state}</span>
      </button>
      <button type="button" className="rule-remove" aria-label={`Remove ${text}`} title="Remove" onClick={onRemove}>
        <svg width="10" height="10" viewBox="0 0 10 10" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
          <path d="M1.5 1.5l7 7M8.5 1.5l-7 7" />
        </svg>
      </button>
    </li>
  )
}
