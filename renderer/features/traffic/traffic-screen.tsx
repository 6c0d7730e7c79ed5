import type { ReactNode } from 'react'
import './traffic.css'

/** The same list as on the Bench, from top to bottom. */
export function TrafficScreen({ status, list }: { readonly status: ReactNode; readonly list: ReactNode }) {
  return (
    <section className="traffic-screen" aria-label="Traffic">
      <header className="traffic-head">
        <h2>Traffic</h2>
        {status}
      </header>
      {list}
    </section>
  )
}
