import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { BenchScreen } from './features/bench/bench-screen.tsx'
import { ConnectionBanner } from './features/shell/connection-banner.tsx'
import { CrashBoundary } from './features/shell/crash-boundary.tsx'
import { ProblemBanner } from './features/shell/problem-banner.tsx'
import { Rail, type RailEntry } from './features/shell/rail.tsx'
import { StatusBar } from './features/shell/status-bar.tsx'
import { TopBar } from './features/shell/top-bar.tsx'
import { TrafficList } from './features/traffic/traffic-list.tsx'
import { TrafficScreen } from './features/traffic/traffic-screen.tsx'
import { TrafficStatus } from './features/traffic/traffic-status.tsx'
import { initialView, type TrafficView } from './features/traffic/viewport.ts'
import { keyOfClient } from './state/clients.ts'
import { isDirty } from './state/script-documents.ts'
import { Store, useStore } from './state/store.ts'
import type { ThemeSetting } from './state/theme-choice.ts'
import type { Workbench } from './state/workbench.ts'
import { GridIcon, LinesIcon } from './ui/icons.tsx'
import './app.css'

interface Screen extends RailEntry {
  render(): ReactNode
}

/** Puts the features together: the only place that knows all of them. A new screen is one more entry in `screens`. */
export function App({ workbench, theme }: { readonly workbench: Workbench; readonly theme: ThemeSetting }) {
  const [selection] = useState(() => new Store<string | undefined>(undefined))
  const [view] = useState(() => new Store<TrafficView>(initialView))
  const connection = useStore(workbench.connection)
  const about = useStore(workbench.about)
  const stats = useStore(workbench.stats)
  const devices = useStore(workbench.devices)
  const problem = useStore(workbench.problem)
  const [current, open] = useScreenInAddress()
  const connected = connection.phase === 'open'
  useUnsavedWarning(workbench)
  const traffic = useTraffic(workbench, view, connected, (clientId) => {
    selection.set(keyOfClient(devices.values(), clientId))
    open('bench')
  })

  const screens: readonly Screen[] = [
    {
      id: 'bench',
      label: 'Bench',
      icon: <GridIcon />,
      render: () => <BenchScreen workbench={workbench} selection={selection} theme={theme} traffic={traffic} />,
    },
    {
      id: 'traffic',
      label: 'Traffic',
      icon: <LinesIcon />,
      render: () => <TrafficScreen status={traffic.status} list={traffic.list} />,
    },
  ]
  const shown = screens.find((screen) => screen.id === current) ?? screens[0]
  const scriptErrors = [...devices.values()].filter((device) => device.error !== undefined).length
  return (
    <div className="app">
      <TopBar about={about} stats={stats} connected={connected} />
      <div className="app-banners">
        <ConnectionBanner state={connection} onRetry={() => workbench.retryNow()} />
        {problem !== undefined && (
          <ProblemBanner problem={problem} onDismiss={() => workbench.problem.set(undefined)} />
        )}
      </div>
      <div className="app-middle">
        <Rail entries={screens} current={shown?.id ?? ''} onOpen={open} theme={theme} />
        <main className={connected ? 'app-screen' : 'app-screen app-screen-stale'}>
          <CrashBoundary key={shown?.id}>{shown?.render()}</CrashBoundary>
        </main>
      </div>
      <StatusBar about={about} stats={stats} connected={connected} scriptErrors={scriptErrors} />
    </div>
  )
}

/** The list of packets and what is said about it, for every screen that shows them. */
function useTraffic(
  workbench: Workbench,
  view: Store<TrafficView>,
  connected: boolean,
  onClient: (clientId: string) => void,
) {
  const captureStart = useStore(workbench.about)?.captureStart ?? 0
  useEffect(() => {
    if (captureStart !== 0) view.set(initialView)
  }, [view, captureStart])
  const context = useMemo(
    () => ({
      captureStart,
      clientId: (connection: number) => workbench.directory.clientId(connection),
      version: (connection: number) => workbench.directory.version(connection),
    }),
    [workbench, captureStart],
  )
  return {
    status: <TrafficStatus source={workbench.capture} view={view} live={connected} />,
    list: (
      <TrafficList
        // Another capture has other records under the same numbers.
        key={captureStart}
        source={workbench.capture}
        context={context}
        onNames={workbench.directory.onChanged}
        view={view}
        onClient={onClient}
      />
    ),
  }
}

/** The screen's id stands in the address after `#`, so that a reload shows the same one. */
function useScreenInAddress(): [string, (id: string) => void] {
  const [id, setId] = useState(() => location.hash.slice(1))
  useEffect(() => {
    const onHashChange = () => setId(location.hash.slice(1))
    window.addEventListener('hashchange', onHashChange)
    return () => window.removeEventListener('hashchange', onHashChange)
  }, [])
  const open = (next: string) => {
    location.hash = next
  }
  return [id, open]
}

/** The browser asks before it throws away what somebody typed. */
function useUnsavedWarning(workbench: Workbench): void {
  useEffect(() => {
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      if ([...workbench.documents.all.value.values()].some(isDirty)) event.preventDefault()
    }
    window.addEventListener('beforeunload', onBeforeUnload)
    return () => window.removeEventListener('beforeunload', onBeforeUnload)
  }, [workbench])
}
