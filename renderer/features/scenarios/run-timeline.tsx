import { useEffect, useMemo, useRef } from 'react'
import type { Report, RunTraffic } from '../../state/scenarios.ts'
import { formatPlural } from '../../ui/format.ts'
import { useWidth } from '../../ui/use-width.ts'
import { formatMoment } from './scenario-words.ts'
import { type Timeline, type TimelineMark, timelineOf } from './timeline.ts'

/** In pixels. */
const trafficHeight = 34
const laneHeight = 9
const gap = 3

/**
 * Steps, deeds and expectations of a run on one line with its traffic, as a picture: a thousand elements would be too many
 * to draw ten times a second. What it shows stands below it in words.
 */
export function RunTimeline({
  report,
  traffic,
}: {
  readonly report: Report
  readonly traffic: RunTraffic | undefined
}) {
  const [measured, width] = useWidth<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const timeline = useMemo(() => timelineOf(report, traffic, width), [report, traffic, width])
  const isOpen = timeline.expectations.some(({ tone }) => tone === 'waiting')
  const height = trafficHeight + (timeline.lanes + 2) * (laneHeight + gap) + gap
  useEffect(() => {
    const element = canvas.current
    if (element === null || width === 0) return
    const draw = () => paint(element, timeline, width, height)
    draw()
    // The colours are those of the page, which may change with the hour.
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const observer = new MutationObserver(draw)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    scheme.addEventListener('change', draw)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', draw)
    }
  }, [timeline, width, height])
  const { deeds, duration, expectations, steps } = report
  const label = [
    `Timeline of ${formatMoment(duration)}`,
    formatPlural(steps.length, 'step'),
    formatPlural(deeds.length, 'fault or order', 'faults and orders'),
    formatPlural(expectations.length, 'expectation'),
  ].join(', ')
  return (
    <figure className="run-timeline">
      <div ref={measured}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={label}
          style={{ width: '100%', height }}
          data-testid="run-timeline"
        />
      </div>
      <figcaption>
        <span>0 s</span>
        <span className="run-legend">
          <i className="legend-traffic" /> traffic <i className="legend-step" /> steps <i className="legend-deed" />{' '}
          faults <i className="legend-passed" /> passed <i className="legend-failed" /> failed
          {isOpen && (
            <>
              {' '}
              <i className="legend-open" /> {report.verdict === undefined ? 'waiting' : 'unfinished'}
            </>
          )}
        </span>
        <span>{formatMoment(duration)}</span>
      </figcaption>
    </figure>
  )
}

function paint(canvas: HTMLCanvasElement, timeline: Timeline, width: number, height: number): void {
  const scale = devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(scale, scale)
  const tokens = getComputedStyle(document.documentElement)
  const colour = (name: string) => tokens.getPropertyValue(name)
  context.fillStyle = colour('--grey')
  for (const [x, share] of timeline.density.entries()) {
    const tall = share === 0 ? 0 : Math.max(1, share * trafficHeight)
    context.fillRect(x, trafficHeight - tall, 1, tall)
  }
  context.fillStyle = colour('--line')
  context.fillRect(0, trafficHeight, width, 1)
  const lane = (n: number) => trafficHeight + gap + n * (laneHeight + gap)
  const bar = ({ from, to }: TimelineMark, top: number, token: string) => {
    context.fillStyle = colour(token)
    context.fillRect(from, top, Math.max(2, to - from - 1), laneHeight)
  }
  // What has no outcome is hollow: grey that is filled is traffic.
  const frame = ({ from, to }: TimelineMark, top: number) => {
    context.strokeStyle = colour('--muted')
    context.strokeRect(from + 0.5, top + 0.5, Math.max(2, to - from - 2), laneHeight - 1)
  }
  for (const mark of timeline.steps) bar(mark, lane(mark.lane), mark.tone === 'failed' ? '--red' : '--blue')
  for (const mark of timeline.deeds) bar(mark, lane(timeline.lanes), '--amber')
  // What failed is seen, whatever held at the same time.
  const order = { passed: 0, waiting: 1, failed: 2, steps: 0, deed: 0 }
  const tokensOf = { passed: '--green', failed: '--red', steps: '--blue', deed: '--amber' }
  for (const mark of timeline.expectations.toSorted((a, b) => order[a.tone] - order[b.tone])) {
    if (mark.tone === 'waiting') frame(mark, lane(timeline.lanes + 1))
    else bar(mark, lane(timeline.lanes + 1), tokensOf[mark.tone])
  }
}
