import type { Fleet } from '../../state/fleets.ts'
import { Card } from '../../ui/card.tsx'
import { formatCount, formatRate } from '../../ui/format.ts'
import { Figure, Figures } from './fleet-figures.tsx'

/** What a load fleet has done so far. Every line is always there, so that nothing moves while it runs. */
export function FleetCounters({ counters }: { readonly counters: NonNullable<Fleet['counters']> }) {
  const { published, acknowledged, rate, latency, errors } = counters
  // By name: an order by number would shuffle the lines while somebody reads them.
  const reasons = Object.entries(errors).sort(([a], [b]) => a.localeCompare(b))
  return (
    <Card title="Counters">
      <Figures>
        <Figure name="published" text={formatCount(published)} />
        <Figure name="acknowledged" text={formatCount(acknowledged)} />
        <Figure name="messages" text={rate === 0 ? '0/s' : formatRate(rate)} />
        <Figure name="latency p50" text={formatLatency(latency?.p50)} />
        <Figure name="latency p95" text={formatLatency(latency?.p95)} />
        <Figure name="latency p99" text={formatLatency(latency?.p99)} />
      </Figures>
      {reasons.length === 0 && <p className="fleet-note fleet-no-errors">No errors.</p>}
      {reasons.length > 0 && (
        <ul className="fleet-errors" aria-label="Errors by reason">
          {reasons.map(([reason, count]) => (
            <li key={reason}>
              <span>{reason}</span>
              <span className="fleet-figure">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

/** From PUBLISH to PUBACK or PUBCOMP. */
export function formatLatency(ms: number | undefined): string {
  if (ms === undefined) return '–'
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${formatCount(ms)} ms`
}
