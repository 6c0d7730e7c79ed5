import { useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { canAct, type DeviceAction } from '../../../app/device/device-snapshot.ts'
import type { ClientView, Device } from '../../state/clients.ts'
import { useHeardNow } from '../../state/use-now.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatSpan } from '../../ui/format.ts'
import { BoltIcon, PlugIcon, PowerIcon, UnplugIcon } from '../../ui/icons.tsx'
import { describeClient } from './client-words.ts'
import { LinkCard } from './link-card.tsx'
import { SessionCard } from './session-card.tsx'
import { WillCard } from './will-card.tsx'
import './inspector.css'

export type Act = (id: string, action: DeviceAction) => Promise<unknown>

export interface InspectorProps {
  readonly client: ClientView | undefined
  /** False while nothing is heard of the workbench: then everything stands still and nothing can be done. */
  readonly connected: boolean
  readonly act: Act
  readonly onGoToError: (device: Device) => void
}

/** All that is known of one client, and what can be done to it. */
export function Inspector({ client, connected, act, onGoToError }: InspectorProps) {
  const now = useHeardNow(connected)
  if (client === undefined) {
    return (
      <aside className="inspector" aria-label="Inspector">
        <header className="pane-head" />
        <p className="inspector-none">Nobody is selected, or who was is gone.</p>
      </aside>
    )
  }
  const { device } = client
  return (
    <aside className="inspector" aria-label="Inspector">
      <header className="pane-head">
        <Dot tone={describeClient(client, now).dot} />
        <h2 className="inspector-name" title={client.name}>
          {client.name}
        </h2>
        <span className="pane-space" />
        <span className="inspector-state" data-testid="client-state">
          {stateSince(client, now)}
        </span>
      </header>
      <div className="inspector-cards">
        {device?.error !== undefined && <ScriptErrorCard device={device} onGoToError={onGoToError} />}
        <SessionCard session={client.session} connection={client.connection} now={now} />
        <WillCard will={client.session?.will} now={now} />
        <LinkCard client={client} now={now}>
          {device !== undefined && <Actions key={device.id} device={device} connected={connected} act={act} />}
        </LinkCard>
      </div>
    </aside>
  )
}

function stateSince({ device, session, connection }: ClientView, now: number): string {
  if (device !== undefined) {
    const word = device.state === 'online' ? 'connected' : device.state
    return `${word} ${formatSpan(now - device.since)}`
  }
  if (connection?.open === true) return `connected ${formatSpan(now - connection.since)}`
  return session === undefined ? 'gone' : `offline ${formatSpan(now - session.since)}`
}

function ScriptErrorCard({
  device,
  onGoToError,
}: {
  readonly device: Device
  readonly onGoToError: (device: Device) => void
}) {
  const { error } = device
  if (error === undefined) return null
  const place = [error.file, error.line, error.column].filter((part) => part !== undefined).join(':')
  return (
    <Card title="Script error" tone="red">
      <p className="inspector-error">{error.message}</p>
      <button type="button" className="inspector-place" onClick={() => onGoToError(device)}>
        {place}
      </button>
    </Card>
  )
}

interface ActionsProps {
  readonly device: Device
  readonly connected: boolean
  readonly act: Act
}

function Actions({ device, connected, act }: ActionsProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const button = (action: DeviceAction) => ({
    disabled: !connected || !canAct(device.state, action),
    onClick: () => {
      setProblem(undefined)
      act(device.id, action).catch((error: unknown) => setProblem(messageOf(error)))
    },
  })
  return (
    <div className="actions">
      <Button kind="danger" title="The socket dies without DISCONNECT, the RAM is lost" {...button('powerLoss')}>
        <BoltIcon />
        Power loss
      </Button>
      <Button title="Boots: the script starts anew" {...button('powerOn')}>
        <PowerIcon />
        Power on
      </Button>
      <Button title="Sends DISCONNECT and stays offline" {...button('disconnect')}>
        <UnplugIcon />
        Disconnect
      </Button>
      <Button title="Connects at once" {...button('connect')}>
        <PlugIcon />
        Connect
      </Button>
      {problem !== undefined && (
        <p className="actions-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
