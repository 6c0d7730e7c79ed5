import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react'
import { rateKey } from '../../state/client-rates.ts'
import type { ClientView } from '../../state/clients.ts'
import type { Population } from '../../state/fleets.ts'
import { useHeardNow } from '../../state/use-now.ts'
import { formatCount } from '../../ui/format.ts'
import { SearchInput } from '../../ui/search-input.tsx'
import { useHeight } from '../../ui/use-height.ts'
import { DeviceRow } from './device-row.tsx'
import { EachSecond } from './each-second.ts'
import { FleetRow } from './fleet-row.tsx'
import { keyEffect, type ListChoices, type ListRow, rowsOf } from './list-rows.ts'
import './device-list.css'

const rowHeight = 41
/** Rows beyond the edges that exist, so that scrolling shows no blanks. */
const overscan = 3

export interface Rates {
  perSecond(key: string, now: number): number
  series(key: string, now: number): number[] | undefined
  together(keys: Iterable<string>, now: number): { perSecond: number; series: number[] | undefined }
}

export interface DeviceListProps {
  readonly population: Population
  readonly rates: Rates
  /** Stands at the end of the head. */
  readonly action: ReactNode
  readonly choices: ListChoices
  readonly onChoices: (choices: ListChoices) => void
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

/** Everybody at the broker, by fleet. */
export function DeviceList(props: DeviceListProps) {
  const { population, choices, onChoices } = props
  const rows = useMemo(() => rowsOf(population.entries, choices), [population, choices])
  return (
    <section className="device-pane" aria-label="Devices">
      <header className="pane-head">
        <h2>Devices</h2>
        <Tally population={population} />
        {props.action}
      </header>
      <div className="device-find">
        <SearchInput
          label="Find devices by id"
          placeholder="Find by id"
          value={choices.filter}
          onChange={(filter) => onChoices({ ...choices, filter })}
        />
        {population.outside > 0 && (
          <span className="pane-note device-tally">{formatCount(population.outside)} outside</span>
        )}
      </div>
      <Rows {...props} rows={rows} />
    </section>
  )
}

/** Only the rows in sight exist, for there may be thousands. */
function Rows(props: DeviceListProps & { readonly rows: readonly ListRow[] }) {
  const { rows, choices, selected, onSelect } = props
  const id = useId()
  const [scroller, height] = useHeight<HTMLDivElement>()
  const [scrolled, setScrolled] = useState(0)
  const index = useMemo(() => rows.findIndex((row) => row.key === selected), [rows, selected])
  // Rows may have gone, and the browser scrolls back only after they have.
  const top = Math.min(scrolled, Math.max(0, rows.length * rowHeight - height))
  const first = Math.max(0, Math.floor(top / rowHeight) - overscan)
  const end = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + overscan)
  const onOpen = (key: string, open: boolean) =>
    props.onChoices({ ...choices, opened: new Map(choices.opened).set(key, open) })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const effect = keyEffect(event.key, rows, index, Math.floor(height / rowHeight))
    if (effect === undefined) return
    event.preventDefault()
    if (effect.kind === 'open') return onOpen(effect.key, effect.open)
    const row = rows[effect.index]
    if (row === undefined) return
    onSelect(row.key)
    event.currentTarget.parentElement?.scrollTo({ top: keepInSight(scrolled, height, effect.index) })
  }
  return (
    <div className="device-scroll" ref={scroller} onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}>
      {rows.length === 0 && props.loaded && <Nobody {...props} />}
      <div
        className="device-list"
        role="tree"
        aria-label="Devices and clients"
        tabIndex={0}
        aria-activedescendant={index < first || index >= end ? undefined : rowId(id, selected ?? '')}
        style={{ height: rows.length * rowHeight }}
        onKeyDown={onKeyDown}
      >
        <RowsInSight {...props} rows={rows} first={first} end={end} id={id} onOpen={onOpen} />
      </div>
    </div>
  )
}

interface RowsInSightProps extends DeviceListProps {
  readonly rows: readonly ListRow[]
  readonly first: number
  readonly end: number
  readonly id: string
  readonly onOpen: (key: string, open: boolean) => void
}

function RowsInSight({ rows, first, end, id, rates, theme, selected, connected, onSelect, onOpen }: RowsInSightProps) {
  const now = useHeardNow(connected)
  const second = Math.floor(now / 1000) * 1000
  const [lately] = useState(() => new EachSecond<Lately>())
  return rows.slice(first, end).map((row, i) => {
    const shown = lately.get(row.key, second, () => latelyOf(row, rates, second))
    const common = {
      id: rowId(id, row.key),
      top: (first + i) * rowHeight,
      selected: row.key === selected,
      theme,
      onSelect,
    }
    if (row.kind === 'fleet') return <FleetRow key={row.key} row={row} {...shown} {...common} onOpen={onOpen} />
    return <DeviceRow key={row.key} row={row} now={needsTicks(row.client) ? now : second} {...shown} {...common} />
  })
}

/** What a row shows of the last seconds. It is found out once a second: between, rows are only told other states. */
interface Lately {
  readonly perSecond: number
  readonly series: number[] | undefined
}

function latelyOf(row: ListRow, rates: Rates, second: number): Lately {
  if (row.kind === 'fleet') return rates.together(keysOf(row.group.members), second)
  const key = keyOf(row.client)
  return { perSecond: rates.perSecond(key, second), series: rates.series(key, second) }
}

function Tally({ population: { devices, online } }: { readonly population: Population }) {
  return <span className="pane-note device-tally">{`${formatCount(devices)} · ${formatCount(online)} online`}</span>
}

function Nobody({ choices, brokerUrl }: Pick<DeviceListProps, 'choices' | 'brokerUrl'>) {
  if (choices.filter.trim() !== '') {
    return <p className="pane-none">No device or client has “{choices.filter.trim()}” in its id.</p>
  }
  return (
    <div className="pane-none device-none">
      <p>
        <b>This workspace has no devices.</b>
      </p>
      <p>
        Begin with <b>+ New device</b> above: it makes a script from a template, and the device runs at once.
      </p>
      <p>
        Or put a script of your own into the folder <code>devices</code>, such as <code>devices/pump.device.ts</code>:
        it shows up here.
      </p>
      {brokerUrl !== undefined && (
        <p>
          Or connect a client of your own to <code>{brokerUrl}</code>.
        </p>
      )}
    </div>
  )
}

/** Keys have spaces, ids must not. */
function rowId(id: string, key: string): string {
  return id + encodeURIComponent(key)
}

function keyOf(client: ClientView): string {
  return client.connection === undefined ? client.name : rateKey(client.connection)
}

function* keysOf(clients: readonly ClientView[]): Generator<string> {
  for (const client of clients) yield keyOf(client)
}

/** Only a wait is shown in tenths of a second. */
function needsTicks(client: ClientView): boolean {
  return client.device?.nextAttemptAt !== undefined
}

function keepInSight(scrolled: number, height: number, index: number): number {
  const top = index * rowHeight
  return Math.min(Math.max(scrolled, top + rowHeight - height), top)
}
