import { useCallback, useEffect, useMemo } from 'react'
import type { HeldPacket, WireState } from '../app/contract/wire.ts'
import { CaptureBar } from './features/recordings/capture-bar.tsx'
import { FilterBox } from './features/traffic/filter-box.tsx'
import { namesIn } from './features/traffic/names-in-sight.ts'
import { TrafficList } from './features/traffic/traffic-list.tsx'
import { TrafficStatus } from './features/traffic/traffic-status.tsx'
import { initialView, type TrafficView } from './features/traffic/viewport.ts'
import { heldOnWay } from './features/wire/held-packets.ts'
import type { CaptureState } from './state/capture-state.ts'
import type { CaptureView as View } from './state/capture-view.ts'
import { Store, useStore } from './state/store.ts'
import type { Workbench } from './state/workbench.ts'

/** Where a list stands in a capture, and which run of the capture that is. */
export interface Position {
  readonly view: Store<TrafficView>
  /** Wall time at which the capture's time was 0; 0 before it was known. */
  start: number
}

export function newPosition(): Position {
  return { view: new Store<TrafficView>(initialView), start: 0 }
}

/** A position for each capture, so that each is found again where it was left. */
export class Positions {
  readonly #positions = new WeakMap<View, Position>()

  of(view: View): Position {
    const known = this.#positions.get(view)
    if (known !== undefined) return known
    const position = newPosition()
    this.#positions.set(view, position)
    return position
  }
}

/** The records of a capture as lists show them, and what is said about them. */
export function useTraffic(options: {
  readonly view: View
  readonly captureStart: number
  readonly position: Position
  readonly connected: boolean
  readonly onClient: (clientId: string) => void
  /** The held packet that the buttons act on. */
  readonly next: number | undefined
  /** What is held at this moment; undefined where the records are of another time. */
  readonly wire: WireState | undefined
}) {
  const { view, captureStart, position, connected, onClient, next, wire } = options
  const { capture, directory } = view
  const phase = phaseOf(view, connected)
  useEffect(() => {
    // Another run of the workbench: the numbers mean other records.
    if (position.start !== 0 && captureStart !== position.start) position.view.set(initialView)
    position.start = captureStart
  }, [position, captureStart])
  const context = useMemo(
    () => ({
      captureStart,
      clientId: (connection: number) => directory.clientId(connection),
      version: (connection: number) => directory.version(connection),
      fate: (packet: number) => capture.fates.of(packet),
      next,
      heldOnWay: (way: Pick<HeldPacket, 'connection' | 'direction'>) => wire && heldOnWay(wire, way)?.packet,
    }),
    [capture, directory, captureStart, next, wire],
  )
  const list = { source: capture, context, onNames: directory.onChanged, view: position.view, onClient }
  return {
    context,
    status: <TrafficStatus source={capture} view={position.view} phase={phase} />,
    // Another capture has other records under the same numbers.
    list: <TrafficList key={`${view.id} ${captureStart}`} {...list} />,
    listProps: list,
  }
}

/** The same with a filter. */
export function useFilteredTraffic(
  state: CaptureState,
  traffic: ReturnType<typeof useTraffic>,
  position: Position,
  connected: boolean,
) {
  const { view, filterText, index } = state
  const { capture } = view
  const { context, listProps } = traffic
  const phase = phaseOf(view, connected)
  const known = useCallback(() => namesIn(capture, context), [capture, context])
  const key = `${view.id} ${context.captureStart}`
  return {
    filter: <FilterBox key={key} text={filterText} onFilter={(filter) => index.setFilter(filter)} known={known} />,
    status: <TrafficStatus source={capture} matches={index} view={position.view} phase={phase} />,
    list: <TrafficList key={key} {...listProps} index={index} />,
  }
}

/** A recording has a beginning of its own; the running capture's is the workbench's. */
function phaseOf(view: View, connected: boolean): 'live' | 'over' | 'gone' {
  if (!connected) return 'gone'
  return view.captureStart === undefined ? 'live' : 'over'
}

/** Which capture is looked at, and record, open, export. */
export function CaptureChooser({
  workbench,
  state,
  onView,
}: {
  readonly workbench: Workbench
  readonly state: CaptureState
  readonly onView: (view: View) => void
}) {
  const views = useStore(workbench.views)
  const recording = useStore(workbench.recording)
  useStore(state.filterText)
  const filter = state.index.filter?.text ?? ''
  const listFiles = useCallback(() => workbench.call('recordings.list', {}), [workbench])
  const find = (id: string) => views.find((view) => view.id === id)
  return (
    <CaptureBar
      captures={views}
      current={state.view.id}
      recording={recording}
      filter={filter}
      onChoose={(id) => onView(find(id) ?? workbench.live)}
      onClose={(id) => {
        const view = find(id)
        onView(workbench.live)
        if (view !== undefined) workbench.closeRecording(view).catch((error) => workbench.report(error))
      }}
      onRecord={(on) =>
        workbench
          .call(on ? 'recording.start' : 'recording.stop', {})
          .then((spill) => workbench.recording.set(spill))
          .catch((error: unknown) => workbench.report(error))
      }
      onExport={(format) => workbench.call('capture.export', { capture: state.view.id, format, filter })}
      listFiles={listFiles}
      onOpen={async (path) => onView(await workbench.openRecording(path))}
    />
  )
}
