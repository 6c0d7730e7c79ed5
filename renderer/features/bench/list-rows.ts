import type { ClientView } from '../../state/clients.ts'
import type { Entry, FleetGroup } from '../../state/fleets.ts'

/** A row of the list. Its place is among its siblings, from 1. */
export type ListRow = ClientRow | FleetRow

export interface ClientRow {
  readonly kind: 'client'
  readonly key: string
  readonly client: ClientView
  /** The fleet under which it stands. */
  readonly group: FleetGroup | undefined
  readonly place: number
  readonly of: number
}

export interface FleetRow {
  readonly kind: 'fleet'
  readonly key: string
  readonly group: FleetGroup
  readonly open: boolean
  /** Members that the filter lets through; undefined without a filter. */
  readonly matching: number | undefined
  readonly place: number
  readonly of: number
}

/** What somebody chose for the list. */
export interface ListChoices {
  /** Part of an id; empty shows everybody. */
  readonly filter: string
  /** Fleets that were opened or closed by hand. */
  readonly opened: ReadonlyMap<string, boolean>
}

export const noChoices: ListChoices = { filter: '', opened: new Map() }

/** A fleet that is no longer than this stands open until somebody closes it. */
const fewMembers = 8

/** Whether the members of a fleet are shown. What is looked for is always shown. */
export function isOpen({ key, members, kind, wanted }: FleetGroup, { filter, opened }: ListChoices): boolean {
  if (filter.trim() !== '') return true
  return opened.get(key) ?? (kind === 'scripted' && Math.max(members.length, wanted) <= fewMembers)
}

/** The rows that are there to be scrolled through. */
export function rowsOf(entries: readonly Entry[], choices: ListChoices): ListRow[] {
  const filter = choices.filter.trim().toLowerCase()
  const matches = (name: string) => filter === '' || name.toLowerCase().includes(filter)
  const top: { entry: Entry; members: readonly ClientView[] }[] = []
  for (const entry of entries) {
    if (entry.kind === 'client') {
      if (matches(entry.client.name)) top.push({ entry, members: [] })
      continue
    }
    const { group } = entry
    const members = filter === '' ? group.members : group.members.filter((client) => matches(client.name))
    if (members.length > 0 || matches(group.name)) top.push({ entry, members })
  }
  const rows: ListRow[] = []
  top.forEach(({ entry, members }, i) => {
    const place = { place: i + 1, of: top.length }
    if (entry.kind === 'client') {
      rows.push({ kind: 'client', key: entry.client.key, client: entry.client, group: undefined, ...place })
      return
    }
    const { group } = entry
    const open = isOpen(group, choices)
    rows.push({
      kind: 'fleet',
      key: group.key,
      group,
      open,
      matching: filter === '' ? undefined : members.length,
      ...place,
    })
    if (!open) return
    const of = members.length
    members.forEach((client, m) => {
      rows.push({ kind: 'client', key: client.key, client, group, place: m + 1, of })
    })
  })
  return rows
}

/** What is selected while nobody has chosen: the first device that has a row, or else the first row. */
export function firstChoice(entries: readonly Entry[], { opened }: ListChoices): string | undefined {
  const rows = rowsOf(entries, { filter: '', opened })
  return (rows.find((row) => row.kind === 'client' && row.client.device !== undefined) ?? rows[0])?.key
}

/** What a key does in the list: goes to a row, or opens or closes a fleet. */
export type KeyEffect =
  | { readonly kind: 'select'; readonly index: number }
  | { readonly kind: 'open'; readonly key: string; readonly open: boolean }

/**
 * As in any tree: right opens a fleet and then goes into it, left closes it or goes back to it.
 *
 * @param index of the selected row, or -1
 * @param page how many rows are in sight
 */
export function keyEffect(key: string, rows: readonly ListRow[], index: number, page: number): KeyEffect | undefined {
  const last = rows.length - 1
  if (last < 0) return undefined
  const select = (wanted: number): KeyEffect => ({ kind: 'select', index: Math.min(Math.max(wanted, 0), last) })
  const step = Math.max(1, page - 1)
  switch (key) {
    case 'ArrowDown':
      return select(index + 1)
    case 'ArrowUp':
      return select(index - 1)
    case 'PageDown':
      return select(index + step)
    case 'PageUp':
      return select(index - step)
    case 'Home':
      return select(0)
    case 'End':
      return select(last)
    default:
      return fleetKeyEffect(key, rows, index)
  }
}

function fleetKeyEffect(key: string, rows: readonly ListRow[], index: number): KeyEffect | undefined {
  const row = rows[index]
  if (row === undefined) return undefined
  if (row.kind === 'client') {
    const above = key === 'ArrowLeft' ? rows.findIndex((other) => other.key === row.group?.key) : -1
    return above < 0 ? undefined : { kind: 'select', index: above }
  }
  switch (key) {
    case 'ArrowRight':
      if (!row.open) return { kind: 'open', key: row.key, open: true }
      return isMember(rows[index + 1], row) ? { kind: 'select', index: index + 1 } : undefined
    case 'ArrowLeft':
      return row.open ? { kind: 'open', key: row.key, open: false } : undefined
    case 'Enter':
    case ' ':
      return { kind: 'open', key: row.key, open: !row.open }
    default:
      return undefined
  }
}

function isMember(row: ListRow | undefined, fleet: FleetRow): boolean {
  return row?.kind === 'client' && row.group?.key === fleet.key
}
