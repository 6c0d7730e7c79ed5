import { type ReactNode, useId } from 'react'
import './card.css'

export interface CardProps {
  readonly title: string
  readonly tone?: 'plain' | 'purple' | 'red'
  readonly children: ReactNode
}

export function Card({ title, tone = 'plain', children }: CardProps) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={id}>
      <h3 id={id} className={`card-title card-title-${tone}`}>
        {title}
      </h3>
      <div className="card-body">{children}</div>
    </section>
  )
}

/** Names and values, one pair a line. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
