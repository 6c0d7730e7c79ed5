import { useState } from 'react'
import { deviceStates } from '../../../app/device/device-snapshot.ts'
import type { Device } from '../../state/clients.ts'
import { Card } from '../../ui/card.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatCount } from '../../ui/format.ts'
import { nearness, rowsOf, type StateRow, stateTones } from './state-path.ts'
import { type ReadHistory, useHistory } from './use-history.ts'
import './state-card.css'

/** How many of the newest states are in sight before somebody asks for all. */
const few = 2

export interface StateCardProps {
  readonly device: Device
  readonly connected: boolean
  readonly read: ReadHistory
}

/** The device's state machine: where it is, where it can go from there, and how it came there. */
export function StateCard({ device, connected, read }: StateCardProps) {
  const history = useHistory(device, connected, read)
  const [all, setAll] = useState(false)
  const rows = history === undefined ? [] : rowsOf(history)
  // A single one takes no more room than the button that would show it.
  const older = rows.length <= few + 1 && history?.dropped === 0 ? 0 : rows.length - few
  const shown = all || older === 0 ? rows : rows.slice(0, few)
  return (
    <Card title="State">
      <ul className="states" aria-label="States that a device can be in">
        {deviceStates.map((state) => {
          const near = nearness(state, device.state)
          return (
            <li
              key={state}
              className={`state state-${near} state-${stateTones[state]}`}
              aria-current={near === 'now' ? 'step' : undefined}
              title={near === 'next' ? `${device.state} can become ${state}` : undefined}
            >
              {state}
            </li>
          )
        })}
      </ul>
      <ol className="state-path" aria-label="How it came there, newest first" tabIndex={all ? 0 : undefined}>
        {shown.map((row) => (
          <PathRow key={row.number} row={row} />
        ))}
        {all && history !== undefined && history.dropped > 0 && (
          <li className="state-gone">{formatCount(history.dropped)} older ones are gone</li>
        )}
      </ol>
      {older > 0 && (
        <button type="button" className="state-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'fewer' : `${formatCount(older + (history?.dropped ?? 0))} earlier`}
        </button>
      )}
    </Card>
  )
}

function PathRow({ row }: { readonly row: StateRow }) {
  const time = new Date(row.time)
  const words = row.reason === '' ? row.state : `${row.state}: ${row.reason}`
  return (
    <li className="state-row" title={row.lasted === '' ? words : `${words}; it lasted ${row.lasted}`}>
      <time dateTime={time.toISOString()}>{time.toLocaleTimeString('en-GB')}</time>
      <Dot tone={stateTones[row.state]} />
      <span className="state-words">
        <b>{row.state}</b>
        {row.reason !== '' && ` · ${row.reason}`}
      </span>
      <span className="state-lasted">{row.lasted}</span>
    </li>
  )
}
