import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import type { WireState } from '../app/contract/wire.ts'
import { CaptureChooser, newPosition, Positions, useFilteredTraffic, useTraffic } from './capture-parts.tsx'
import { BenchScreen } from './features/bench/bench-screen.tsx'
import { noChoices } from './features/bench/list-rows.ts'
import { BrokerPill } from './features/broker/broker-pill.tsx'
import { HandshakesScreen } from './features/handshakes/handshakes-screen.tsx'
import { RecordingNote } from './features/recordings/recording-note.tsx'
import { SessionsScreen } from './features/sessions/sessions-screen.tsx'
import { ConnectionBanner } from './features/shell/connection-banner.tsx'
import { CrashBoundary } from './features/shell/crash-boundary.tsx'
import { ProblemBanner } from './features/shell/problem-banner.tsx'
import { Rail, type RailEntry } from './features/shell/rail.tsx'
import { StatusBar } from './features/shell/status-bar.tsx'
import { TopBar } from './features/shell/top-bar.tsx'
import { TopicsScreen } from './features/topics/topics-screen.tsx'
import { TrafficScreen } from './features/traffic/traffic-screen.tsx'
import { viewFrom } from './features/traffic/viewport.ts'
import { heldOnWay, isHolding, targetOf } from './features/wire/held-packets.ts'
import { KeepAliveWarning } from './features/wire/keep-alive-warning.tsx'
import { PacketDetail } from './packet-detail.tsx'
import { ScenarioParts } from './scenario-parts.tsx'
import { CaptureStates } from './state/capture-state.ts'
import type { CaptureView } from './state/capture-view.ts'
import { keyOfClient } from './state/clients.ts'
import { isDirty } from './state/script-documents.ts'
import { Store, useStore } from './state/store.ts'
import type { ThemeSetting } from './state/theme-choice.ts'
import type { Workbench } from './state/workbench.ts'
import { GridIcon, LadderIcon, LinesIcon, PersonIcon, PlayIcon, TreeIcon } from './ui/icons.tsx'
import { clientName, Rules, WireBar } from './wire-parts.tsx'
import './app.css'

interface Screen extends RailEntry {
  render(): ReactNode
}

