import { useState } from 'react'
import { disconnectCodes } from '../../../app/contract/sessions.ts'
import { reasonName } from '../../../app/mqtt/decode-codes.ts'
import { describeCode } from '../../../app/mqtt/decode-values.ts'
import type { Session } from '../../state/clients.ts'
import type { Call } from '../../state/message-store.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { formatPlural } from '../../ui/format.ts'
import { Popover } from '../../ui/popover.tsx'
import { phaseOf } from './session-words.ts'
import '../../ui/input.css'

type DisconnectCode = (typeof disconnectCodes)[number]

export interface SessionActionsProps {
  readonly session: Session
  /** False while nothing is heard of the workbench. */
  readonly connected: boolean
  readonly call: Call
  readonly report: (error: unknown) => void
}

/** What can be done to a Session. What becomes of it is seen in its cards. */
export function SessionActions({ session, connected, call, report }: SessionActionsProps) {
  const [asked, setAsked] = useState<'clear' | 'end' | undefined>()
  const { clientId, inflight, queued } = session
  const waiting = session.connected ? queued : Math.max(0, queued - inflight)
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
            onDisconnect={(code, reason) => {
              closePopover()
              act(call('sessions.disconnect', { clientId, code, reason }))
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
  readonly onDisconnect: (code: DisconnectCode, reason: string) => void
}

function DisconnectForm({ session, onDisconnect }: DisconnectFormProps) {
  const [code, setCode] = useState<DisconnectCode>(0x98)
  const [reason, setReason] = useState('')
  const isFive = session.protocolVersion === 5
  return (
    <form
      className="session-form"
      onSubmit={(event) => {
        event.preventDefault()
        onDisconnect(code, reason)
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
      <p className="sessions-remark">
        {session.will?.state === 'armed'
          ? 'Its will is published: to its watchers the client has failed.'
          : 'It has no will: nothing is published.'}
      </p>
      <button type="submit" className="button button-danger button-small">
        Disconnect
      </button>
    </form>
  )
}
