import { type ReactNode, useMemo, useState } from 'react'
import type { Captured, CapturedEvent, CapturedPacket, PacketFate } from '../../../app/capture/captured.ts'
import type { ProtocolVersion } from '../../../app/mqtt/control-packet.ts'
import { decodePacket } from '../../../app/mqtt/decode.ts'
import { Button } from '../../ui/button.tsx'
import { Fact, Facts } from '../../ui/card.tsx'
import { formatPlural } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { changedRanges } from './hex-rows.ts'
import { PacketView } from './packet-view.tsx'
import { changedOctets, describeChange, describeEvent, describeFate, isReadable, packetIdOf } from './packet-words.ts'
import './packet-pane.css'

export interface PacketPaneProps {
  /** Undefined where nothing is selected, or what was is gone. */
  readonly record: Captured | undefined
  /** Of the record's connection. */
  readonly version: ProtocolVersion
  /** What became of the packet, in order; empty where it simply went on. */
  readonly fates: readonly PacketFate[]
  /** Stands beside the packet's type, such as `held 12.4 s`. */
  readonly title?: ReactNode
  /** Buttons for this record. */
  readonly actions?: ReactNode
  /** Offers to edit the packet; only where the packet is held, and all its octets are here. */
  readonly onEdit?: (() => void) | undefined
}

/** All that one record says: its octets, its fields, what is wrong with it, and what became of it. */
export function PacketPane(props: PacketPaneProps) {
  const { record } = props
  if (record === undefined) {
    return (
      <aside className="packet-pane" aria-label="Packet">
        <header className="packet-head" />
        <p className="pane-none">No packet is selected, or it is gone.</p>
      </aside>
    )
  }
  return (
    <aside className="packet-pane" aria-label="Packet">
      {record.kind === 'event' ? (
        <EventBody key={keyOf(record)} {...props} record={record} />
      ) : (
        <PacketBody key={keyOf(record)} {...props} record={record} />
      )}
    </aside>
  )
}

/** Records of two captures can have the same number. */
function keyOf({ number, time, connection }: Captured): string {
  return `${number} ${time} ${connection}`
}

function PacketBody(props: PacketPaneProps & { readonly record: CapturedPacket }) {
  const { version, fates, title } = props
  // A record never changes, and it costs to read it anew because a store made another object of it.
  const [record] = useState(props.record)
  const [side, setSide] = useState<'came' | 'went'>('came')
  const after = useMemo(() => changedOctets(fates), [fates])
  const went = side === 'went' && after !== undefined
  const octets = went ? after : record.octets
  const length = went ? after.length : record.length
  const decoded = useMemo(() => decodePacket(octets, version, length), [octets, version, length])
  const readable = went || isReadable(record, decoded)
  const [was, is] = after === undefined ? [undefined, undefined] : changedRanges(record.octets, after)
  return (
    <>
      <header className="packet-head">
        <h2 className="packet-type">{(readable ? decoded.type : undefined) ?? 'no Control Packet'}</h2>
        <Beside id={readable ? packetIdOf(decoded) : undefined} title={title} />
        <span className="packet-space" />
        <span className="packet-quiet">{formatPlural(length, 'byte')}</span>
      </header>
      <div className="packet-scroll">
        <Actions {...props} />
        {record.malformed !== false && (
          <p className="packet-malformed">
            The stream could not be framed: {record.malformed}. It was passed on as it came.
          </p>
        )}
        {after !== undefined && (
          <div className="packet-sides">
            <Segments
              label="Octets"
              value={side}
              onChange={setSide}
              segments={[
                { value: 'came', label: 'as it came' },
                { value: 'went', label: 'as it went on' },
              ]}
            />
          </div>
        )}
        <PacketView
          key={side}
          octets={octets}
          length={length}
          decoded={readable ? decoded : undefined}
          changed={went ? is : was}
        />
        {fates.length > 0 && <Fates fates={fates} before={record.octets} after={after} />}
      </div>
    </>
  )
}

/** `id 77 · held 12.4 s` */
function Beside({ id, title }: { readonly id: string | undefined; readonly title: ReactNode }) {
  return (
    <span className="packet-quiet">
      {id !== undefined && `id ${id}`}
      {id !== undefined && title !== undefined && ' · '}
      {title}
    </span>
  )
}

function Actions({ actions, onEdit }: PacketPaneProps) {
  if (actions === undefined && onEdit === undefined) return null
  return (
    <div className="packet-actions">
      {actions}
      {onEdit !== undefined && (
        <Button size="small" onClick={onEdit}>
          Edit…
        </Button>
      )}
    </div>
  )
}

interface FatesProps {
  readonly fates: readonly PacketFate[]
  readonly before: Uint8Array
  readonly after: Uint8Array | undefined
}

function Fates({ fates, before, after }: FatesProps) {
  return (
    <section className="packet-section" aria-label="What became of it">
      <header className="packet-section-head">
        <h3>What became of it</h3>
      </header>
      <Facts>
        {fates.map((fate, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: fates are only ever added at the end
          <Fact key={i} name={describeFate(fate)}>
            {fate.by}
          </Fact>
        ))}
        {after !== undefined && (
          <Fact name="octets">
            <code className="packet-change">{describeChange(before, after)}</code>
          </Fact>
        )}
      </Facts>
    </section>
  )
}

function EventBody(props: PacketPaneProps & { readonly record: CapturedEvent }) {
  const words = describeEvent(props.record.event)
  return (
    <>
      <header className="packet-head">
        <h2 className={`packet-type packet-type-${words.tone}`}>{words.title}</h2>
        <Beside id={undefined} title={props.title} />
      </header>
      <div className="packet-scroll">
        <Actions {...props} />
        <section className="packet-section" aria-label="Event">
          <Facts>
            {words.facts.map(([name, value]) => (
              <Fact key={name} name={name}>
                {value}
              </Fact>
            ))}
          </Facts>
        </section>
      </div>
    </>
  )
}
