import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'

/** The monitor counts its own interval in. */
const resolution = 5

/** Measures how late the event loop of this process is while something goes on; it is shared by broker and clients. */
export class LoopWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution })
  readonly #what: string

  private constructor(what: string) {
    this.#what = what
    this.#delay.enable()
  }

  static start(what: string): LoopWatch {
    return new LoopWatch(what)
  }

  /** Prints it. */
  stop(): void {
    this.#delay.disable()
    const ms = (percent: number) => Math.max(0, this.#delay.percentile(percent) / 1e6 - resolution).toFixed(1)
    process.stdout.write(`event loop delay, ${this.#what}: p99 ${ms(99)} ms, longest ${ms(100)} ms\n`)
  }
}
