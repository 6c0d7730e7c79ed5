import type { ReactNode } from 'react'
import type { ExchangeSnapshot, MessageSnapshot } from '../../../app/contract/messages.ts'
import { formatCount } from '../../ui/format.ts'
import { countsOf } from './counts.ts'
import { exchangeToShow } from './focus.ts'
import { clientName } from './ladder-words.ts'

export interface DetailsPaneProps {
  readonly message: MessageSnapshot | undefined
  readonly selectedPacket: number | undefined
  readonly packet: ReactNode
  readonly rules: ReactNode
}

/** The packet that is looked at, what both ends make of it, the rules, and how often the message arrived. */
export function DetailsPane({ message, selectedPacket, packet, rules }: DetailsPaneProps) {
  const exchange = message === undefined ? undefined : exchangeToShow(message, selectedPacket)
  return (
    <aside className="handshakes-details" aria-label="Details">
      <div className="handshakes-packet">{packet}</div>
      {exchange !== undefined && <BothSides exchange={exchange} />}
      {rules}
      {message !== undefined && <Count message={message} />}
    </aside>
  )
}

function BothSides({ exchange }: { readonly exchange: ExchangeSnapshot }) {
  const { broker, client, ifDropped } = exchange.sides
  return (
    <section className="handshakes-section" aria-label="State on both sides" data-testid="both-sides">
      <h3 className="pane-title">State on both sides</h3>
      <dl>
        <Row name="broker">{broker}</Row>
        <Row name={clientName(exchange)}>{client}</Row>
        {ifDropped !== undefined && (
          <Row name="if dropped" tone="amber">
            {ifDropped}
          </Row>
        )}
      </dl>
    </section>
  )
}

function Count({ message }: { readonly message: MessageSnapshot }) {
  const { sent, stored, tone, words } = countsOf(message)
  return (
    <section className="handshakes-section" aria-label="Count" data-testid="count">
      <h3 className="pane-title">Count</h3>
      <dl>
        {sent !== undefined && <Row name="sent by device">{formatCount(sent)}</Row>}
        {stored !== undefined && <Row name="stored by broker">{formatCount(stored)}</Row>}
        <Row name="delivered" tone={tone}>
          {words}
        </Row>
      </dl>
    </section>
  )
}

interface RowProps {
  readonly name: string
  readonly tone?: 'plain' | 'green' | 'amber' | 'red'
  readonly children: string
}

function Row({ name, tone = 'plain', children }: RowProps) {
  return (
    <div className="handshakes-row">
      <dt title={name}>{name}</dt>
      <dd className={`count-${tone}`}>{children}</dd>
    </div>
  )
}
