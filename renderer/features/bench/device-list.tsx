import { type KeyboardEvent, useId, useState } from 'react'
import { rateKey } from '../../state/client-rates.ts'
import type { ClientView } from '../../state/clients.ts'
import { useHeardNow } from '../../state/use-now.ts'
import { formatCount } from '../../ui/format.ts'
import { useHeight } from '../../ui/use-height.ts'
import { DeviceRow } from './device-row.tsx'
import './device-list.css'

const rowHeight = 65
/** Rows beyond the edges that exist, so that scrolling shows no blanks. */
const overscan = 3

export interface Rates {
  perSecond(key: string, now: number): number
  series(key: string, now: number): number[] | undefined
}

export interface DeviceListProps {
  readonly clients: readonly ClientView[]
  readonly rates: Rates
  readonly selected: string | undefined
  readonly onSelect: (key: string) => void
  readonly theme: string
  /** Where outside clients connect to; undefined while that is not known. */
  readonly brokerUrl: string | undefined
  /** False while nothing is heard of the workbench: then everything stands still. */
  readonly connected: boolean
  /** False until the workbench has said which devices there are. */
  readonly loaded: boolean
}

/** Everybody at the broker. Only the rows in sight exist, for there may be thousands. */
export function DeviceList(props: DeviceListProps) {
  const { clients, rates, selected, onSelect } = props
  const now = useHeardNow(props.connected)
  const id = useId()
  const [scroller, height] = useHeight<HTMLDivElement>()
  const [scrolled, setScrolled] = useState(0)
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - overscan)
  const end = Math.min(clients.length, Math.ceil((scrolled + height) / rowHeight) + overscan)
  const index = clients.findIndex((client) => client.key === selected)

  const onKeyDown = (event: KeyboardEvent) => {
    const next = keyTarget(event.key, index, clients.length)
    const client = next === undefined ? undefined : clients[next]
    if (next === undefined || client === undefined) return
    event.preventDefault()
    onSelect(client.key)
    event.currentTarget.parentElement?.scrollTo({ top: keepInSight(scrolled, height, next) })
  }
  const second = Math.floor(now / 1000) * 1000
  return (
    <section className="device-pane" aria-label="Devices">
      <header className="pane-head">
        <h2>Devices</h2>
        <Tally clients={clients} />
      </header>
      <div className="device-scroll" ref={scroller} onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}>
        {clients.length === 0 && props.loaded && <NoDevices brokerUrl={props.brokerUrl} />}
        <div
          className="device-list"
          role="listbox"
          aria-label="Devices and clients"
          tabIndex={0}
          aria-activedescendant={index < 0 ? undefined : `${id}${selected}`}
          style={{ height: clients.length * rowHeight }}
          onKeyDown={onKeyDown}
        >
          {clients.slice(first, end).map((client, i) => (
            <DeviceRow
              key={client.key}
              id={`${id}${client.key}`}
              client={client}
              now={needsTicks(client) ? now : second}
              perSecond={rates.perSecond(keyOf(client), now)}
              series={rates.series(keyOf(client), second)}
              theme={props.theme}
              selected={client.key === selected}
              top={(first + i) * rowHeight}
              place={first + i + 1}
              of={clients.length}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
    </section>
  )
}

function Tally({ clients }: { readonly clients: readonly ClientView[] }) {
  const devices = clients.filter((client) => client.device !== undefined)
  const online = devices.filter((client) => client.device?.state === 'online').length
  const outside = clients.length - devices.length
  const parts = [formatCount(devices.length), `${formatCount(online)} online`]
  if (outside > 0) parts.push(`${formatCount(outside)} outside`)
  return <span className="pane-note">{parts.join(' · ')}</span>
}

function NoDevices({ brokerUrl }: { readonly brokerUrl: string | undefined }) {
  return (
    <div className="device-none">
      <p>
        <b>This workspace has no devices.</b>
      </p>
      <p>
        Put a script into its <code>devices</code> folder, such as <code>devices/pump.device.ts</code>, and it shows up
        here.
      </p>
      {brokerUrl !== undefined && (
        <p>
          Or connect a client of your own to <code>{brokerUrl}</code>.
        </p>
      )}
    </div>
  )
}

function keyOf(client: ClientView): string {
  return client.connection === undefined ? client.name : rateKey(client.connection)
}

/** Only a wait is shown in tenths of a second. */
function needsTicks(client: ClientView): boolean {
  return client.device?.nextAttemptAt !== undefined
}

function keyTarget(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1)
    case 'ArrowUp':
      return Math.max(index - 1, 0)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

function keepInSight(scrolled: number, height: number, index: number): number {
  const top = index * rowHeight
  return Math.min(Math.max(scrolled, top + rowHeight - height), top)
}
