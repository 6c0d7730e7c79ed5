import './dot.css'

export type DotTone = 'blue' | 'green' | 'amber' | 'red' | 'grey'

/** A state at a glance. Colour alone says nothing: the state is in words beside it, or in `label`. */
export function Dot({ tone, label }: { readonly tone: DotTone; readonly label?: string }) {
  return label === undefined ? (
    <span className={`dot dot-${tone}`} aria-hidden="true" />
  ) : (
    <span className={`dot dot-${tone}`} role="img" aria-label={label} title={label} />
  )
}
