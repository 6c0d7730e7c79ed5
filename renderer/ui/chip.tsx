import './chip.css'

export type ChipTone = 'blue' | 'green' | 'amber' | 'red' | 'purple' | 'grey'

/** A short fact in a coloured box. */
export function Chip({ tone, children }: { readonly tone: ChipTone; readonly children: string }) {
  return <span className={`chip chip-${tone}`}>{children}</span>
}
