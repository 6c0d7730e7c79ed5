import { type Store, useStore } from '../../state/store.ts'
import { useNow } from '../../state/use-now.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { DownIcon } from '../../ui/icons.tsx'
import type { TrafficView } from './viewport.ts'

export interface TrafficCounts {
  readonly oldest: number
  readonly last: number
  readonly evicted: number
  readonly missing: number
}

/** How far a filter has come. */
export interface MatchCounts {
  /** Undefined while every record is shown. */
  readonly filter: { readonly text: string } | undefined
  readonly count: number
  /** Older matches that there was no room for. */
  readonly leftOut: number
  /** The share that was searched, 0 to 1; undefined when all was. */
  readonly progress: number | undefined
  readonly problem: { readonly message: string } | undefined
  retry(): void
}

export interface TrafficStatusProps {
  readonly source: TrafficCounts
  readonly matches?: MatchCounts
  readonly view: Store<TrafficView>
  /** `over`: a recording, which does not grow; `gone`: there is no connection to the workbench. */
  readonly phase: 'live' | 'over' | 'gone'
}

/** What the list shows and, counted, what it does not. */
export function TrafficStatus({ source, matches, view, phase }: TrafficStatusProps) {
  useNow()
  const { following } = useStore(view)
  const state = phase === 'gone' ? 'not connected' : phase === 'over' ? 'recording' : following ? 'live' : 'paused'
  return (
    <>
      <span className="pane-note" role="status" aria-label="Traffic">
        {state} · {describeCounts(source, matches)}
      </span>
      {matches?.problem !== undefined && (
        <>
          <span className="traffic-problem" title={matches.problem.message}>
            the search has stopped: {matches.problem.message}
          </span>
          <Button size="small" onClick={() => matches.retry()}>
            Search on
          </Button>
        </>
      )}
      {source.evicted > 0 && (
        <span className="pane-note" title="The workbench keeps the newest records; these left it to make room.">
          {formatCount(source.evicted)} oldest have left the workbench
        </span>
      )}
      {source.missing > 0 && <Chip tone="amber">{`${formatCount(source.missing)} BEING READ`}</Chip>}
      <span className="pane-space" />
      {!following && phase !== 'over' && (
        <Button size="small" onClick={() => view.set({ ...view.value, following: true, selected: undefined })}>
          {/* An icon has no baseline: what stands first gives the button's. */}
          Back to live
          <DownIcon />
        </Button>
      )}
    </>
  )
}

/** `48,640 records`, `123 of 48,640 records · searching … 60 %` */
export function describeCounts(source: TrafficCounts, matches: MatchCounts | undefined): string {
  if (matches?.filter === undefined) return formatPlural(source.last, 'record')
  const parts = [`${formatCount(matches.count)} of ${formatPlural(source.last - source.oldest + 1, 'record')}`]
  if (matches.leftOut > 0) parts.push(`${formatCount(matches.leftOut)} older ones left out`)
  if (matches.progress !== undefined && matches.problem === undefined) {
    parts.push(`searching … ${Math.floor(matches.progress * 100)} %`)
  }
  return parts.join(' · ')
}
