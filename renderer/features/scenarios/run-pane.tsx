import { useMemo, useState } from 'react'
import { againCommand } from '../../../app/scenario/again.ts'
import type { Report, Scenarios } from '../../state/scenarios.ts'
import { useStore } from '../../state/store.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Segments } from '../../ui/segments.tsx'
import { type CoursePlace, courseOf, type PacketRange } from './course.ts'
import { CourseList } from './course-list.tsx'
import { Failures } from './failures.tsx'
import { RunTimeline } from './run-timeline.tsx'
import { countsLine, formatTook, verdictLine, verdictTone } from './scenario-words.ts'
import './run.css'

export interface RunPaneProps {
  readonly scenarios: Scenarios
  readonly connected: boolean
  readonly report: (error: unknown) => void
  readonly onMoment: (run: string, packets: PacketRange, how: 'traffic' | 'ladder') => void
  readonly onPlace: (place: CoursePlace) => void
}

/** One run, live or over. */
export function RunPane({ connected, onMoment, onPlace, report, scenarios }: RunPaneProps) {
  const run = useStore(scenarios.run)
  const shown = useStore(scenarios.report)
  if (shown === undefined || shown.id !== run) return <NoRun isWaiting={run !== undefined} />
  const hasRecording = connected && shown.recording !== undefined && shown.verdict !== undefined
  return (
    <section className="run-pane" aria-label="Run">
      <Head
        report={shown}
        onForget={
          connected && shown.verdict !== undefined ? () => void scenarios.forget([shown.id]).catch(report) : undefined
        }
      />
      <Result report={shown} onPlace={onPlace} />
      <Timeline scenarios={scenarios} report={shown} />
      <Parts
        key={shown.id}
        report={shown}
        onPlace={onPlace}
        onMoment={hasRecording ? (packets, how) => onMoment(shown.id, packets, how) : undefined}
      />
    </section>
  )
}

function Head({ onForget, report }: { readonly report: Report; readonly onForget: (() => void) | undefined }) {
  const { name, verdict } = report
  const is = verdict?.is ?? 'running'
  return (
    <header className="pane-head">
      <Chip tone={verdictTone(is)}>{is}</Chip>
      <h2 className="pane-name" title={name} data-testid="run-name">
        {name}
      </h2>
      <span className="pane-space" />
      {onForget !== undefined && (
        <Button size="small" title="Remove this run and its recording" onClick={onForget}>
          Forget
        </Button>
      )}
    </header>
  )
}

/** What has to be said before anything else: what failed, and why. */
function Result({ onPlace, report }: { readonly report: Report; readonly onPlace: (place: CoursePlace) => void }) {
  const { counts, duration, repetition, seed, target, verdict } = report
  const line = verdictLine(verdict)
  const place = verdict !== undefined && 'place' in verdict ? verdict.place : undefined
  return (
    <div className="run-result">
      <p className="run-counts" data-testid="run-facts">
        {formatTook(duration)} · seed {seed}
        {repetition > 1 && ` · no. ${repetition}`}
        {target !== '' && ` · against ${target}`} · {countsLine(counts)}
      </p>
      <p className="run-command">
        <code>{againCommand(report)}</code>
        <CopyButton text={againCommand(report)} />
      </p>
      {line !== '' && (
        <p className="run-verdict" role="status">
          {line}
          {place !== undefined && <PlaceButton place={place} onPlace={onPlace} />}
        </p>
      )}
      {verdict?.is === 'environment failed' && verdict.hint !== undefined && <p>{verdict.hint}</p>}
      {verdict?.is === 'invalid' && (
        <ul className="run-mistakes">
          {verdict.mistakes.map(({ message, path, place }) => (
            <li key={`${place?.line}:${place?.column} ${path} ${message}`}>
              {path !== '' && <code>{path}</code>} {message}
              {place !== undefined && <PlaceButton place={place} onPlace={onPlace} />}
            </li>
          ))}
        </ul>
      )}
      {verdict?.is === 'failed' && <Failures failures={verdict.failures} onPlace={onPlace} />}
    </div>
  )
}

