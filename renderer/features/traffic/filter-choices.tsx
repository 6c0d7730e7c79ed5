import { useEffect, useRef } from 'react'
import type { Completion } from '../../../app/capture/filter.ts'

export interface FilterChoicesProps {
  readonly id: string
  readonly offers: readonly Completion[]
  readonly active: number | undefined
  readonly onAccept: (offer: Completion) => void
}

/** What could be typed next, and what it means. The cursor stays in the field. */
export function FilterChoices({ id, offers, active, onAccept }: FilterChoicesProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (active !== undefined) list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <>
      <div ref={list} className="filter-choices" id={`${id}choices`} role="listbox" aria-label="What could be typed">
        {offers.map((offer, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the active one
          <div
            key={`${offer.from} ${offer.text}`}
            id={`${id}${i}`}
            role="option"
            className="filter-choice"
            aria-selected={i === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onAccept(offer)}
          >
            <code className="filter-choice-text">{offer.text}</code>
            <span className="filter-choice-detail">{offer.detail}</span>
          </div>
        ))}
      </div>
      <p className="filter-help">
        Side by side means <code>and</code>. <code>or</code>, <code>not</code> and brackets as usual. <kbd>Tab</kbd>{' '}
        takes the first.
      </p>
    </>
  )
}
