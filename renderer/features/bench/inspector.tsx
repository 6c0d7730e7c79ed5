import type { ClientView, Device } from '../../state/clients.ts'
import type { FleetGroup } from '../../state/fleets.ts'
import { useHeardNow } from '../../state/use-now.ts'
import { Card } from '../../ui/card.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatSpan } from '../../ui/format.ts'
import { describeClient } from './client-words.ts'
import { type Act, DeviceActions } from './device-actions.tsx'
import type { ListCertificates } from './faults-menu.tsx'
import { LinkCard } from './link-card.tsx'
import { NoDeviceCard } from './no-device-card.tsx'
import { SessionCard } from './session-card.tsx'
import { StateCard } from './state-card.tsx'
import { TargetCard } from './target-card.tsx'
import type { ReadHistory } from './use-history.ts'
import { WillCard } from './will-card.tsx'
import './inspector.css'

export interface InspectorProps {
  readonly client: ClientView | undefined
  /** The load fleet whose client it is. */
  readonly loadFleet: FleetGroup | undefined
  /** False while nothing is heard of the workbench: then everything stands still and nothing can be done. */
  readonly connected: boolean
  readonly act: Act
  readonly readHistory: ReadHistory
  readonly listCertificates: ListCertificates
  readonly onGoToError: (device: Device) => void
  readonly onSelect: (key: string) => void
}

/** All that is known of one client, and what can be done to it. */
export function Inspector(props: InspectorProps) {
  const { client, loadFleet, connected, act, readHistory, listCertificates, onGoToError, onSelect } = props
  const now = useHeardNow(connected)
  if (client === undefined) {
    return (
      <aside className="inspector" aria-label="Inspector">
        <header className="pane-head" />
        <p className="pane-none">
          Nobody is selected, or who was is gone. Choose a row of the list: here stands what is known of it, and what
          can be done to it.
        </p>
      </aside>
    )
  }
  const { device } = client
  return (
    <aside className="inspector" aria-label="Inspector">
      <header className="pane-head">
        <Dot tone={describeClient(client, now).dot} />
        <h2 className="pane-name" title={client.name}>
          {client.name}
        </h2>
        <span className="pane-space" />
        <span className="inspector-state" data-testid="client-state">
          {stateSince(client, now)}
        </span>
      </header>
      <div className="inspector-cards">
        {device?.error !== undefined && <ScriptErrorCard device={device} onGoToError={onGoToError} />}
        {device !== undefined && <StateCard key={device.id} device={device} connected={connected} read={readHistory} />}
        {device === undefined || device.target === '' ? (
          <>
            <SessionCard session={client.session} connection={client.connection} now={now} />
            <WillCard will={client.session?.will} now={now} />
          </>
        ) : (
          <TargetCard target={device.target} />
        )}
        <LinkCard client={client} now={now} />
        {device === undefined && <NoDeviceCard loadFleet={loadFleet} onSelect={onSelect} />}
      </div>
      {device !== undefined && (
        <DeviceActions
          key={device.id}
          device={device}
          connected={connected}
          act={act}
          listCertificates={listCertificates}
        />
      )}
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
