import type { ReactNode } from 'react'

/** Numbers side by side, three in a line, each with its name. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className="fleet-figures">{children}</dl>
}

export function Figure({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="fleet-figure">{text}</dd>
    </div>
  )
}
