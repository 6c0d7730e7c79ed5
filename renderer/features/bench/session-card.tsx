import type { ConnectionSnapshot } from '../../../app/contract/contract.ts'
import type { Session } from '../../state/clients.ts'
import { Card, Fact, Facts } from '../../ui/card.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatPlural } from '../../ui/format.ts'
import { describeClean, describeKeepAlive } from './session-words.ts'

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
        <Fact name="session">{describeClean(session)}</Fact>
        <Fact name="at CONNECT">
          broker had{' '}
          <b className={session.sessionPresent ? 'inspector-yes' : 'inspector-no'}>
            {session.sessionPresent ? 'its session' : 'no session'}
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
        <Fact name="queued">
          {session.queued === 0 ? (
            <span className="inspector-quiet">nothing</span>
          ) : (
            formatPlural(session.queued, 'message')
          )}
        </Fact>
      </Facts>
    </Card>
  )
}
