import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { seedOf } from '../../../app/base/seed.ts'
import type { ScenarioFile } from '../../../app/contract/scenarios.ts'
import type { Scenarios } from '../../state/scenarios.ts'
import { useStore } from '../../state/store.ts'
import { Button } from '../../ui/button.tsx'
import { Dot } from '../../ui/dot.tsx'
import { ListBox, ListRow } from '../../ui/list-box.tsx'
import { useList } from '../../ui/use-list.ts'
import { type TreeRow, treeOf } from './scenario-tree.ts'
import { fileLine } from './scenario-words.ts'
import '../../ui/input.css'

const rowHeight = 40
const mostRepeat = 1000

export interface ScenarioListProps {
  readonly scenarios: Scenarios
  readonly connected: boolean
  readonly report: (error: unknown) => void
  readonly onNew: () => void
  readonly onRecord: () => void
}

/** The files, and what runs them. */
export function ScenarioList({ connected, onNew, onRecord, report, scenarios }: ScenarioListProps) {
  const files = useStore(scenarios.files)
  const chosen = useStore(scenarios.file) ?? files?.[0]?.path
  const queue = useStore(scenarios.queue)
  const runs = useStore(scenarios.runs)
  // Before the first is heard of it, its file is: what is wrong with its text is looked for meanwhile.
  const running = queue.file ?? runs.find(({ verdict }) => verdict === 'running')?.file
  const [repeat, setRepeat] = useState('1')
  const [seed, setSeed] = useState('')
  const rows = useMemo(() => treeOf(files ?? []), [files])
  const times = /^\d{1,4}$/.test(repeat) ? Number(repeat) : 0
  const isWrong = times < 1 || times > mostRepeat
  const busy = queue.running + queue.waiting > 0
  const run = (paths: readonly string[]) => {
    scenarios
      .start({ paths: [...paths], ...(times > 1 && { repeat: times }), ...(seed !== '' && { seed: seedOf(seed) }) })
      .catch(report)
  }
  const ready = connected && !isWrong && rows.length > 0
  return (
    <section className="scenario-list" aria-label="Scenarios">
      <header className="pane-head">
        <h2>Scenarios</h2>
        <span className="pane-note">{files?.length ?? ''}</span>
        <span className="pane-space" />
        <Button size="small" disabled={!connected} title="Write a new scenario" onClick={onNew}>
          New
        </Button>
        <Button size="small" disabled={!connected} title="Make a scenario of what was done by hand" onClick={onRecord}>
          Record as scenario
        </Button>
      </header>
      <div className="scenario-tools">
        <div className="scenario-buttons">
          <Button
            size="small"
            kind="primary"
            disabled={!ready || chosen === undefined}
            title={chosen === undefined ? 'Choose a scenario first' : `Run ${chosen}`}
            onClick={() => chosen !== undefined && run([chosen])}
          >
            Run
          </Button>
          <Button
            size="small"
            disabled={!ready}
            title="Run every scenario, one after the other"
            onClick={() => run([])}
          >
            Run all
          </Button>
          <Button
            size="small"
            kind="danger"
            disabled={!connected || !busy}
            title="Stop what runs and forget what waits"
            onClick={() => void scenarios.stop().catch(report)}
          >
            Stop
          </Button>
          <span className="scenario-queue" role="status">
            {busy && (queue.waiting > 0 ? `running · ${queue.waiting} waiting` : 'running')}
          </span>
        </div>
        <div className="scenario-fields">
          <label>
            repeat
            <input
              className="input input-mono"
              inputMode="numeric"
              value={repeat}
              aria-invalid={isWrong}
              title={`How often each is run, 1 to ${mostRepeat}`}
              onChange={(event) => setRepeat(event.target.value.trim())}
            />
          </label>
          <label>
            seed
            <input
              className="input input-mono"
              value={seed}
              placeholder="the file’s own"
              title="Comes before the seed that the file says"
              spellCheck={false}
              onChange={(event) => setSeed(event.target.value.trim())}
            />
          </label>
        </div>
      </div>
      <Rows
        rows={rows}
        selected={chosen}
        running={running}
        onSelect={(path) => scenarios.choose(path)}
        onRun={(path) => ready && run([path])}
      />
    </section>
  )
}

interface RowsProps {
  readonly rows: readonly TreeRow[]
  readonly selected: string | undefined
  /** The file whose run goes on. */
  readonly running: string | undefined
  readonly onSelect: (path: string) => void
  readonly onRun: (path: string) => void
}

/** Only the rows in sight exist. Enter runs what is chosen. */
function Rows({ onRun, onSelect, rows, running, selected }: RowsProps) {
  const index = rows.findIndex(({ kind, path }) => kind === 'file' && path === selected)
  const list = useList({
    count: rows.length,
    rowHeight,
    index,
    onChoose: (at) => onSelect((rows[at] as TreeRow).path),
    isRow: (at) => rows[at]?.kind === 'file',
  })
  const { end, first, height, idOf } = list
  const shown = useRef(-1)
  useEffect(() => {
    // What was chosen elsewhere, by a run that begins or a file that was made, is brought into sight once.
    if (index < 0 || height === 0 || shown.current === index) return
    shown.current = index
    list.show(index)
  }, [index, height, list])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || selected === undefined) {
      list.onKeyDown(event)
      return
    }
    event.preventDefault()
    onRun(selected)
  }
  return (
    <ListBox label="Scenario files" list={list} onKeyDown={onKeyDown}>
      {rows.slice(first, end).map((row, i) => {
        const top = (first + i) * rowHeight
        const indent = 12 + row.depth * 14
        return row.kind === 'folder' ? (
          <div
            key={`${row.path}/`}
            className="scenario-folder"
            style={{ top, height: rowHeight, paddingLeft: indent }}
            role="presentation"
          >
            {row.name}/
          </div>
        ) : (
          <ListRow
            key={row.path}
            id={idOf(first + i)}
            className="scenario-row"
            top={top}
            height={rowHeight}
            indent={indent}
            selected={row.path === selected}
            title={row.file.problem ?? row.path}
            testId={`scenario-${row.path}`}
            onClick={() => onSelect(row.path)}
            onDoubleClick={() => onRun(row.path)}
          >
            <FileRow file={row.file} isRunning={row.path === running} />
          </ListRow>
        )
      })}
    </ListBox>
  )
}

function FileRow({ file, isRunning }: { readonly file: ScenarioFile; readonly isRunning: boolean }) {
  const { bad, line, tone } = fileLine(file, isRunning)
  return (
    <>
      <Dot tone={tone} />
      <b>{file.name}</b>
      <span className={bad ? 'scenario-line scenario-line-bad' : 'scenario-line'}>
        {file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.scenario\.ts$/, '')} · {line}
      </span>
    </>
  )
}
