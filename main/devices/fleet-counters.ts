import type { Clock } from '../../app/base/clock.ts'
import type { LoadCounters } from '../../app/device/fleet.ts'
import { LatencyHistogram } from '../../app/device/latency-histogram.ts'
import { addReason, type MeterReading } from './meter.ts'

/** Latencies of the last minute are kept in parts of so many milliseconds, which leave one by one. */
const part = 10_000
const parts = 6
const second = 1000
/** Between two samples, in milliseconds. */
const usualPause = 250

/** What a fleet has done since it began, put together from the readings of its workers. */
export class FleetCounters {
  readonly #clock: Clock
  readonly #total = new LatencyHistogram()
  readonly #recent: { readonly until: number; readonly histogram: LatencyHistogram }[] = []
  readonly #errors = new Map<string, number>()
  /** How much was published by when, over a little more than a second. */
  readonly #samples: { readonly time: number; readonly published: number }[] = []
  #published = 0
  #acknowledged = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get published(): number {
    return this.#published
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  add({ published, acknowledged, latency, errors }: MeterReading): void {
    this.#published += published
    this.#acknowledged += acknowledged
    const recent = this.#newest()
    for (const [cell, count] of latency) {
      this.#total.addTo(cell, count)
      recent.addTo(cell, count)
    }
    for (const [reason, times] of Object.entries(errors)) addReason(this.#errors, reason, times)
  }

  /** To be called a few times a second: the rate is the difference between two samples. */
  sample(): void {
    const time = this.#now()
    const last = this.#samples.at(-1)
    // Nothing was counted for a while: the rate begins anew, instead of being spread over that while.
    if (last === undefined || time - last.time > 2 * usualPause) {
      this.#samples.length = 0
      this.#samples.push({ time: time - usualPause, published: last?.published ?? 0 })
    }
    this.#samples.push({ time, published: this.#published })
    // The last one that is a second old stays, to be compared with.
    while ((this.#samples[1]?.time ?? time) <= time - second) this.#samples.shift()
  }

  /** Whether a sample would change the rate. */
  get isMoving(): boolean {
    return this.#samples.some(({ published }) => published !== this.#published)
  }

  snapshot(): LoadCounters {
    return {
      published: this.#published,
      acknowledged: this.#acknowledged,
      latency: this.#lastMinute().summary(),
      rate: this.#rate(),
      errors: Object.fromEntries(this.#errors),
    }
  }

  /** As `snapshot`, with the latencies of the whole run. */
  total(): LoadCounters {
    return { ...this.snapshot(), latency: this.#total.summary() }
  }

  #rate(): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.time <= first.time) return 0
    return ((last.published - first.published) * second) / (last.time - first.time)
  }

  #newest(): LatencyHistogram {
    const now = this.#now()
    const newest = this.#recent.at(-1)
    if (newest !== undefined && now < newest.until) return newest.histogram
    const histogram = new LatencyHistogram()
    this.#recent.push({ until: now + part, histogram })
    if (this.#recent.length > parts) this.#recent.shift()
    return histogram
  }

  #lastMinute(): LatencyHistogram {
    const oldest = this.#now() - part * (parts - 1)
    const all = new LatencyHistogram()
    for (const { until, histogram } of this.#recent) if (until > oldest) all.merge(histogram)
    return all
  }

  #now(): number {
    return this.#clock.monotonic() / 1e6
  }
}
