import { useEffect, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { RecordingFile, SpillState } from '../../../app/contract/captures.ts'
import { Button } from '../../ui/button.tsx'
import { formatClock, formatOctets, formatPlural } from '../../ui/format.ts'
import { Popover } from '../../ui/popover.tsx'
import { troubleOf } from './recording-trouble.ts'
import './recordings.css'

export interface CaptureChoice {
  readonly id: string
  readonly name: string
  /** What could not be read of a recording. */
  readonly problem: string | undefined
}

export const exportFormats = {
  pcapng: 'pcapng, for Wireshark and tshark',
  jsonl: 'JSON Lines, a record a line',
  csv: 'CSV, for a spreadsheet',
  faultline: 'Faultline recording, to open here again',
} as const

export type ExportFormat = keyof typeof exportFormats

export interface Exported {
  readonly path: string
  readonly records: number
  readonly octets: number
}

export interface CaptureBarProps {
  /** The running capture is the first. */
  readonly captures: readonly CaptureChoice[]
  readonly current: string
  readonly recording: SpillState | undefined
  /** The filter of the list: what is exported. */
  readonly filter: string
  onChoose(id: string): void
  onClose(id: string): void
  onRecord(on: boolean): Promise<void>
  onExport(format: ExportFormat): Promise<Exported>
  listFiles(): Promise<readonly RecordingFile[]>
  onOpen(path: string): Promise<void>
}

/** Which capture is looked at, and what is done with it as a whole: record, open, export. */
export function CaptureBar(props: CaptureBarProps) {
  const { captures, current, onChoose, onClose } = props
  const shown = captures.find(({ id }) => id === current)
  return (
    <div className="capture-bar">
      {captures.length > 1 && (
        <>
          <select
            aria-label="Capture"
            className="capture-choice"
            value={current}
            onChange={(event) => onChoose(event.target.value)}
          >
            {captures.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          {current !== captures[0]?.id && (
            <Button size="small" onClick={() => onClose(current)}>
              Close
            </Button>
          )}
        </>
      )}
      {shown?.problem !== undefined && (
        <span className="capture-problem" role="note" title={shown.problem}>
          {shown.problem}
        </span>
      )}
      <RecordButton recording={props.recording} onRecord={props.onRecord} />
      <Popover label="Open…" title="Open a recording">
        {(close) => <OpenPanel listFiles={props.listFiles} onOpen={props.onOpen} close={close} />}
      </Popover>
      <Popover label="Export…" title="Export">
        {() => <ExportPanel filter={props.filter} onExport={props.onExport} />}
      </Popover>
    </div>
  )
}

function RecordButton({ recording, onRecord }: Pick<CaptureBarProps, 'recording' | 'onRecord'>) {
  const running = recording?.path !== undefined
  const say = running
    ? `Every record is written to ${recording.path}`
    : 'Writes every record from now on to a file of the workspace'
  const trouble = recording && troubleOf(recording)
  return (
    <>
      {trouble !== undefined && (
        <span className="capture-problem" role={running ? 'status' : 'alert'} title={trouble}>
          {trouble}
        </span>
      )}
      <Button size="small" kind={running ? 'danger' : 'plain'} title={say} onClick={() => void onRecord(!running)}>
        {running ? `Stop · ${formatPlural(recording.records, 'record')} · ${formatOctets(recording.octets)}` : 'Record'}
      </Button>
    </>
  )
}

function OpenPanel({
  listFiles,
  onOpen,
  close,
}: Pick<CaptureBarProps, 'listFiles' | 'onOpen'> & { readonly close: () => void }) {
  const [files, setFiles] = useState<readonly RecordingFile[]>()
  const [path, setPath] = useState('')
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    listFiles().then(setFiles, (error: unknown) => setProblem(messageOf(error)))
  }, [listFiles])
  const open = (wanted: string) => {
    onOpen(wanted).then(close, (error: unknown) => setProblem(messageOf(error)))
  }
  return (
    <div className="recordings-panel">
      {files?.length === 0 && <p>There are no recordings in this workspace yet.</p>}
      {files !== undefined && files.length > 0 && (
        <ul className="recordings-files" aria-label="Recordings">
          {files.map((file) => (
            <li key={file.path}>
              <button type="button" className="recordings-file" onClick={() => open(file.path)}>
                <span>{file.path.split('/').pop()}</span>
                <span className="recordings-detail">
                  {formatOctets(file.octets)} · {formatClock(file.modified)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        className="recordings-path"
        onSubmit={(event) => {
          event.preventDefault()
          if (path.trim() !== '') open(path.trim())
        }}
      >
        <label>
          Recording, pcap or pcapng file
          <input
            className="input input-mono"
            value={path}
            onChange={(event) => setPath(event.target.value)}
            placeholder="/path/to/file.pcapng"
          />
        </label>
        <button type="submit" className="button button-plain button-small" disabled={path.trim() === ''}>
          Open
        </button>
      </form>
      {problem !== undefined && (
        <p className="recordings-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

function ExportPanel({ filter, onExport }: Pick<CaptureBarProps, 'filter' | 'onExport'>) {
  const [outcome, setOutcome] = useState<{ readonly good: boolean; readonly text: string }>()
  const [busy, setBusy] = useState(false)
  const run = async (format: ExportFormat) => {
    setBusy(true)
    try {
      const { path, records, octets } = await onExport(format)
      setOutcome({ good: true, text: `Wrote ${formatPlural(records, 'record')}, ${formatOctets(octets)}, to ${path}` })
    } catch (error) {
      setOutcome({ good: false, text: messageOf(error) })
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="recordings-panel">
      <p>{filter.trim() === '' ? 'All records of this capture.' : `Records that match ${filter}`}</p>
      <ul className="recordings-files" aria-label="Formats">
        {(Object.keys(exportFormats) as ExportFormat[]).map((format) => (
          <li key={format}>
            <button type="button" className="recordings-file" disabled={busy} onClick={() => void run(format)}>
              {exportFormats[format]}
            </button>
          </li>
        ))}
      </ul>
      {outcome !== undefined && (
        <p className={outcome.good ? 'recordings-done' : 'recordings-problem'} role="status">
          {outcome.text}
        </p>
      )}
    </div>
  )
}
