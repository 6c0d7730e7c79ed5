import type { ReactNode } from 'react'
import { Split } from '../../ui/split.tsx'
import '../../ui/pane-head.css'
import './traffic.css'

export interface TrafficScreenProps {
  readonly filter: ReactNode
  readonly status: ReactNode
  readonly list: ReactNode
  /** The selected record; undefined while none is selected. */
  readonly detail: ReactNode | undefined
}

/** The same list as on the Bench, from top to bottom, with a filter above and the selected record beside it. */
export function TrafficScreen({ filter, status, list, detail }: TrafficScreenProps) {
  return (
    <section className="traffic-screen" aria-label="Traffic">
      <header className="pane-head traffic-head">
        <h2>Traffic</h2>
        {filter}
        {status}
      </header>
      <Split
        label="Width of the detail"
        name="traffic"
        initial={380}
        least={260}
        leastFirst={720}
        first={list}
        second={detail ?? <p className="pane-none">Select a record to see its octets and what they mean.</p>}
      />
    </section>
  )
}
