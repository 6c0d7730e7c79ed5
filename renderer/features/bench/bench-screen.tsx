import { type ReactNode, useCallback, useMemo, useState } from 'react'
import { type ClientView, type Device, listClients } from '../../state/clients.ts'
import { type Store, useStore } from '../../state/store.ts'
import type { ThemeSetting } from '../../state/theme-choice.ts'
import type { Workbench } from '../../state/workbench.ts'
import { ConsolePanel } from './console-panel.tsx'
import { DeviceList } from './device-list.tsx'
import { Dock } from './dock.tsx'
import type { Place } from './editor-host.tsx'
import { Inspector } from './inspector.tsx'
import { ScriptPane } from './script-pane.tsx'
import './bench.css'

export interface BenchScreenProps {
  readonly workbench: Workbench
  /** The key of the selected client. */
  readonly selection: Store<string | undefined>
  readonly theme: ThemeSetting
  /** The live traffic, which is no business of the bench. */
  readonly traffic: { readonly status: ReactNode; readonly list: ReactNode }
}

/** Devices, their script, what is known of one of them, and what goes over the wire. */
export function BenchScreen({ workbench, selection, theme, traffic }: BenchScreenProps) {
  const devices = useStore(workbench.devices)
  const sessions = useStore(workbench.sessions)
  const connections = useStore(workbench.connections)
  const scripts = useStore(workbench.scripts)
  const about = useStore(workbench.about)
  const connected = useStore(workbench.connection).phase === 'open'
  const shownTheme = useStore(theme.theme)
  const clients = useMemo(
    () => listClients(devices.values(), sessions, connections.values()),
    [devices, sessions, connections],
  )
  const wanted = useStore(selection)
  // Who was chosen and is gone is not replaced by somebody else.
  const selected = wanted === undefined ? clients[0] : clients.find((client) => client.key === wanted)
  const script = useShownScript(selected?.device, scripts?.[0]?.path)
  const loadConsole = useCallback((device: string) => void workbench.loadConsole(device), [workbench])

  const onGoToError = ({ error }: Device) => {
    if (error !== undefined) script.goTo({ path: error.file, line: error.line ?? 1, column: error.column ?? 1 })
  }
  return (
    <div className="bench">
      <DeviceList
        clients={clients}
        rates={workbench.rates}
        selected={selected?.key}
        onSelect={(key) => selection.set(key)}
        theme={shownTheme}
        brokerUrl={about?.broker.url}
        connected={connected}
        loaded={scripts !== undefined}
      />
      <ScriptPane
        documents={workbench.documents}
        scripts={scripts}
        devices={devices}
        path={script.path}
        onOpen={script.open}
        place={script.place}
        theme={shownTheme}
      />
      <Inspector
        client={selected}
        connected={connected}
        act={(id, action) => workbench.call('devices.act', { id, action })}
        onGoToError={onGoToError}
      />
      <Dock
        tabs={[
          { id: 'traffic', label: 'Traffic', status: traffic.status, panel: traffic.list, alert: false },
          {
            id: 'console',
            label: 'Console',
            status: <ConsoleStatus client={selected} />,
            panel: (
              <ConsolePanel client={selected} consoles={workbench.consoles} load={loadConsole} connected={connected} />
            ),
            alert: selected?.device?.error !== undefined,
          },
        ]}
      />
    </div>
  )
}

function ConsoleStatus({ client }: { readonly client: ClientView | undefined }) {
  return <span className="pane-note">{client?.device?.id ?? ''}</span>
}

/** The selected device's script, or another that was opened since the device was selected. */
function useShownScript(device: Device | undefined, first: string | undefined) {
  const [opened, setOpened] = useState<{ readonly device: string | undefined; readonly path: string } | undefined>()
  const [last, setLast] = useState<string | undefined>(undefined)
  const [place, setPlace] = useState<Place | undefined>(undefined)
  const chosen = opened !== undefined && opened.device === device?.id ? opened.path : device?.script
  const path = chosen ?? last ?? first
  // An outside client has no script: the one that was shown stays.
  if (path !== last) setLast(path)
  const open = (next: string) => setOpened({ device: device?.id, path: next })
  const goTo = (next: Place) => {
    open(next.path)
    setPlace({ ...next })
  }
  return { path, place, open, goTo }
}