/** Puts the features together: the only place that knows all of them. A new screen is one more entry in `screens`. */
export function App({ workbench, theme }: { readonly workbench: Workbench; readonly theme: ThemeSetting }) {
  const [selection] = useState(() => new Store<string | undefined>(undefined))
  const [list] = useState(() => new Store(noChoices))
  const [session] = useState(() => new Store<string | undefined>(undefined))
  const [benchPosition] = useState(newPosition)
  const [positions] = useState(() => new Positions())
  const [rulePattern] = useState(() => new Store(''))
  const [editing] = useState(() => new Store<number | undefined>(undefined))
  const [states] = useState(() => new CaptureStates(workbench.call))
  const [chosen, choose] = useState(workbench.live)
  const views = useStore(workbench.views)
  const connection = useStore(workbench.connection)
  const about = useStore(workbench.about)
  const targets = useStore(workbench.targets)
  const stats = useStore(workbench.stats)
  const scriptErrors = useScriptErrors(workbench)
  const problem = useStore(workbench.problem)
  const wire = useStore(workbench.wire)
  const [current, open] = useScreenInAddress()
  const connected = connection.phase === 'open'
  useUnsavedWarning(workbench)
  const onClient = (clientId: string) => {
    selection.set(keyOfClient(workbench.devices.value.values(), clientId))
    open('bench')
  }
  // A recording may have been closed, or the workbench that opened it is gone.
  const view = views.includes(chosen) ? chosen : workbench.live
  const isLive = view === workbench.live
  const state = states.of(view)
  const liveStart = about?.captureStart ?? 0
  const captureStart = view.captureStart ?? liveStart
  const position = positions.of(view)
  const handshakePacket = useStore(state.packet)
  const trafficRecord = useStore(position.view).selected
  // The numbers of a recording mean other packets than those on the wire.
  const selectedLive = isLive ? (current === 'traffic' ? trafficRecord : handshakePacket) : undefined
  const decided = wire === undefined ? undefined : toDecide(wire, workbench.live, selectedLive)
  const next = connected && wire !== undefined ? targetOf(wire, decided)?.packet : undefined
  const common = { connected, onClient }
  const now = { next, wire, ...common }
  const bench = useTraffic({ view: workbench.live, captureStart: liveStart, position: benchPosition, ...now })
  const then = { next: undefined, wire: undefined, ...common }
  const traffic = useTraffic({ view, captureStart, position, ...(isLive ? now : then) })
  const filtered = useFilteredTraffic(state, traffic, position, connected)
  useEffect(() => {
    if (current === 'handshakes') void view.messages.follow()
  }, [current, view])

  const showHandshake = (of: CaptureView, packet: number) => {
    states.of(of).packet.set(packet)
    void of.messages.selectOfPacket(packet)
    open('handshakes')
  }
  const detail = (number: number | undefined) =>
    number !== undefined && (
      <PacketDetail
        key={`${view.id} ${number}`}
        workbench={workbench}
        view={view}
        number={number}
        wire={isLive ? wire : undefined}
        editing={editing}
        onHandshake={current === 'handshakes' ? undefined : (packet) => showHandshake(view, packet)}
        onDeliver={(packet, octets) => {
          workbench.call('wire.decide', { packet, action: 'deliver', octets }).catch((error) => workbench.report(error))
        }}
      />
    )
  const select = (packet: number) => {
    choose(workbench.live)
    if (current === 'traffic')
      positions.of(workbench.live).view.set({ following: false, top: Math.max(1, packet - 5), selected: packet })
    else showHandshake(workbench.live, packet)
  }

  const screens: readonly Screen[] = [
    {
      id: 'bench',
      label: 'Bench',
      icon: <GridIcon />,
      render: () => (
        <BenchScreen workbench={workbench} selection={selection} list={list} theme={theme} traffic={bench} />
      ),
    },
    {
      id: 'traffic',
      label: 'Traffic',
      icon: <LinesIcon />,
      render: () => (
        <TrafficScreen
          filter={filtered.filter}
          status={
            <>
              {filtered.status}
              <CaptureChooser workbench={workbench} state={state} onView={choose} />
            </>
          }
          list={filtered.list}
          detail={detail(trafficRecord) || undefined}
        />
      ),
    },
    {
      id: 'handshakes',
      label: 'Hand\u00adshakes',
      icon: <LadderIcon />,
      render: () => (
        <HandshakesScreen
          key={view.id}
          messages={view.messages}
          wire={isLive ? wire : undefined}
          selectedPacket={handshakePacket}
          onSelectPacket={(packet) => state.packet.set(packet)}
          next={isLive ? next : undefined}
          packet={detail(handshakePacket)}
          rules={
            isLive ? (
              <Rules workbench={workbench} pattern={rulePattern} />
            ) : (
              <RecordingNote name={view.name} onLive={() => choose(workbench.live)} />
            )
          }
          captureStart={captureStart}
          broker={isLive ? 'embedded' : ''}
        />
      ),
    },
    {
      id: 'sessions',
      label: 'Sessions',
      icon: <PersonIcon />,
      render: () => <SessionsScreen workbench={workbench} selection={session} connected={connected} />,
    },
    {
      id: 'topics',
      label: 'Topics',
      icon: <TreeIcon />,
      render: () => <TopicsScreen workbench={workbench} connected={connected} theme={theme} />,
    },
    {
      id: 'scenarios',
      label: 'Scenarios',
      icon: <PlayIcon />,
      render: () => (
        <ScenarioParts
          workbench={workbench}
          connected={connected}
          theme={theme}
          states={states}
          onTraffic={(shown, first) => {
            choose(shown)
            positions.of(shown).view.set(viewFrom(first))
            open('traffic')
          }}
          onHandshake={(shown, packet) => {
            choose(shown)
            showHandshake(shown, packet)
          }}
        />
      ),
    },
  ]
  const shown = screens.find((screen) => screen.id === current) ?? screens[0]
  return (
    <div className="app">
      <TopBar
        about={about}
        broker={about && <BrokerPill workbench={workbench} about={about} connected={connected} />}
        targets={targets}
        stats={stats}
        connected={connected}
        narrow={wire !== undefined && isHolding(wire)}
      >
        <WireBar
          workbench={workbench}
          connected={connected}
          selectedPacket={decided}
          onSelectPacket={select}
          onEdit={(packet) => {
            select(packet)
            editing.set(packet)
          }}
        />
      </TopBar>
      <div>
        <ConnectionBanner state={connection} onRetry={() => workbench.retryNow()} />
        {problem !== undefined && (
          <ProblemBanner problem={problem} onDismiss={() => workbench.problem.set(undefined)} />
        )}
        <KeepAliveWarning
          wire={connected ? wire : undefined}
          clientName={(connection) => clientName(workbench, connection)}
        />
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

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** The screen's id stands in the address after `#`, so that a reload shows the same one. */
function useScreenInAddress(): [string, (id: string) => void] {
  const id = useSyncExternalStore(onHashChange, () => location.hash.slice(1))
  const open = (next: string) => {
    location.hash = next
  }
  return [id, open]
}

/** Of a packet that waits behind a held one nothing can be decided: the buttons act on the one that stands before it. */
function toDecide(wire: WireState, { capture }: CaptureView, packet: number | undefined): number | undefined {
  const record = packet === undefined ? undefined : capture.record(packet)
  if (record?.kind !== 'packet' || capture.fates.of(record.number) !== undefined) return packet
  const ahead = heldOnWay(wire, record)?.packet
  return ahead !== undefined && ahead < record.number ? ahead : packet
}

/** How many devices' scripts have failed. Devices change many times a second; this number hardly ever does. */
function useScriptErrors({ devices }: Workbench): number {
  return useSyncExternalStore(devices.subscribe, () => {
    let count = 0
    for (const { error } of devices.value.values()) if (error !== undefined) count++
    return count
  })
}

/** The browser asks before it throws away what somebody typed. */
function useUnsavedWarning(workbench: Workbench): void {
  useEffect(() => {
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      const { documents, scenarios } = workbench
      const all = [...documents.all.value.values(), ...scenarios.documents.all.value.values()]
      if (all.some(isDirty)) event.preventDefault()
    }
    window.addEventListener('beforeunload', onBeforeUnload)
    return () => window.removeEventListener('beforeunload', onBeforeUnload)
  }, [workbench])
}
