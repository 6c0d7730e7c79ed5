import { type ReactNode, useEffect } from 'react'
import { type Store, useStore } from '../../state/store.ts'
import { useHeardNow } from '../../state/use-now.ts'
import type { Workbench } from '../../state/workbench.ts'
import { Dot } from '../../ui/dot.tsx'
import { formatSpan } from '../../ui/format.ts'
import { SessionActions } from './session-actions.tsx'
import { AboutCard, type Detail, KeepAliveCard, WillCard } from './session-cards.tsx'
import { SessionList } from './session-list.tsx'
import { HistoryCard, IncomingCard, OutgoingCard, ReconnectCard, SubscriptionsCard } from './session-tables.tsx'
import { congestedFor, phaseOf, phaseTones } from './session-words.ts'
import '../../ui/pane-head.css'
import './sessions.css'

export interface SessionsScreenProps {
  readonly workbench: Workbench
  /** Client Identifier of the Session that is looked at. */
  readonly selection: Store<string | undefined>
  /** False while nothing is heard of the workbench: then everything stands still and nothing can be done. */
  readonly connected: boolean
}

/** Every Session of the broker, and one of them in full. */
export function SessionsScreen({ workbench, selection, connected }: SessionsScreenProps) {
  const { sessionDetail } = workbench
  const sessions = useStore(workbench.sessions)
  const selected = useStore(selection)
  const answer = useStore(sessionDetail.answer)
  const now = useHeardNow(connected)
  useEffect(() => {
    sessionDetail.look(selected)
    return () => sessionDetail.look(undefined)
  }, [sessionDetail, selected])
  const shown = answer?.params === selected ? answer : undefined
  return (
    <div className="sessions">
      <SessionList sessions={sessions} selected={selected} onSelect={(id) => selection.set(id)} now={now} />
      <section className="session-pane" aria-label="Session">
        {selected === undefined ? (
          <Nothing />
        ) : shown?.result === undefined ? (
          <Missing clientId={selected} why={shown?.error?.message} />
        ) : (
          <>
            <Head detail={shown.result} now={now}>
              <SessionActions
                key={selected}
                session={shown.result.session}
                connected={connected}
                now={now}
                call={workbench.call}
                report={(error) => workbench.report(error)}
              />
            </Head>
            <Cards detail={shown.result} at={shown.at} now={now} />
          </>
        )}
      </section>
    </div>
  )
}

function Head({
  detail,
  now,
  children,
}: {
  readonly detail: Detail
  readonly now: number
  readonly children: ReactNode
}) {
  const { session } = detail
  const phase = phaseOf(session)
  const congested = congestedFor(session, now)
  return (
    <header className="pane-head">
      <Dot tone={congested === undefined ? phaseTones[phase].dot : 'amber'} />
      <h2 className="pane-name" title={session.clientId}>
        {session.clientId}
      </h2>
      <span className="session-state" data-testid="session-state">
        {phase} {formatSpan(now - session.since)}
        {congested !== undefined && <span className="sessions-amber"> · congested for {formatSpan(congested)}</span>}
      </span>
      <span className="pane-space" />
      {children}
    </header>
  )
}

function Cards({ detail, at, now }: { readonly detail: Detail; readonly at: number; readonly now: number }) {
  return (
    <div className="session-cards">
      <div className="session-column">
        <AboutCard detail={detail} now={now} />
        <ReconnectCard detail={detail} now={now} />
      </div>
      <div className="session-column">
        <KeepAliveCard detail={detail} at={at} now={now} />
        <WillCard detail={detail} now={now} />
        <SubscriptionsCard detail={detail} />
      </div>
      <div className="session-wide">
        <OutgoingCard detail={detail} now={now} />
      </div>
      <div className="session-wide">
        <IncomingCard detail={detail} now={now} />
      </div>
      <div className="session-wide">
        <HistoryCard detail={detail} now={now} />
      </div>
    </div>
  )
}

function Missing({ clientId, why }: { readonly clientId: string; readonly why: string | undefined }) {
  return (
    <>
      <header className="pane-head">
        <h2 className="pane-name" title={clientId}>
          {clientId}
        </h2>
      </header>
      <p className="pane-none" role="status">
        {why ?? 'The Session is being read from the workbench …'}
      </p>
    </>
  )
}

function Nothing() {
  return (
    <>
      <header className="pane-head">
        <h2>Session</h2>
      </header>
      <div className="pane-none">
        <p>
          <b>Choose a Session at the left to look inside it.</b>
        </p>
        <p>
          A Session is what the broker keeps of a client beyond its Network Connection: its subscriptions, the messages
          that wait for it, and the handshakes of QoS 1 and 2 that are unfinished, both ways.
        </p>
        <p>
          In MQTT 3.1.1 it is kept where Clean Session is off; in MQTT 5 for as long as the Session Expiry Interval
          says.
        </p>
      </div>
    </>
  )
}
