import { memo } from 'react'
import type { ClientView } from '../../state/clients.ts'
import { windowSeconds } from '../../state/rate-window.ts'
import { Chip } from '../../ui/chip.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatRate } from '../../ui/format.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import { describeClient } from './client-words.ts'

export interface DeviceRowProps {
  readonly client: ClientView
  readonly now: number
  readonly perSecond: number
  readonly series: readonly number[] | undefined
  readonly theme: string
  readonly selected: boolean
  readonly id: string
  readonly top: number
  /** Its place among all, from 1, and how many there are. */
  readonly place: number
  readonly of: number
  readonly onSelect: (key: string) => void
}

export const DeviceRow = memo(function DeviceRow(props: DeviceRowProps) {
  const { client, now, perSecond, series, selected } = props
  const words = describeClient(client, now)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
    <div
      id={props.id}
      role="option"
      className="device-row"
      style={{ top: props.top }}
      aria-selected={selected}
      aria-setsize={props.of}
      aria-posinset={props.place}
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
