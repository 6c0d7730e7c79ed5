import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import type { EventValue } from '../../app/contract/contract.ts'
import type { Recorder } from '../recorder/recorder.ts'

/** One batch a frame is as often as a screen can show something new. */
const interval = 16
const batchRecords = 4096
/** How many batches may be on their way before the screen has to say that it took one in. */
const window = 8
/** A screen that is this many records behind gets the newest instead; it is told how many it missed. */
const mostBehind = 50_000

/** Sends one screen the records as they come, no faster than the screen takes them in. */
export class CaptureFollower implements Disposable {
  readonly #recorder: Recorder
  readonly #clock: Clock
  readonly #send: (batch: EventValue<'capture.batch'>) => void
  readonly #subscription: Disposable
  #next: number
  #batch = 0
  #acknowledged = 0
  #timer: Disposable | undefined

  constructor(options: { recorder: Recorder; clock: Clock; send: (batch: EventValue<'capture.batch'>) => void }) {
    this.#recorder = options.recorder
    this.#clock = options.clock
    this.#send = options.send
    this.#next = options.recorder.next
    this.#subscription = options.recorder.onRecorded(() => this.#schedule())
  }

  /** The number of the first record that will be sent. */
  get next(): number {
    return this.#next
  }

  acknowledge(batch: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(batch, this.#batch))
    this.#schedule()
  }

  dispose(): void {
    this.#subscription.dispose()
    this.#timer?.dispose()
  }

  #schedule(): void {
    const nothing = this.#next >= this.#recorder.next
    if (this.#timer || nothing || this.#batch - this.#acknowledged >= window) return
    this.#timer = this.#clock.after(interval, () => {
      this.#timer = undefined
      this.#sendBatch()
      this.#schedule()
    })
  }

  #sendBatch(): void {
    const behind = this.#recorder.next - this.#next
    const skipped = behind > mostBehind ? behind - batchRecords : 0
    const block = this.#recorder.read(this.#next + skipped, batchRecords)
    // The ring may have let go of the oldest records before this screen came to them.
    const { first, count } = new CaptureBatch(block)
    const missed = first - this.#next
    this.#next = first + count
    this.#send({ batch: ++this.#batch, skipped: missed, block })
  }
}
