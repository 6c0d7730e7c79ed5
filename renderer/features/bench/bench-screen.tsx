import { type ReactNode, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { ScriptSnapshot } from '../../../app/contract/contract.ts'
import { type ClientView, type Device, deviceKey } from '../../state/clients.ts'
import { findClient, fleetKey, loadFleetOf, type Population } from '../../state/fleets.ts'
import { type Store, useStore } from '../../state/store.ts'
import type { ThemeSetting } from '../../state/theme-choice.ts'
import type { Workbench } from '../../state/workbench.ts'
import { fileName } from './client-words.ts'
import { ConsolePanel } from './console-panel.tsx'
import { DeviceList } from './device-list.tsx'
import { Dock } from './dock.tsx'
import type { Place } from './editor-host.tsx'
import { FleetPanel, type Mistake } from './fleet-panel.tsx'
import { Inspector } from './inspector.tsx'
import { firstChoice, type ListChoices } from './list-rows.ts'
import { NewDevice } from './new-device.tsx'
import { ScriptPane } from './script-pane.tsx'
import { useErrorJump } from './use-error-jump.ts'
import '../../ui/pane-head.css'
import './bench.css'

export interface BenchScreenProps {
  readonly workbench: Workbench
  /** The key of the selected client or fleet. */
  readonly selection: Store<string | undefined>
  /** How the list of devices is looked at. */
  readonly list: Store<ListChoices>
  readonly theme: ThemeSetting
  /** The live traffic, which is no business of the bench. */
  readonly traffic: { readonly status: ReactNode; readonly list: ReactNode }
}

/** Devices, their script, what is known of one of them, and what goes over the wire. */
export function BenchScreen({ workbench, selection, list, theme, traffic }: BenchScreenProps) {
  const population = useSyncExternalStore(workbench.population.subscribe, workbench.population.get)
  const choices = useStore(list)
  const scripts = useStore(workbench.scripts)
  const about = useStore(workbench.about)
  const connected = useStore(workbench.connection).phase === 'open'
  const shownTheme = useStore(theme.theme)
  const wanted = useStore(selection)
  const key = useMemo(() => wanted ?? firstChoice(population.entries, choices), [wanted, population, choices])
  // Who was chosen and is gone is not replaced by somebody else.
  const group = key === undefined ? undefined : population.groups.get(key)
  const selected = useMemo(
    () => (key === undefined || group !== undefined ? undefined : findClient(population, key)),
    [population, key, group],
  )
  const script = useShownScript(selected?.device ?? group?.fleet, scripts?.[0]?.path)
  const loadConsole = useCallback((device: string) => void workbench.loadConsole(device), [workbench])
  const listCertificates = useCallback(() => workbench.call('certificates.list', {}), [workbench])
  const readHistory = useCallback((id: string) => workbench.call('devices.history', { id }), [workbench])

  useErrorJump({ documents: workbench.documents, population, path: script.path, goTo: script.goTo })
  const [created, setCreated] = useState<string | undefined>(undefined)
  useEffect(() => {
    // It is selected as soon as it is there.
    const key = created === undefined ? undefined : keyOfEntry(population, created)
    if (key === undefined) return
    setCreated(undefined)
    selection.set(key)
  }, [created, population, selection])
  const onCreated = (path: string, name: string) => {
    script.open(path)
    setCreated(name)
  }
  const goToMistake = ({ file, line, column }: Mistake) =>
    script.goTo({ path: file, line: line ?? 1, column: column ?? 1 })
  const onGoToError = ({ error }: Device) => {
    if (error !== undefined) goToMistake(error)
  }
  return (
    <div className="bench">
      <DeviceList
        population={population}
        rates={workbench.rates}
        action={
          <NewDevice call={workbench.call} connected={connected} taken={namesOf(scripts)} onCreated={onCreated} />
        }
        choices={choices}
        onChoices={(next) => list.set(next)}
        selected={key}
        onSelect={(key) => selection.set(key)}
        theme={shownTheme}
        brokerUrl={about?.broker.url}
        connected={connected}
        loaded={scripts !== undefined}
      />
      <ScriptPane
        documents={workbench.documents}
        scripts={scripts}
        modules={workbench.modules.texts}
        population={population}
        path={script.path}
        onOpen={script.open}
        place={script.place}
        theme={shownTheme}
      />
      {group === undefined ? (
        <Inspector
          client={selected}
          connected={connected}
          act={(id, action, settings) => workbench.call('devices.act', { id, action, settings })}
          loadFleet={selected === undefined ? undefined : loadFleetOf(population, selected)}
          readHistory={readHistory}
          listCertificates={listCertificates}
          onGoToError={onGoToError}
          onSelect={(key) => selection.set(key)}
        />
      ) : (
        <FleetPanel
          key={group.key}
          group={group}
          connected={connected}
          change={(id, change) => workbench.call('fleets.change', { id, change })}
          onOpenScript={script.open}
          onGoToError={goToMistake}
        />
      )}
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

/** The key of an entry of the workspace; undefined while it is not there. */
function keyOfEntry({ byId, groups }: Population, name: string): string | undefined {
  if (byId.has(name)) return deviceKey(name)
  return groups.has(fleetKey(name)) ? fleetKey(name) : undefined
}

/** Without folder and ending. */
function namesOf(scripts: readonly ScriptSnapshot[] | undefined): ReadonlySet<string> {
  return new Set(scripts?.map(({ path }) => fileName(path).replace(/\.device\.ts$/, '')))
}

function ConsoleStatus({ client }: { readonly client: ClientView | undefined }) {
  return <span className="pane-note">{client?.device?.id ?? ''}</span>
}

/** The script of what is selected, or another that was opened since it was selected. */
function useShownScript(
  device: { readonly id: string; readonly script: string } | undefined,
  first: string | undefined,
) {
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
