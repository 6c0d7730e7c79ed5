import { type ReactNode, useEffect, useRef } from 'react'
import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import type { WireState } from '../../../app/contract/wire.ts'
import type { MessageList } from '../../state/message-store.ts'
import { useStore } from '../../state/store.ts'
import { DetailsPane } from './details-pane.tsx'
import { exchangeOfPacket, heldPacketOf, packetToOpen } from './focus.ts'
import { LadderPane } from './ladder-pane.tsx'
import { MessageListPane } from './message-list-pane.tsx'
import type { MessageSource } from './message-source.ts'
import { useSelection } from './use-selection.ts'
import '../../ui/pane-head.css'
import './handshakes.css'

export interface HandshakesScreenProps {
  readonly messages: MessageSource
  /** Undefined until the workbench has told. */
  readonly wire: WireState | undefined
  /** Number of the packet that is looked at. */
  readonly selectedPacket: number | undefined
  readonly onSelectPacket: (packet: number) => void
  /** Number of the held packet that the buttons act on. */
  readonly next: number | undefined
  /** The packet in detail. */
  readonly packet: ReactNode
  /** Breakpoints and rules. */
  readonly rules: ReactNode
  /** Wall time in milliseconds at which the capture's time is 0. */
  readonly captureStart: number
  /** What stands under the broker's name, such as `embedded`. */
  readonly broker?: string
}

/** Every message, the ladder of one of them, and what its ends make of it. */
export function HandshakesScreen(props: HandshakesScreenProps) {
  const { messages, wire, selectedPacket, onSelectPacket } = props
  const list = useStore(messages.list)
  const { message, shown, selected, select } = useSelection(messages)
  useFirstHeld(messages, list, selected)
  useOpenPacket(message, selectedPacket, onSelectPacket)
  return (
    <div className="handshakes">
      <MessageListPane list={list} selected={selected} onSelect={select} />
      <section className="handshakes-middle" aria-label="Handshake">
        {shown !== undefined ? (
          <LadderPane
            key={shown.id}
            message={shown}
            selectedPacket={selectedPacket}
            onSelectPacket={onSelectPacket}
            next={props.next}
            captureStart={props.captureStart}
            broker={props.broker ?? ''}
          />
        ) : selected !== undefined ? (
          <NotRead forgotten={list.messages.every(({ id }) => id !== selected)} />
        ) : (
          <NothingSelected holding={wire?.holding === true} />
        )}
      </section>
      <DetailsPane message={shown} selectedPacket={selectedPacket} packet={props.packet} rules={props.rules} />
    </div>
  )
}

/**
 * Opens the newest message that is held, once, while nobody has chosen one: what stops in front of a class is to be
 * seen. Later on a message that is being read looks like none, and must not be taken from whoever chose it.
 */
function useFirstHeld(messages: MessageSource, list: MessageList, selected: number | undefined): void {
  const chosen = useRef(false)
  useEffect(() => {
    if (list.total === 0) chosen.current = false
    if (selected !== undefined) chosen.current = true
    if (chosen.current) return
    const held = list.messages.find(({ state }) => state === 'held')
    if (held !== undefined) messages.select(held.id)
  }, [messages, list, selected])
}

/** Looks at a packet of the message that was opened, and at each that gets held, because that is what wants attention. */
function useOpenPacket(
  message: MessageSnapshot | undefined,
  selectedPacket: number | undefined,
  onSelectPacket: (packet: number) => void,
): void {
  const shown = useRef<{ readonly id: number; readonly held: number | undefined } | undefined>(undefined)
  useEffect(() => {
    if (message === undefined) return
    const held = heldPacketOf(message)
    const before = shown.current?.id === message.id ? shown.current : undefined
    shown.current = { id: message.id, held }
    const opened = before === undefined && exchangeOfPacket(message, selectedPacket) === undefined
    const next = opened ? packetToOpen(message) : held !== undefined && held !== before?.held ? held : undefined
    if (next !== undefined && next !== selectedPacket) onSelectPacket(next)
  }, [message, selectedPacket, onSelectPacket])
}

function NotRead({ forgotten }: { readonly forgotten: boolean }) {
  return (
    <>
      <header className="pane-head">
        <h2>Handshake</h2>
      </header>
      <p className="handshakes-none" role="status">
        {forgotten
          ? 'The workbench has forgotten this message to make room for newer ones.'
          : 'The message is being read from the workbench …'}
      </p>
    </>
  )
}

function NothingSelected({ holding }: { readonly holding: boolean }) {
  return (
    <>
      <header className="pane-head">
        <h2>Handshake</h2>
      </header>
      <div className="handshakes-none">
        <p>
          <b>Choose a message at the left to see its handshake:</b> every packet that went between its publisher, the
          broker and its subscribers, in the order of time.
        </p>
        <dl>
          <dt>QoS 0</dt>
          <dd>At most once. One PUBLISH and no answer: what is lost stays lost.</dd>
          <dt>QoS 1</dt>
          <dd>At least once. PUBACK answers; without it PUBLISH is sent again, and may arrive twice.</dd>
          <dt>QoS 2</dt>
          <dd>Exactly once. PUBREC, PUBREL and PUBCOMP make both ends agree on what has arrived.</dd>
        </dl>
        <p>
          {holding
            ? 'The wire is held: the next packet stops in mid-air, and its message opens here.'
            : 'Hold everything (Shift+F8) stops packets in mid-air: deliver them one by one, or drop one and see what follows.'}
        </p>
      </div>
    </>
  )
}
