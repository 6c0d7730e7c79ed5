import { type ReactNode, useEffect, useState } from 'react'
import type { Scenarios } from '../../state/scenarios.ts'
import type { Call } from '../../state/script-documents.ts'
import { useStore } from '../../state/store.ts'
import { Split } from '../../ui/split.tsx'
import type { CoursePlace, PacketRange } from './course.ts'
import { NewScenario } from './new-scenario.tsx'
import { RecordDialog } from './record-dialog.tsx'
import { RunHistory } from './run-history.tsx'
import { RunPane } from './run-pane.tsx'
import { ScenarioList } from './scenario-list.tsx'
import '../../ui/pane-head.css'
import './scenarios.css'

export interface ScenariosScreenProps {
  readonly scenarios: Scenarios
  readonly call: Call
  /** Hears of errors that nothing here waits for. */
  readonly report: (error: unknown) => void
  readonly connected: boolean
  /** Names of scripts that a scenario's device can have. */
  readonly scripts: readonly string[]
  /** The editor of a file, which is no business of this screen. */
  readonly editor: (path: string, place: CoursePlace | undefined) => ReactNode
  /** Shows what was on the wire in a part of a run. */
  readonly onMoment: (run: string, packets: PacketRange, how: 'traffic' | 'ladder') => void
}

/** Scenarios of the workspace: their files, their runs, and the text of one. */
export function ScenariosScreen(props: ScenariosScreenProps) {
  const { call, connected, editor, onMoment, report, scenarios, scripts } = props
  const files = useStore(scenarios.files)
  const file = useStore(scenarios.file)
  const [dialog, setDialog] = useState<'new' | 'record' | undefined>(undefined)
  const place = useStore(scenarios.place)
  // Whoever comes back later finds the file where it was left, and not where a failure was.
  useEffect(() => () => scenarios.place.set(undefined), [scenarios])
  const created = (path: string) => {
    setDialog(undefined)
    scenarios.choose(path)
  }
  const shown = file ?? files?.[0]?.path
  return (
    <div className="scenarios">
      <div className="scenario-side">
        <ScenarioList
          scenarios={scenarios}
          connected={connected}
          report={report}
          onNew={() => setDialog('new')}
          onRecord={() => setDialog('record')}
        />
        <RunHistory scenarios={scenarios} />
      </div>
      {files !== undefined && files.length === 0 ? (
        <Nothing connected={connected} onNew={() => setDialog('new')} onRecord={() => setDialog('record')} />
      ) : (
        <Split
          label="Size of the script"
          name="scenario-script"
          initial={500}
          least={240}
          leastFirst={300}
          first={
            <RunPane
              scenarios={scenarios}
              connected={connected}
              report={report}
              onMoment={onMoment}
              onPlace={(wanted) => scenarios.goTo(wanted)}
            />
          }
          second={shown === undefined ? null : editor(place?.file ?? shown, place)}
        />
      )}
      {dialog === 'new' && (
        <NewScenario call={call} scripts={scripts} onClose={() => setDialog(undefined)} onCreated={created} />
      )}
      {dialog === 'record' && <RecordDialog call={call} onClose={() => setDialog(undefined)} onCreated={created} />}
    </div>
  )
}

function Nothing(props: { readonly connected: boolean; readonly onNew: () => void; readonly onRecord: () => void }) {
  return (
    <section className="scenario-nothing" aria-label="No scenario yet">
      <h2>No scenario in this workspace yet</h2>
      <p>
        A scenario is a failure as a test: devices and a broker of its own, what is done to them, and what is expected
        to come of it. It runs here and, the same file, in CI with <code>faultline run</code>.
      </p>
      <p>
        Scenarios are files in <code>scenarios/</code> that end in <code>.scenario.ts</code>. Begin with a small one
        that passes, or do something by hand on the Bench – cut the power, drop a packet – and let it be written down.
      </p>
      <div className="scenario-nothing-actions">
        <button type="button" className="button button-primary" disabled={!props.connected} onClick={props.onNew}>
          New scenario
        </button>
        <button type="button" className="button button-plain" disabled={!props.connected} onClick={props.onRecord}>
          Record as scenario
        </button>
      </div>
    </section>
  )
}
