import { memo } from 'react'
import { windowSeconds } from '../../state/rate-window.ts'
import { Dot } from '../../ui/dot.tsx'
import { formatCount, formatRate } from '../../ui/format.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import { fleetCounts, fleetDot, fleetName } from './fleet-words.ts'
import type { FleetRow as Row } from './list-rows.ts'

export interface FleetRowProps {
  readonly row: Row
  readonly perSecond: number
  readonly series: readonly number[] | undefined
  readonly theme: string
  readonly selected: boolean
  readonly id: string
  readonly top: number
  readonly onSelect: (key: string) => void
  readonly onOpen: (key: string, open: boolean) => void
}

/** A fleet in the list: how its members are, and whether they are shown below it. */
export const FleetRow = memo(function FleetRow(props: FleetRowProps) {
  const { row, perSecond, series, selected, onOpen, onSelect } = props
  const { group, open, matching } = row
  const counts = fleetCounts(group)
  const toggle = () => onOpen(row.key, !open)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active item
    <div
      id={props.id}
      role="treeitem"
      className="device-row"
      style={{ top: props.top }}
      aria-level={1}
      aria-selected={selected}
      aria-expanded={open}
      aria-setsize={row.of}
      aria-posinset={row.place}
      onClick={() => onSelect(row.key)}
      onDoubleClick={toggle}
      data-testid={`fleet-${group.name}`}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys do it, from the tree */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the item says that it is expanded */}
      <span
        className="device-twist"
        data-open={open}
        title={open ? 'Close the fleet' : 'Open the fleet'}
        onClick={(event) => {
          event.stopPropagation()
          toggle()
        }}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <svg width={8} height={8} viewBox="0 0 10 10" aria-hidden="true">
          <path d="M3 1.5 7 5 3 8.5" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </span>
      <Dot tone={fleetDot(group)} />
      <span className="device-words">
        <b className="device-name" title={group.name}>
          {fleetName(group)}
        </b>
        <span className="device-line" title={counts.map(({ text }) => text).join(' · ')}>
          {matching !== undefined && `${formatCount(matching)} found · `}
          {counts.map(({ text, tone }, i) => (
            <span key={text}>
              {i > 0 && ' · '}
              <span className={`fleet-count-${tone}`}>{text}</span>
            </span>
          ))}
        </span>
      </span>
      <span className="device-curve">
        {series !== undefined && (
          <Sparkline values={series} length={windowSeconds} colour="--blue" theme={props.theme} />
        )}
      </span>
      <span className="device-rate">{group.online > 0 ? formatRate(perSecond) : '–'}</span>
    </div>
  )
})
