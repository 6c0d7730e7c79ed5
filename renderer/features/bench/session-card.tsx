import type { ConnectionSnapshot } from '../../../app/contract/contract.ts'
import type { Session } from '../../state/clients.ts'
import { Card, Fact, Facts } from '../../ui/card.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatCount } from '../../ui/format.ts'

export const qosTones = ['grey', 'blue', 'green'] as const

export interface SessionCardProps {
  readonly session: Session | undefined
  readonly connection: ConnectionSnapshot | undefined
  readonly now: number
}

export function SessionCard({ session, connection, now }: SessionCardProps) {
  if (session === undefined) {
    return (
      <Card title="Session">
        <p className="inspector-remark">The broker holds no session for this client.</p>
      </Card>
    )
  }
  return (
    <Card title="Session">
      <Facts>
        <Fact name={session.protocolVersion === 5 ? 'clean start' : 'clean session'}>
          {session.clean ? 'yes' : 'no'} · session present{' '}
          <b className={session.sessionPresent ? 'inspector-yes' : 'inspector-no'}>
            {session.sessionPresent ? 'yes' : 'no'}
          </b>
        </Fact>
        <Fact name="keep alive">{describeKeepAlive(session, connection, now)}</Fact>
        <Fact name="subscriptions">
          {session.subscriptions.length === 0 && <span className="inspector-quiet">none</span>}
          {session.subscriptions.map(({ filter, qos }) => (
            <span className="inspector-filter" key={filter}>
              <code>{filter}</code> <Chip tone={qosTones[qos]}>{`QoS ${qos}`}</Chip>
            </span>
          ))}
        </Fact>
        <Fact name="queued">{formatCount(session.queued)}</Fact>
      </Facts>
    </Card>
  )
}

/** The broker gives up after one and a half times the keep alive without a packet [MQTT-3.1.2-24]. */
function describeKeepAlive(session: Session, connection: ConnectionSnapshot | undefined, now: number): string {
  if (session.keepAlive === 0) return 'off'
  const interval = `${session.keepAlive} s`
  const heard = connection?.open === true ? connection.lastFromClientAt : undefined
  if (!session.connected || heard === undefined) return interval
  // The screen's clock ticks once in a while: a packet may have come since, and so from its future.
  const left = heard + session.keepAlive * 1500 - Math.max(now, heard)
  return left <= 0 ? `${interval} · overdue` : `${interval} · gives up in ${Math.ceil(left / 1000)} s`
}
