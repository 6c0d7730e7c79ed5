import { memo } from 'react'
import { Chip } from '../../ui/chip.tsx'
import type { RowView } from './row.ts'

export interface TrafficRowProps {
  readonly id: string
  /** As a screen reader counts, from 1 for the columns' names. */
  readonly rowIndex: number
  readonly row: RowView
  readonly selected: boolean
  readonly onSelect: (number: number) => void
  readonly onClient: (clientId: string) => void
}

/** Keyed by its place in the window and not by its record, so that scrolling changes texts and builds nothing. */
export const TrafficRow = memo(function TrafficRow({
  id,
  rowIndex,
  row,
  selected,
  onSelect,
  onClient,
}: TrafficRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid itself takes the keys, as a grid does
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
    // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
    <div
      id={id}
      role="row"
      className={`traffic-row traffic-row-${row.tone}`}
      aria-rowindex={rowIndex}
      aria-selected={selected}
      onClick={() => onSelect(row.number)}
    >
      <Cell kind="number" text={String(row.number)} />
      <Cell kind="time" text={row.time} />
      <Ends row={row} onClient={onClient} />
      {row.wide ? <Event row={row} /> : <Packet row={row} />}
    </div>
  )
})

function Packet({ row }: { readonly row: RowView }) {
  return (
    <>
      <Cell kind={`packet ${packetClass(row)}`} text={row.packet} />
      <Cell kind="id" text={row.packetId} />
      {/* biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus */}
      <div role="gridcell" className="traffic-cell traffic-flags">
        <Chips row={row} />
      </div>
      {row.isRemark ? (
        <Cell kind="remark" text={row.topic} columns={2} title={row.topic} />
      ) : (
        <>
          <Cell kind="topic" text={row.topic} />
          <Cell kind="payload" text={row.payload} />
        </>
      )}
      <Cell kind="bytes" text={row.bytes} />
    </>
  )
}

/** What is no packet has no identifier, no flags, no payload: it is read as one sentence. */
function Event({ row }: { readonly row: RowView }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <div role="gridcell" className="traffic-cell traffic-event" aria-colspan={6} title={row.topic}>
      {row.packet !== '' && <span className={`traffic-event-name ${packetClass(row)}`}>{row.packet}</span>}
      <Chips row={row} />
      <span className={row.isRemark ? 'traffic-event-text traffic-remark' : 'traffic-event-text'}>{row.topic}</span>
      {row.payload !== '' && <span className="traffic-event-text traffic-remark">{row.payload}</span>}
    </div>
  )
}

function packetClass({ packetTone, struck }: RowView): string {
  return `traffic-packet-${packetTone}${struck ? ' traffic-struck' : ''}`
}

function Chips({ row }: { readonly row: RowView }) {
  return row.chips.map((chip) => (
    <Chip key={chip.text} tone={chip.tone} title={chip.title}>
      {chip.text}
    </Chip>
  ))
}

interface CellProps {
  readonly kind: string
  readonly text: string
  /** How many columns it takes. @default 1 */
  readonly columns?: number
  readonly title?: string
}

function Cell({ kind, text, columns, title }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <div role="gridcell" className={`traffic-cell traffic-${kind}`} aria-colspan={columns} title={title || undefined}>
      {text}
    </div>
  )
}

function Ends({ row, onClient }: { readonly row: RowView; readonly onClient: (clientId: string) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a windowed grid cannot be a table
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <div role="gridcell" className="traffic-cell traffic-ends">
      <End name={row.from} client={row.client} onClient={onClient} />
      {row.arrow !== '' && <span className="traffic-end"> {row.arrow} </span>}
      {row.to !== '' && <End name={row.to} client={row.client} onClient={onClient} />}
    </div>
  )
}

interface EndProps {
  readonly name: string
  readonly client: string | undefined
  readonly onClient: (clientId: string) => void
}

function End({ name, client, onClient }: EndProps) {
  if (client === undefined || name !== client) return <span className="traffic-end">{name}</span>
  return (
    <button
      type="button"
      tabIndex={-1}
      className="traffic-client"
      title={name}
      onClick={(event) => {
        event.stopPropagation()
        onClient(client)
      }}
    >
      {name}
    </button>
  )
}
