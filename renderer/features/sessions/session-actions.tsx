import { useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { disconnectCodes } from '../../../app/contract/sessions.ts'
import { reasonName } from '../../../app/mqtt/decode-codes.ts'
import { describeCode } from '../../../app/mqtt/decode-values.ts'
import type { Session } from '../../state/clients.ts'
import type { Call } from '../../state/message-store.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { formatPlural } from '../../ui/format.ts'
import { Popover } from '../../ui/popover.tsx'
import { describeDisconnect, phaseOf, waitingOf } from './session-words.ts'
import '../../ui/input.css'

type DisconnectCode = (typeof disconnectCodes)[number]

export interface SessionActionsProps {
  readonly session: Session
  /** False while nothing is heard of the workbench. */
  readonly connected: boolean
  readonly now: number
  readonly call: Call
  readonly report: (error: unknown) => void
}

/** What can be done to a Session. What becomes of it is seen in its cards. */
export function SessionActions({ session, connected, now, call, report }: SessionActionsProps) {
  const [asked, setAsked] = useState<'clear' | 'end' | undefined>()
  const { clientId } = session
  const waiting = waitingOf(session)
  const ended = phaseOf(session) === 'ended'
  const close = () => setAsked(undefined)
  const act = (work: Promise<unknown>) => {
    close()
    work.catch(report)
  }
  return (
    <div className="session-actions">
      <Popover label="Disconnect…" title="Disconnect" disabled={!connected || !session.connected}>
        {(closePopover) => (
          <DisconnectForm
            session={session}
            connected={connected}
            now={now}
            onDisconnect={async (code, reason) => {
              await call('sessions.disconnect', { clientId, code, reason })
              closePopover()
            }}
          />
        )}
      </Popover>
      <Button size="small" disabled={!connected || waiting === 0} onClick={() => setAsked('clear')}>
        Clear queue
      </Button>
      <Button size="small" kind="danger" disabled={!connected || ended} onClick={() => setAsked('end')}>
        End session
      </Button>
      {asked === 'clear' && (
        <Dialog title={`Clear the queue of ${clientId}?`} onClose={close}>
          <p className="session-question">
            {formatPlural(waiting, 'message')} that {waiting === 1 ? 'waits' : 'wait'} for this client will never be
            sent. What is in flight goes on.
          </p>
          <div className="dialog-end">
            <Button onClick={close}>Cancel</Button>
            <Button kind="danger" onClick={() => act(call('sessions.clearQueue', { clientId }))}>
              Clear queue
            </Button>
          </div>
        </Dialog>
      )}
      {asked === 'end' && (
        <Dialog title={`End the session of ${clientId}?`} onClose={close}>
          <p className="session-question">
            As if its Session Expiry Interval had passed: {session.connected && 'the client is disconnected, '}its
            subscriptions, queue and unfinished handshakes are gone, and its will is published if it is still armed or
            delayed. At its next CONNECT it finds no session.
          </p>
          <div className="dialog-end">
            <Button onClick={close}>Cancel</Button>
            <Button kind="danger" onClick={() => act(call('sessions.expire', { clientId }))}>
              End session
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

interface DisconnectFormProps {
  readonly session: Session
  readonly connected: boolean
  readonly now: number
  readonly onDisconnect: (code: DisconnectCode, reason: string) => Promise<void>
}

function DisconnectForm({ session, connected, now, onDisconnect }: DisconnectFormProps) {
  const [code, setCode] = useState<DisconnectCode>(0x98)
  const [problem, setProblem] = useState<string | undefined>()
  const [reason, setReason] = useState('')
  const isFive = session.protocolVersion === 5
  return (
    <form
      className="session-form"
      onSubmit={(event) => {
        event.preventDefault()
        // Here, and not over all screens: it may have left in this very moment.
        onDisconnect(code, reason).catch((error: unknown) => setProblem(messageOf(error)))
      }}
    >
      {isFive ? (
        <label>
          <span>reason code</span>
          <select
            className="input"
            value={code}
            onChange={(event) => {
              const chosen = disconnectCodes.find((each) => each === Number(event.target.value))
              if (chosen !== undefined) setCode(chosen)
            }}
          >
            {disconnectCodes.map((each) => (
              <option key={each} value={each}>
                {describeCode(each, reasonName('DISCONNECT', each))}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <p className="sessions-remark">
          A broker of MQTT 3.1.1 has no DISCONNECT: the connection is closed, and the client is not told why.
        </p>
      )}
      <label>
        <span>{isFive ? 'reason string' : 'reason, for the capture'}</span>
        <input className="input" value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />
      </label>
      <p className="sessions-remark" role="status">
        {describeDisconnect(session, now)}
        {problem !== undefined && session.connected && ` ${problem}.`}
      </p>
      <button type="submit" className="button button-danger button-small" disabled={!connected || !session.connected}>
        Disconnect
      </button>
    </form>
  )
}
