import { useEffect, useMemo, useState } from 'react'
import { compileFilter } from '../app/capture/filter.ts'
import { EditorHost, type ShownProblems } from './features/bench/editor-host.tsx'
import { ScriptNotices } from './features/bench/script-notices.tsx'
import { useSaveKey } from './features/bench/use-save-key.ts'
import type { CoursePlace, PacketRange } from './features/scenarios/course.ts'
import { ScenariosScreen } from './features/scenarios/scenarios-screen.tsx'
import type { CaptureStates } from './state/capture-state.ts'
import type { CaptureView } from './state/capture-view.ts'
import { isDirty } from './state/script-documents.ts'
import { useStore } from './state/store.ts'
import type { Theme, ThemeSetting } from './state/theme-choice.ts'
import type { Workbench } from './state/workbench.ts'
import { Button } from './ui/button.tsx'
import { Dot } from './ui/dot.tsx'
import { formatPlural } from './ui/format.ts'

export interface ScenarioPartsProps {
  readonly workbench: Workbench
  readonly connected: boolean
  readonly theme: ThemeSetting
  readonly states: CaptureStates
  /** Shows the traffic of a capture, from this record on. */
  readonly onTraffic: (view: CaptureView, first: number) => void
  /** Shows the handshake that a packet belongs to. */
  readonly onHandshake: (view: CaptureView, packet: number) => void
}

/** The screen of the scenarios, with the editor of the Bench and the way to Traffic and Handshakes. */
export function ScenarioParts(props: ScenarioPartsProps) {
  const { connected, onHandshake, onTraffic, states, theme, workbench } = props
  const shownTheme = useStore(theme.theme)
  const scripts = useStore(workbench.scripts)
  const names = useMemo(
    () => scripts?.flatMap(({ path }) => /^devices\/([^/]+)\.device\.ts$/.exec(path)?.[1] ?? []) ?? [],
    [scripts],
  )
  const showMoment = async (run: string, { first, last }: PacketRange, how: 'traffic' | 'ladder') => {
    const view = await workbench.openRun(run)
    const filter = last === undefined ? `number>=${first}` : `number>=${first} number<=${last}`
    if (how === 'traffic') {
      const state = states.of(view)
      state.filterText.set(filter)
      state.index.setFilter(compileFilter(filter))
      onTraffic(view, first)
      return
    }
    const search = {
      capture: view.id,
      filter: `type:publish ${filter}`,
      from: first,
      to: last ?? Number.MAX_SAFE_INTEGER,
    }
    const { numbers } = await workbench.call('capture.search', search)
    onHandshake(view, numbers[0] ?? first)
  }
  return (
    <ScenariosScreen
      scenarios={workbench.scenarios}
      call={workbench.call}
      report={(error) => workbench.report(error)}
      connected={connected}
      scripts={names}
      editor={(path, place) => (
        <ScenarioEditor workbench={workbench} path={path} place={place} theme={shownTheme} connected={connected} />
      )}
      onMoment={(run, packets, how) => {
        showMoment(run, packets, how).catch((error: unknown) => workbench.report(error))
      }}
    />
  )
}

interface ScenarioEditorProps {
  readonly workbench: Workbench
  readonly path: string
  readonly place: CoursePlace | undefined
  readonly theme: Theme
  readonly connected: boolean
}

const noFailures = [] as const

function ScenarioEditor({ connected, path, place, theme, workbench }: ScenarioEditorProps) {
  const { documents } = workbench.scenarios
  const document = useStore(documents.all).get(path)
  const [problems, setProblems] = useState<ShownProblems | undefined>(undefined)
  useEffect(() => {
    void documents.open(path)
  }, [documents, path])
  useSaveKey(documents, path)
  const at = useMemo(() => place && { path: place.file, line: place.line, column: place.column }, [place])
  const dirty = document !== undefined && isDirty(document)
  return (
    <section className="scenario-editor" aria-label="Script">
      <header className="pane-head">
        <h2 className="pane-name" title={path}>
          {path.slice(path.lastIndexOf('/') + 1)}
        </h2>
        {dirty && <Dot tone="amber" label="not saved" />}
        <span className="pane-space" />
        {problems !== undefined && problems.count > 0 && (
          <button
            type="button"
            className="run-place"
            title="Go to the next type error"
            onClick={() => problems.goTo(1)}
          >
            {formatPlural(problems.count, 'type error')}
          </button>
        )}
        <Button
          size="small"
          kind={dirty ? 'primary' : 'plain'}
          disabled={!connected || !dirty || document.saving}
          title="Save (Ctrl+S)"
          onClick={() => void documents.save(path)}
        >
          Save
        </Button>
      </header>
      {document !== undefined && <ScriptNotices document={document} documents={documents} />}
      {document !== undefined && document.state !== 'unreadable' && (
        <EditorHost
          documents={documents}
          document={document}
          failures={noFailures}
          theme={theme}
          place={at}
          modules={workbench.modules.texts}
          onProblems={setProblems}
        />
      )}
    </section>
  )
}
