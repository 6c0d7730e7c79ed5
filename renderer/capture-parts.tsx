import { useCallback, useEffect, useMemo } from 'react'
import { CaptureBar } from './features/recordings/capture-bar.tsx'
import { FilterBox } from './features/traffic/filter-box.tsx'
import { namesIn } from './features/traffic/names-in-sight.ts'
import { TrafficList } from './features/traffic/traffic-list.tsx'
import { TrafficStatus } from './features/traffic/traffic-status.tsx'
import { initialView, type TrafficView } from './features/traffic/viewport.ts'
import type { CaptureState } from './state/capture-state.ts'
import type { CaptureView as View } from './state/capture-view.ts'
import { type Store, useStore } from './state/store.ts'
import type { Workbench } from './state/workbench.ts'

/** The records of a capture as lists show them, and what is said about them. */
export function useTraffic(options: {
  readonly view: View
  readonly captureStart: number
  readonly position: Store<TrafficView>
  readonly connected: boolean
  readonly onClient: (clientId: string) => void
}) {
  const { view, captureStart, position, connected, onClient } = options
  const { capture, directory } = view
  useEffect(() => {
    if (captureStart !== 0) position.set(initialView)
  }, [position, captureStart])
  const context = useMemo(
    () => ({
      captureStart,
      clientId: (connection: number) => directory.clientId(connection),
      version: (connection: number) => directory.version(connection),
      fate: (packet: number) => capture.fates.of(packet),
    }),
    [capture, directory, captureStart],
  )
  const list = { source: capture, context, onNames: directory.onChanged, view: position, onClient }
  return {
    context,
    status: <TrafficStatus source={capture} view={position} live={connected} />,
    // Another capture has other records under the same numbers.
    list: <TrafficList key={`${view.id} ${captureStart}`} {...list} />,
    listProps: list,
  }
}

/** The same with a filter. */
export function useFilteredTraffic(
  state: CaptureState,
  traffic: ReturnType<typeof useTraffic>,
  position: Store<TrafficView>,
  connected: boolean,
) {
  const { view, filterText, index } = state
  const { capture } = view
  const { context, listProps } = traffic
  const known = useCallback(() => namesIn(capture, context), [capture, context])
  const key = `${view.id} ${context.captureStart}`
  return {
    filter: <FilterBox key={key} text={filterText} onFilter={(filter) => index.setFilter(filter)} known={known} />,
    status: <TrafficStatus source={capture} matches={index} view={position} live={connected} />,
    list: <TrafficList key={key} {...listProps} index={index} />,
  }
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
