import { type KeyboardEvent, useId } from 'react'
import type { RunDigest } from '../../../app/contract/scenarios.ts'
import type { Scenarios } from '../../state/scenarios.ts'
import { useStore } from '../../state/store.ts'
import { Dot } from '../../ui/dot.tsx'
import { useScroller } from '../../ui/use-scroller.ts'
import { formatTook, verdictTone } from './scenario-words.ts'

const rowHeight = 36
const overscan = 6

/** The runs that the workspace keeps, the newest first, also those of the command line. */
export function RunHistory({ scenarios }: { readonly scenarios: Scenarios }) {
  const runs = useStore(scenarios.runs)
  const selected = useStore(scenarios.run)
  const id = useId()
  const { attach, height, onScroll, reveal, scrolled } = useScroller()
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - overscan)
  const end = Math.min(runs.length, Math.ceil((scrolled + height) / rowHeight) + overscan)
  const index = runs.findIndex((run) => run.id === selected)
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -runs.length, End: runs.length }[
      event.key
    ]
    if (step === undefined || runs.length === 0) return
    event.preventDefault()
    const next = Math.min(runs.length - 1, Math.max(0, index + step))
    scenarios.lookAt(runs[next] as RunDigest)
    reveal(next * rowHeight, (next + 1) * rowHeight)
  }
  return (
    <section className="run-history" aria-label="Runs">
      <header className="scenarios-head">
        <h2>Runs</h2>
        <span className="scenarios-note" data-testid="runs-count">
          {runs.length}
        </span>
      </header>
      <div className="scenario-scroll" ref={attach} onScroll={onScroll}>
        <div
          role="listbox"
          aria-label="Runs, the newest first"
          tabIndex={0}
          className="scenario-rows"
          aria-activedescendant={index < 0 ? undefined : `${id}${index}`}
          style={{ height: runs.length * rowHeight }}
          onKeyDown={onKeyDown}
        >
          {runs.slice(first, end).map((run, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
            <div
              key={run.id}
              id={`${id}${first + i}`}
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
                {run.verdict} · {clockTime(run.startedAt)} · {formatTook(run.duration)} · seed {run.seed}
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