function PlaceButton({
  onPlace,
  place,
}: {
  readonly place: CoursePlace
  readonly onPlace: (place: CoursePlace) => void
}) {
  return (
    <button type="button" className="run-place" onClick={() => onPlace(place)}>
      {place.file.slice(place.file.lastIndexOf('/') + 1)}:{place.line}
    </button>
  )
}

function Timeline({ report, scenarios }: { readonly scenarios: Scenarios; readonly report: Report }) {
  const traffic = useStore(scenarios.traffic)
  return <RunTimeline report={report} traffic={traffic?.run === report.id ? traffic : undefined} />
}

interface PartsProps {
  readonly report: Report
  readonly onPlace: (place: CoursePlace) => void
  readonly onMoment: ((packets: PacketRange, how: 'traffic' | 'ladder') => void) | undefined
}

type Part = 'course' | 'thresholds' | 'log' | 'unrepeatable'

function Parts({ onMoment, onPlace, report }: PartsProps) {
  const [part, setPart] = useState<Part>('course')
  const rows = useMemo(() => courseOf(report), [report])
  const logged = useMemo(() => rows.filter(({ kind }) => kind === 'log'), [rows])
  const { thresholds, unrepeatable, verdict } = report
  const isOver = verdict !== undefined
  return (
    <>
      <div className="run-parts">
        <Segments<Part>
          label="Which part of the run"
          value={part}
          onChange={setPart}
          segments={[
            { value: 'course', label: withCount('Course', rows.length) },
            { value: 'thresholds', label: withCount('Thresholds', thresholds.length) },
            { value: 'log', label: withCount('Log', logged.length) },
            { value: 'unrepeatable', label: withCount('Not repeatable', unrepeatable.length) },
          ]}
        />
      </div>
      {part === 'course' && <CourseList rows={rows} isOver={isOver} onPlace={onPlace} onMoment={onMoment} />}
      {part === 'log' && <CourseList rows={logged} isOver={isOver} onPlace={onPlace} onMoment={onMoment} />}
      {part === 'thresholds' && <Thresholds thresholds={thresholds} />}
      {part === 'unrepeatable' && (
        <div className="run-text">
          {unrepeatable.length === 0 ? (
            <p>Another run with this seed does the same.</p>
          ) : (
            <ul>
              {unrepeatable.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </>
  )
}

function withCount(name: string, count: number): string {
  return count === 0 ? name : `${name} ${formatCount(count)}`
}

function Thresholds({ thresholds }: { readonly thresholds: Report['thresholds'] }) {
  if (thresholds.length === 0)
    return <p className="run-text">The scenario has no thresholds, or has not come to its end.</p>
  return (
    <div className="run-text">
      <table className="run-thresholds">
        <thead>
          <tr>
            <th>metric</th>
            <th>threshold</th>
            <th>was</th>
            <th>outcome</th>
          </tr>
        </thead>
        <tbody>
          {thresholds.map(({ held, metric, text, value }) => (
            <tr key={`${metric} ${text}`}>
              <td>{metric}</td>
              <td>{text}</td>
              <td>{value}</td>
              <td>
                <Chip tone={held ? 'green' : 'red'}>{held ? 'passed' : 'failed'}</Chip>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function NoRun({ isWaiting }: { readonly isWaiting: boolean }) {
  return (
    <section className="run-pane" aria-label="Run">
      <header className="pane-head">
        <h2>Run</h2>
      </header>
      <div className="pane-none">
        <p>
          <b>{isWaiting ? 'This run has not begun yet.' : 'This scenario has not run yet.'}</b>
        </p>
        <p>
          A run has a broker, devices and ports of its own: the workbench goes on beside it. Its steps, faults and
          expectations stand here as they come, above the traffic of that moment.
        </p>
      </div>
    </section>
  )
}
