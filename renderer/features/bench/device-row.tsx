import { memo } from 'react'
import { windowSeconds } from '../../state/rate-window.ts'
import { Chip } from '../../ui/chip.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatRate } from '../../ui/format.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import { describeClient } from './client-words.ts'
import { describeLoadClient } from './fleet-words.ts'
import type { ClientRow } from './list-rows.ts'

export interface DeviceRowProps {
  readonly row: ClientRow
  readonly now: number
  readonly perSecond: number
  readonly series: readonly number[] | undefined
  readonly theme: string
  readonly selected: boolean
  readonly id: string
  readonly top: number
  readonly onSelect: (key: string) => void
}

export const DeviceRow = memo(function DeviceRow(props: DeviceRowProps) {
  const { row, now, perSecond, series, selected } = props
  const { client, group } = row
  const words = group?.kind === 'load' ? describeLoadClient(client, now) : describeClient(client, now)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active item
    <div
      id={props.id}
      role="treeitem"
      className={group === undefined ? 'device-row' : 'device-row device-row-member'}
      style={{ top: props.top }}
      aria-level={group === undefined ? 1 : 2}
      aria-selected={selected}
      aria-setsize={row.of}
      aria-posinset={row.place}
      onClick={() => props.onSelect(client.key)}
      data-testid={`client-${client.name}`}
    >
      <Dot tone={words.dot} />
      <span className="device-words">
        <b className="device-name" title={client.name}>
          {client.name}
        </b>
        <span className="device-line" title={words.line}>
          {words.line}
        </span>
      </span>
      <span className="device-curve">
        {words.chip !== undefined ? (
          <Chip tone={words.chip.tone}>{words.chip.text}</Chip>
        ) : (
          words.connected &&
          series !== undefined && (
            <Sparkline values={series} length={windowSeconds} colour="--blue" theme={props.theme} />
          )
        )}
      </span>
      <span className="device-rate">{words.connected ? formatRate(perSecond) : '–'}</span>
    </div>
  )
})
