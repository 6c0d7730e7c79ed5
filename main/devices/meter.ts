import { LatencyHistogram } from '../../app/device/latency-histogram.ts'

/** What was counted of a fleet since the last reading; crosses between threads and processes. */
export interface MeterReading {
  readonly published: number
  readonly acknowledged: number
  /** Cells of a `LatencyHistogram`. */
  readonly latency: readonly (readonly [cell: number, count: number])[]
  readonly errors: Readonly<Record<string, number>>
}

/** Reasons carry what a broker says; how many different ones are kept is bounded. */
const mostReasons = 100
const otherReasons = 'other reasons'

/** Counts what the clients of a fleet do in one worker, between two readings. */
export class Meter {
  readonly #latency = new LatencyHistogram()
  readonly #errors = new Map<string, number>()
  #published = 0
  #acknowledged = 0

  published(): void {
    this.#published++
  }

  /** PUBACK or PUBCOMP has come. @param ms since PUBLISH was sent */
  acknowledged(ms: number): void {
    this.#acknowledged++
    this.#latency.add(ms)
  }

  failed(reason: string, times = 1): void {
    addReason(this.#errors, reason, times)
  }

  /** What was counted since the last reading; undefined when nothing was. */
  take(): MeterReading | undefined {
    if (this.#published + this.#acknowledged + this.#errors.size === 0) return undefined
    const reading = {
      published: this.#published,
      acknowledged: this.#acknowledged,
      latency: this.#latency.entries(),
      errors: Object.fromEntries(this.#errors),
    }
    this.#published = this.#acknowledged = 0
    this.#latency.clear()
    this.#errors.clear()
    return reading
  }
}

export function addReason(errors: Map<string, number>, reason: string, times: number): void {
  const known = errors.has(reason) || errors.size < mostReasons ? reason : otherReasons
  errors.set(known, (errors.get(known) ?? 0) + times)
}
