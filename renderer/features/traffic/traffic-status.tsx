import { type Store, useStore } from '../../state/store.ts'
import { useNow } from '../../state/use-now.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { DownIcon } from '../../ui/icons.tsx'
import type { TrafficView } from './viewport.ts'

export interface TrafficCounts {
  readonly last: number
  readonly evicted: number
  readonly missing: number
}

export interface TrafficStatusProps {
  readonly source: TrafficCounts
  readonly view: Store<TrafficView>
  /** False while there is no connection to the workbench. */
  readonly live: boolean
}

/** What the list shows and, counted, what it does not. */
export function TrafficStatus({ source, view, live }: TrafficStatusProps) {
  useNow()
  const { following } = useStore(view)
  const state = live ? (following ? 'live' : 'paused') : 'not connected'
  return (
    <>
      <span className="traffic-state" role="status" aria-label="Traffic">
        {state} · {formatPlural(source.last, 'record')}
      </span>
      {source.evicted > 0 && (
        <span className="traffic-gone" title="The workbench keeps the newest records; these left it to make room.">
          {formatCount(source.evicted)} oldest have left the workbench
        </span>
      )}
      {source.missing > 0 && <Chip tone="amber">{`${formatCount(source.missing)} BEING READ`}</Chip>}
      <span className="traffic-space" />
      {!following && (
        <Button size="small" onClick={() => view.set({ ...view.value, following: true, selected: undefined })}>
          <DownIcon />
          Back to live
        </Button>
      )}
    </>
  )
}
