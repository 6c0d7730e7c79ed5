import type { Result } from '../../../app/contract/contract.ts'
import { previewOf } from '../../state/payload-preview.ts'
import { Card, Fact, Facts } from '../../ui/card.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatPlural, formatSpan } from '../../ui/format.ts'
import { keepAliveClock } from './keep-alive-clock.ts'
import { describeKept, describeShown, formatCountdown, phaseOf, versionNames } from './session-words.ts'

export type Detail = Result<'sessions.show'>

export interface SessionCardProps {
  readonly detail: Detail
  readonly now: number
}

export const qosTones = ['grey', 'blue', 'green'] as const

/** How it began, how long it is kept, and what it has lost. */
export function AboutCard({ detail, now }: SessionCardProps) {
  const { session } = detail
  const { clean, expiry, expiresAt, lost, protocolVersion, sessionPresent, userName } = session
  const losses = [
    [lost.queueFull, 'the queue was full'],
    [lost.expired, 'expired'],
    [lost.tooLarge, 'too large for the client'],
    [lost.cleared, 'its queue was cleared'],
  ] as const
  return (
    <Card title="Session">
      <Facts>
        <Fact name="protocol">{versionNames[protocolVersion]}</Fact>
        <Fact name={protocolVersion === 5 ? 'clean start' : 'clean session'}>
          {clean ? 'on' : 'off'} · session present{' '}
          <b className={sessionPresent ? 'sessions-yes' : 'sessions-no'}>{sessionPresent ? 'yes' : 'no'}</b>
        </Fact>
        <Fact name="user">{userName ?? <span className="sessions-quiet">anonymous</span>}</Fact>
        <Fact name="dropped">
          {losses.every(([messages]) => messages === 0) ? (
            <span className="sessions-quiet">no message for it</span>
          ) : (
            losses
              .filter(([messages]) => messages > 0)
              .map(([messages, why]) => `${formatPlural(messages, 'message')}: ${why}`)
              .join(', ')
          )}
        </Fact>
        <Fact name="kept">
          <span data-testid="session-expiry">{describeKept(session, now)}</span>
        </Fact>
      </Facts>
      {phaseOf(session) === 'ended' && (
        <p className="sessions-remark" data-testid="session-shown-until">
          {describeShown(session, now)}
        </p>
      )}
      {expiresAt !== undefined && expiry !== undefined && (
        <Bar
          share={(expiresAt - now) / (expiry * 1000)}
          tone="amber"
          label="What is left of the Session Expiry Interval"
        />
      )}
    </Card>
  )
}

/** @param at wall time at which `detail` was asked for */
export function KeepAliveCard({ detail, at, now }: SessionCardProps & { readonly at: number }) {
  const { keepAlive, session } = detail
  if (session.keepAlive === 0 || keepAlive === undefined) {
    return (
      <Card title="Keep alive">
        <p className="sessions-remark">
          {keepAlive === undefined
            ? 'The client is not connected: nothing is expected of it.'
            : 'Off: the client may be silent for as long as it likes.'}
        </p>
      </Card>
    )
  }
  const { share, tone, words } = keepAliveClock(keepAlive.silent + Math.max(0, now - at), session.keepAlive)
  return (
    <Card title={`Keep alive · ${session.keepAlive} s`}>
      <Bar share={share} tone={tone} label="Silence, of what is allowed" mark={2 / 3} />
      <div className="sessions-scale" aria-hidden="true">
        <span>0</span>
        <span>{session.keepAlive} s</span>
        <span>{session.keepAlive * 1.5} s (1.5×)</span>
      </div>
      <p className={`sessions-remark sessions-${tone}`} data-testid="keep-alive">
        {words}
      </p>
    </Card>
  )
}

export function WillCard({ detail, now }: SessionCardProps) {
  const { will } = detail.session
  if (will === undefined) {
    return (
      <Card title="Will · none">
        <p className="sessions-remark">
          {phaseOf(detail.session) === 'ended'
            ? 'It had none: nobody was told.'
            : 'If this client dies, nobody is told.'}
        </p>
      </Card>
    )
  }
  const { contentType, delay, messageExpiryInterval, payload, qos, reason, retain, since, state, topic, until } = will
  return (
    <Card title={`Will · ${state}`} tone="purple">
      <Facts>
        <Fact name="topic">
          <code>{topic}</code> <Chip tone={qosTones[qos]}>{`QoS ${qos}`}</Chip>
          {retain && <Chip tone="purple">RETAIN</Chip>}
        </Fact>
        <Fact name="payload">
          <code>{previewOf(payload)}</code>
        </Fact>
        {contentType !== undefined && <Fact name="content type">{contentType}</Fact>}
        {messageExpiryInterval !== undefined && (
          <Fact name="expires">{formatCountdown(messageExpiryInterval * 1000)} after it is published</Fact>
        )}
        {delay > 0 && <Fact name="delay">{formatCountdown(delay * 1000)}</Fact>}
        {state === 'armed' ? (
          <Fact name="armed">published if the connection ends without DISCONNECT</Fact>
        ) : (
          <Fact name={state}>
            {formatSpan(now - since)} ago{reason === undefined ? '' : ` · ${reason}`}
          </Fact>
        )}
        {until !== undefined && <Fact name="goes out in">{formatCountdown(until - now)}</Fact>}
      </Facts>
      {until !== undefined && delay > 0 && (
        <Bar share={(until - now) / (until - since)} tone="purple" label="What is left of the Will Delay Interval" />
      )}
    </Card>
  )
}

interface BarProps {
  /** 0 to 1. */
  readonly share: number
  readonly tone: 'green' | 'amber' | 'red' | 'purple'
  readonly label: string
  /** Where a line stands, 0 to 1. */
  readonly mark?: number
}

function Bar({ share, tone, label, mark }: BarProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10
  return (
    <div
      className="sessions-bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
    >
      <div className={`sessions-bar-${tone}`} style={{ width: `${percent}%` }} />
      {mark !== undefined && <i style={{ left: `${mark * 100}%` }} />}
    </div>
  )
}
