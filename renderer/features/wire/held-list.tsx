import type { HeldPacket, WireState } from '../../../app/contract/wire.ts'
import { useNow } from '../../state/use-now.ts'
import { Chip } from '../../ui/chip.tsx'
import { formatCount, formatWait } from '../../ui/format.ts'
import { type ClientName, describeHeld } from './held-packets.ts'
import './wire.css'

export interface HeldListProps {
  readonly wire: WireState
  readonly selectedPacket: number | undefined
  /** The one that the buttons act on. */
  readonly next: number | undefined
  readonly clientName: ClientName
  readonly onSelect: (packet: number) => void
}

/** Every held packet, in the order of the capture, and since when it waits. */
export function HeldList({ wire, selectedPacket, next, clientName, onSelect }: HeldListProps) {
  const now = useNow()
  const more = wire.heldCount - wire.held.length
  if (wire.held.length === 0) {
    return <p className="held-none">Nothing is held. The next packet that anybody sends stops here.</p>
  }
  return (
    <>
      <ul aria-label="Held packets">
        {wire.held.map((held) => (
          <li key={held.packet}>
            <Held
              held={held}
              now={now}
              selected={held.packet === selectedPacket}
              isNext={held.packet === next}
              clientName={clientName}
              onSelect={onSelect}
            />
          </li>
        ))}
      </ul>
      {more > 0 && <p className="held-none">{formatCount(more)} more are held, and not listed.</p>}
    </>
  )
}

interface HeldProps {
  readonly held: HeldPacket
  readonly now: number
  readonly selected: boolean
  readonly isNext: boolean
  readonly clientName: ClientName
  readonly onSelect: (packet: number) => void
}

function Held({ held, now, selected, isNext, clientName, onSelect }: HeldProps) {
  const words = describeHeld(held, clientName)
  const details = [`${words.from} → ${words.to}`, words.topic, words.behind].filter((part) => part !== '').join(' · ')
  return (
    <button
      type="button"
      className="held"
      aria-pressed={selected}
      title={`Packet ${held.packet}, held by ${words.by}`}
      onClick={() => onSelect(held.packet)}
    >
      <b>
        {words.name}
        {isNext && <Chip tone="amber">NEXT</Chip>}
      </b>
      <span className="held-time">{formatWait(now - held.since)}</span>
      <span className="held-details">{details}</span>
    </button>
  )
}
