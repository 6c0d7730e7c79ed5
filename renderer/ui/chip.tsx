import './chip.css'

export type ChipTone = 'blue' | 'green' | 'amber' | 'red' | 'purple' | 'grey'

export interface ChipProps {
  readonly tone: ChipTone
  /** More about it, for whoever points at it. */
  readonly title?: string | undefined
  readonly children: string
}

/** A short fact in a coloured box. */
export function Chip({ tone, title, children }: ChipProps) {
  return (
    <span className={`chip chip-${tone}`} title={title}>
      {children}
    </span>
  )
}
