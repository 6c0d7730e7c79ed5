import type { Report } from '../../state/scenarios.ts'
import type { CoursePlace } from './course.ts'
import { formatMoment } from './scenario-words.ts'

type Failed = Extract<NonNullable<Report['verdict']>, { is: 'failed' }>['failures']

/** More than these are in the course of the run, each on its row. */
const mostShown = 20

/** What did not hold: what was expected, what came instead, and the packets around it. */
export function Failures({
  failures,
  onPlace,
}: {
  readonly failures: Failed
  readonly onPlace: (place: CoursePlace) => void
}) {
  return (
    <ol className="failures" aria-label="Failures">
      {failures.slice(0, mostShown).map((failure) => (
        <Failure
          key={JSON.stringify([failure.at, failure.what, failure.place])}
          failure={failure}
          isOnly={failures.length === 1}
          onPlace={onPlace}
        />
      ))}
      {failures.length > mostShown && <li>and {failures.length - mostShown} more, below</li>}
    </ol>
  )
}

/** What a terminal needs to set it off is room lost here. */
function withoutIndent(lines: readonly string[]): string[] {
  const indent = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => line.slice(indent))
}

function Failure({
  failure,
  isOnly,
  onPlace,
}: {
  readonly failure: Failed[number]
  /** Of several the packets are folded away, so that all of them are seen. */
  readonly isOnly: boolean
  readonly onPlace: (place: CoursePlace) => void
}) {
  const { at, expected, ladder, place, received, soft, what } = failure
  return (
    <li className="failure">
      <button
        type="button"
        className="failure-head"
        disabled={place === undefined}
        title={place === undefined ? '' : `${place.file}:${place.line}`}
        onClick={() => place !== undefined && onPlace(place)}
      >
        <b>{what}</b>
        <span>
          {formatMoment(at)}
          {soft && ' · soft'}
          {place !== undefined && ` · line ${place.line}`}
        </span>
      </button>
      <dl className="failure-facts">
        <dt>expected</dt>
        <dd>{expected}</dd>
        <dt>received</dt>
        <dd>{received}</dd>
      </dl>
      {ladder.length > 0 && (
        <details className="failure-packets" open={isOnly}>
          <summary>the packets around it</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
          <pre className="failure-ladder" tabIndex={0}>
            {withoutIndent(ladder).join('\n')}
          </pre>
        </details>
      )}
    </li>
  )
}
