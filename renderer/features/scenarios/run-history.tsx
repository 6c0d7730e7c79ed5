import type { RunDigest } from '../../../app/contract/scenarios.ts'
import type { Scenarios } from '../../state/scenarios.ts'
import { useStore } from '../../state/store.ts'
import { Dot } from '../../ui/dot.tsx'
import { formatClock } from '../../ui/format.ts'
import { ListBox, ListRow } from '../../ui/list-box.tsx'
import { useList } from '../../ui/use-list.ts'
import { formatTook, verdictTone } from './scenario-words.ts'

const rowHeight = 36

/** The runs that the workspace keeps, the newest first, also those of the command line. */
export function RunHistory({ scenarios }: { readonly scenarios: Scenarios }) {
  const runs = useStore(scenarios.runs)
  const selected = useStore(scenarios.run)
  const index = runs.findIndex((run) => run.id === selected)
  const list = useList({
    count: runs.length,
    rowHeight,
    index,
    onChoose: (at) => scenarios.lookAt(runs[at] as RunDigest),
  })
  const { end, first, idOf } = list
  return (
    <section className="run-history" aria-label="Runs">
      <header className="pane-head">
        <h2>Runs</h2>
        <span className="pane-note" data-testid="runs-count">
          {runs.length}
        </span>
      </header>
      {runs.length === 0 ? (
        <p className="pane-none">Nothing has run yet. What runs is kept here, the newest 500.</p>
      ) : (
        <ListBox label="Runs, the newest first" list={list}>
          {runs.slice(first, end).map((run, i) => (
            <ListRow
              key={run.id}
              id={idOf(first + i)}
              className="run-row"
              top={(first + i) * rowHeight}
              height={rowHeight}
              selected={run.id === selected}
              title={`${run.file} · ${run.id}`}
              onClick={() => scenarios.lookAt(run)}
            >
              <Dot tone={verdictTone(run.verdict)} />
              <b>{run.name}</b>
              <span className="scenario-line">
                {run.verdict} · {formatClock(run.startedAt)}
                {run.verdict !== 'running' && ` · ${formatTook(run.duration)}`} · seed {run.seed}
                {run.repetition > 1 && ` · no. ${run.repetition}`}
              </span>
            </ListRow>
          ))}
        </ListBox>
      )}
    </section>
  )
}
