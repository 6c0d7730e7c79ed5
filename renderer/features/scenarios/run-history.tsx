import type { RunDigest } from '../../../app/contract/scenarios.ts'
import type { Scenarios } from '../../state/scenarios.ts'
import { useStore } from '../../state/store.ts'
import { Dot } from '../../ui/dot.tsx'
import { useList } from '../../ui/use-list.ts'
import { formatTook, verdictTone } from './scenario-words.ts'

const rowHeight = 36

/** The runs that the workspace keeps, the newest first, also those of the command line. */
export function RunHistory({ scenarios }: { readonly scenarios: Scenarios }) {
  const runs = useStore(scenarios.runs)
  const selected = useStore(scenarios.run)
  const index = runs.findIndex((run) => run.id === selected)
  const { attach, end, first, idOf, onKeyDown, onScroll } = useList({
    count: runs.length,
    rowHeight,
    index,
    onChoose: (at) => scenarios.lookAt(runs[at] as RunDigest),
  })
  return (
    <section className="run-history" aria-label="Runs">
      <header className="pane-head">
        <h2>Runs</h2>
        <span className="pane-note" data-testid="runs-count">
          {runs.length}
        </span>
      </header>
      <div className="scenario-scroll" ref={attach} onScroll={onScroll}>
        <div
          role="listbox"
          aria-label="Runs, the newest first"
          tabIndex={0}
          className="scenario-rows"
          aria-activedescendant={index < 0 ? undefined : idOf(index)}
          style={{ height: runs.length * rowHeight }}
          onKeyDown={onKeyDown}
        >
          {runs.slice(first, end).map((run, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
            <div
              key={run.id}
              id={idOf(first + i)}
              role="option"
              aria-selected={run.id === selected}
              className="list-row run-row"
              style={{ top: (first + i) * rowHeight, height: rowHeight }}
              title={`${run.file} · ${run.id}`}
              onClick={() => scenarios.lookAt(run)}
            >
              <Dot tone={verdictTone(run.verdict)} />
              <b>{run.name}</b>
              <span className="scenario-line">
                {run.verdict} · {clockTime(run.startedAt)}
                {run.verdict !== 'running' && ` · ${formatTook(run.duration)}`} · seed {run.seed}
                {run.repetition > 1 && ` · no. ${run.repetition}`}
              </span>
            </div>
          ))}
        </div>
        {runs.length === 0 && (
          <p className="scenarios-none">Nothing has run yet. What runs is kept here, the newest 500.</p>
        )}
      </div>
    </section>
  )
}

/** Of today the time, else the day as well. */
function clockTime(time: number): string {
  const date = new Date(time)
  const clock = date.toLocaleTimeString('en-GB')
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString('en-CA')} ${clock}`
}
