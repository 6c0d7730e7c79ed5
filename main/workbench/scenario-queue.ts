import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { RunReport } from '../../app/scenario/report.ts'

/** How often a run that goes on is told of at most, in milliseconds. */
const everyMs = 100

/** One run that somebody asked for. */
export interface RunOrder {
  /** Its report has this id. */
  readonly id: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  /** Before what the file says. */
  readonly seed: number | string | undefined
  readonly target: string | undefined
  /** From 1. */
  readonly repetition: number
}

/**
 * Carries out one run; never rejects for what a scenario does, which its report tells.
 *
 * @param signal aborted when it is to stop; it ends soon after, with the verdict `stopped` unless something had failed by then
 * @param onProgress may be called as often as anything changes
 */
export type CarryOut = (
  order: RunOrder,
  signal: AbortSignal,
  onProgress: (report: RunReport) => void,
) => Promise<RunReport>

/** Runs one scenario after the other, beside the workbench that runs. */
export class ScenarioQueue implements Disposable {
  readonly #clock: Clock
  readonly #carryOut: CarryOut
  readonly #log: (line: string) => void
  readonly #progress = new Emitter<RunReport>()
  readonly #changed = new Emitter<void>()
  readonly #waiting: RunOrder[] = []
  #running: { readonly order: RunOrder; readonly stop: AbortController; report: RunReport | undefined } | undefined
  #telling: Disposable | undefined
  #ended: Promise<void> = Promise.resolve()
  #closed = false

  /** A run that goes on, at most every 100 ms, and once when it has ended. */
  readonly onProgress = this.#progress.event
  /** One has begun or ended, or more wait. */
  readonly onChanged = this.#changed.event

  constructor(options: { clock: Clock; carryOut: CarryOut; log: (line: string) => void }) {
    this.#clock = options.clock
    this.#carryOut = options.carryOut
    this.#log = options.log
  }

  /** `file` is that of the run that goes on, which is told of before there is a report of it. */
  get state(): { readonly running: number; readonly waiting: number; readonly file?: string } {
    const waiting = this.#waiting.length
    return this.#running === undefined
      ? { running: 0, waiting }
      : { running: 1, waiting, file: this.#running.order.file }
  }

  /** The run that goes on, as far as it has come. */
  get current(): RunReport | undefined {
    return this.#running?.report
  }

  /** @throws FaultlineError `wrong-state` once it is closed */
  add(orders: readonly RunOrder[]): void {
    if (this.#closed) throw new FaultlineError({ code: 'wrong-state', message: 'the workbench is being closed' })
    this.#waiting.push(...orders)
    if (this.#running === undefined) this.#next()
    else this.#changed.fire()
  }

  /** Stops what runs and forgets what waits; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#waiting.length = 0
    this.#running?.stop.abort()
    this.#changed.fire()
    await this.#ended
  }

  /** Nothing begins any more; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.stop()
  }

  dispose(): void {
    this.#closed = true
    this.#telling?.dispose()
    this.#progress.dispose()
    this.#changed.dispose()
  }

  #next(): void {
    const order = this.#waiting.shift()
    this.#running = order && { order, stop: new AbortController(), report: undefined }
    this.#changed.fire()
    if (order !== undefined) this.#ended = this.#run(order)
  }

  async #run(order: RunOrder): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    try {
      const report = await this.#carryOut(order, running.stop.signal, (report) => {
        // It has ended when its recording is kept as well.
        if (report.verdict !== undefined) return
        running.report = report
        this.#telling ??= this.#clock.after(everyMs, () => {
          this.#telling = undefined
          if (running.report !== undefined) this.#progress.fire(running.report)
        })
      })
      running.report = report
    } catch (error) {
      this.#log(`the run of ${order.file} failed: ${messageOf(error)}`)
      const verdict = { is: 'environment failed', message: messageOf(error), hint: undefined } as const
      // Whoever has heard that it runs hears that it does not any more.
      running.report = running.report && { ...running.report, verdict }
    }
    this.#telling?.dispose()
    this.#telling = undefined
    const { report } = running
    this.#running = undefined
    if (report !== undefined) this.#progress.fire(report)
    this.#next()
  }
}
