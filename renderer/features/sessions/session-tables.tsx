import { previewOf } from '../../state/payload-preview.ts'
import { Card } from '../../ui/card.tsx'
import { Chip } from '../../ui/chip.tsx'
import { formatCount, formatSpan, formatWait } from '../../ui/format.ts'
import { compareMarks, type FilterChange, markOfNow } from './reconnect-diff.ts'
import { type Detail, qosTones, type SessionCardProps } from './session-cards.tsx'
import { congestedFor, formatCountdown, optionsOf, phaseOf, waitingOf } from './session-words.ts'

type Outgoing = Detail['inflight'][number]

/** Subscriptions that are shown: more are counted. */
const mostShown = 100

export function SubscriptionsCard({ detail }: { readonly detail: Detail }) {
  const { protocolVersion, subscriptions } = detail.session
  const isFive = protocolVersion === 5
  return (
    <Card title={`Subscriptions · ${formatCount(subscriptions.length)}`}>
      {subscriptions.length === 0 ? (
        <p className="sessions-remark">None: nothing is sent to this client.</p>
      ) : (
        <table className="sessions-table">
          <thead>
            <tr>
              <th>topic filter</th>
              <th>granted</th>
              {isFive && <th>options</th>}
              {isFive && <th>identifier</th>}
            </tr>
          </thead>
          <tbody>
            {subscriptions.slice(0, mostShown).map((subscription) => (
              <tr key={subscription.filter}>
                <td title={subscription.filter}>
                  <code>{subscription.filter}</code>
                </td>
                <td>
                  <Chip tone={qosTones[subscription.qos]}>{`QoS ${subscription.qos}`}</Chip>
                </td>
                {isFive && <td>{optionsOf(subscription).join(' · ') || '–'}</td>}
                {isFive && <td>{subscription.identifier ?? '–'}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More shown={Math.min(subscriptions.length, mostShown)} of={subscriptions.length} />
    </Card>
  )
}

export function OutgoingCard({ detail, now }: SessionCardProps) {
  const { inflight, session, waiting } = detail
  const queued = waitingOf(session)
  const congested = congestedFor(session, now)
  return (
    <Card title={`To the client · ${formatCount(session.inflight)} in flight · ${formatCount(queued)} waiting`}>
      {congested !== undefined && (
        <p className="sessions-remark sessions-amber" data-testid="session-congested">
          There has been no room on its connection for {formatSpan(congested)}: the client, or what is between, takes
          what it is sent more slowly than it comes, or not at all. What comes for it waits, until the queue is full.
        </p>
      )}
      {inflight.length + waiting.length === 0 ? (
        <p className="sessions-remark">
          {phaseOf(session) === 'ended' ? 'What waited is gone with the Session.' : 'Nothing waits for this client.'}
        </p>
      ) : (
        <table className="sessions-table" data-testid="outgoing">
          <thead>
            <tr>
              <th>id</th>
              <th>topic</th>
              <th>QoS</th>
              <th>state</th>
              <th>age</th>
              <th>payload</th>
            </tr>
          </thead>
          <tbody>
            {inflight.map((message) => (
              <OutgoingRow key={`sent ${message.packetId}`} message={message} now={now} />
            ))}
            {waiting.map((message, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: it has no number of its own before it is sent
              <OutgoingRow key={`waits ${i}`} message={message} now={now} />
            ))}
          </tbody>
        </table>
      )}
      <More shown={inflight.length + waiting.length} of={session.inflight + queued} />
    </Card>
  )
}

function OutgoingRow({ message, now }: { readonly message: Outgoing; readonly now: number }) {
  const { expiresAt, packetId, payload, payloadLength, publisher, qos, retain, sends, since, state, topic } = message
  return (
    <tr>
      <td className="sessions-number">{packetId === 0 ? '–' : packetId}</td>
      <td>
        <code title={publisher === undefined ? topic : `${topic}, published by ${publisher}`}>{topic}</code>
        {retain && <Chip tone="purple">RETAIN</Chip>}
      </td>
      <td>
        <Chip tone={qosTones[qos]}>{`QoS ${qos}`}</Chip>
      </td>
      <td className={state === 'idle' ? 'sessions-quiet' : 'sessions-amber'}>
        {state === 'idle' ? 'waits' : state}
        {sends > 1 && `, sent ${sends}×`}
        {expiresAt !== undefined && ` · expires in ${formatCountdown(expiresAt - now)}`}
      </td>
      <td className="sessions-number">{formatWait(now - since)}</td>
      <td className="sessions-payload">
        <code>{previewOf(payload, payloadLength)}</code>
      </td>
    </tr>
  )
}

export function IncomingCard({ detail, now }: SessionCardProps) {
  const { incoming, session } = detail
  return (
    <Card title={`From the client · ${formatCount(session.incoming)} in flight`}>
      {incoming.length === 0 ? (
        <p className="sessions-remark">No QoS 2 of this client waits for its PUBREL.</p>
      ) : (
        <table className="sessions-table">
          <thead>
            <tr>
              <th>id</th>
              <th>state</th>
              <th>age</th>
            </tr>
          </thead>
          <tbody>
            {incoming.map(({ packetId, since }) => (
              <tr key={packetId}>
                <td className="sessions-number">{packetId}</td>
                <td className="sessions-amber">awaiting PUBREL</td>
                <td className="sessions-number">{formatWait(now - since)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More shown={incoming.length} of={session.incoming} />
    </Card>
  )
}

/** Before and after the last reconnect, and now. */
export function ReconnectCard({ detail, now }: SessionCardProps) {
  const { reconnect } = detail
  if (reconnect === undefined) {
    return (
      <Card title="Before and after a reconnect">
        <p className="sessions-remark">
          As soon as this client has left and come back, here stands what it left behind and what it found.
        </p>
      </Card>
    )
  }
  const { found, left } = reconnect
  const { lines, since, whileAway } = compareMarks(left, found, markOfNow(detail, now))
  const nth = (connection: number) => {
    const number = detail.history.find((each) => each.connection === connection)?.number
    return number === undefined ? '' : ` no. ${number}`
  }
  return (
    <Card title={`Before and after a reconnect · away ${formatSpan(found.time - left.time)}`}>
      <table className="sessions-table" data-testid="reconnect">
        <thead>
          <tr>
            <th />
            <th title={inCapture(left.connection)}>left by connection{nth(left.connection)}</th>
            <th title={inCapture(found.connection)}>found by connection{nth(found.connection)}</th>
            <th>now</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <td className="sessions-quiet">{line.name}</td>
              <td>{line.left}</td>
              <td className={line.changed ? 'sessions-changed' : undefined}>{line.found}</td>
              <td>{line.now}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <FiltersChanged title="subscriptions, while it was away" change={whileAway} />
      <FiltersChanged title="subscriptions, since it is back" change={since} />
    </Card>
  )
}

function FiltersChanged({ change, title }: { readonly title: string; readonly change: FilterChange }) {
  const { added, gone } = change
  if (gone.length + added.length === 0) return null
  return (
    <div className="sessions-filters">
      <p className="sessions-quiet">{title}</p>
      {gone.map((filter) => (
        <p key={filter} className="sessions-gone">
          − <code>{filter}</code>
        </p>
      ))}
      {added.map((filter) => (
        <p key={filter} className="sessions-added">
          + <code>{filter}</code>
        </p>
      ))}
    </div>
  )
}

function inCapture(connection: number): string {
  return `connection ${connection} in Traffic, which counts those of all clients`
}

export function HistoryCard({ detail, now }: SessionCardProps) {
  const history = detail.history.toReversed()
  return (
    <Card title="Connections · newest first">
      <table className="sessions-table" data-testid="history">
        <thead>
          <tr>
            <th title="Connections of this client, since the broker was started">no.</th>
            <th>from</th>
            <th>began</th>
            <th>lasted</th>
            <th>clean</th>
            <th>session present</th>
            <th>let in</th>
            <th>ended</th>
          </tr>
        </thead>
        <tbody>
          {history.map(({ clean, connection, number, reason, remote, rule, sessionPresent, since, until }) => (
            <tr key={connection}>
              <td className="sessions-number" title={inCapture(connection)}>
                {number}
              </td>
              <td title={remote}>
                <code>{remote}</code>
              </td>
              <td className="sessions-number">{formatSpan(now - since)} ago</td>
              <td className="sessions-number">{formatWait((until ?? now) - since)}</td>
              <td>{clean ? 'yes' : 'no'}</td>
              <td className={sessionPresent ? 'sessions-yes' : undefined}>{sessionPresent ? 'yes' : 'no'}</td>
              <td title={rule}>{rule}</td>
              <td title={reason}>
                {until === undefined ? <span className="sessions-green">not yet: it is connected</span> : reason}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}

/** What a list that is cut leaves out. */
function More({ shown, of }: { readonly shown: number; readonly of: number }) {
  return of > shown ? <p className="sessions-more">and {formatCount(of - shown)} more</p> : null
}
