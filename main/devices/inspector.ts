import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { Inspection, WorkerSetup } from './messages.ts'
import { aheadOf } from './node-clock.ts'
import { type Loss, WorkerSlot } from './worker-slot.ts'

/** No device waits for this thread: on a machine that has no time for it, a script may take long. In milliseconds. */
const patience = 10_000

/** How long the thread waits for another script, in milliseconds: whoever edits one saves it often. */
const idleFor = 10_000

export interface InspectorOptions {
  readonly clock: Clock
  /** The bundle of `main/devices/guest/worker.ts`. */
  readonly worker: URL
  readonly setup: Omit<WorkerSetup, 'marks'>
}

/**
 * Finds out what scripts describe, in a thread of their own: one that never comes back harms no device. The thread ends
 * some time after there is nothing more to look at.
 */
export class Inspector {
  readonly #options: InspectorOptions
  /** One after the other, so that it is clear who is to blame when the thread is lost. */
  #queue: Promise<unknown> = Promise.resolve()
  #asked = 0
  #idle: Disposable | undefined
  #slot: WorkerSlot | undefined
  /** The one that is being looked at. */
  #script = ''
  #closed = false
  #answer: ((inspection: Inspection) => void) | undefined

  constructor(options: InspectorOptions) {
    this.#options = options
  }

  /**
   * @param script path relative to the workspace, with `/`
   * @param tryAs the id of a device for which its factory is run as well, connected to nothing
   */
  inspect(script: string, source: string, tryAs?: string): Promise<Inspection> {
    this.#asked++
    this.#idle?.dispose()
    const inspected = this.#queue.then(() => this.#look(script, source, tryAs))
    this.#queue = inspected.then(() => {
      if (--this.#asked === 0 && !this.#closed) {
        this.#idle = this.#options.clock.after(idleFor, () => void this.#end())
      }
    })
    return inspected
  }

  /** Whoever waits is told that nothing will come. */
  async close(): Promise<void> {
    this.#closed = true
    this.#idle?.dispose()
    await this.#end()
  }

  async #look(script: string, source: string, tryAs: string | undefined): Promise<Inspection> {
    if (this.#closed) return failed(script, 'it was not looked at: the workbench was closed')
    this.#script = script
    const slot = this.#running()
    return await new Promise<Inspection>((resolve) => {
      this.#answer = resolve
      void slot
        .request((ticket) => ({
          type: 'inspect',
          ticket,
          number: 1,
          script,
          source,
          clockAhead: aheadOf(this.#options.clock),
          tryAs,
        }))
        // Where there was an answer, this one is not heard.
        .then(() => resolve(failed(script, 'it was not looked at: the workbench was closed')))
    })
  }

  #running(): WorkerSlot {
    this.#slot ??= new WorkerSlot({
      url: this.#options.worker,
      setup: this.#options.setup,
      report: (report) => {
        if (report.type === 'inspected') this.#answer?.(report.inspection)
      },
      patience,
      lost: (loss) => this.#answer?.(failed(this.#script, lossText(loss))),
    })
    return this.#slot
  }

  async #end(): Promise<void> {
    const slot = this.#slot
    this.#slot = undefined
    await slot?.close()
  }
}

function lossText(loss: Loss): string {
  if (loss.type === 'hung') return `${loss.visited} did not come back within ${patience / 1000} s`
  const what = loss.type === 'poisoned' ? 'its script broke the sandbox' : 'its worker stopped'
  return `${what} (${loss.message})`
}

function failed(file: string, message: string): Inspection {
  const error = { message, file, line: undefined, column: undefined, stack: undefined }
  return { kind: 'failed', error, isFleet: false }
}
