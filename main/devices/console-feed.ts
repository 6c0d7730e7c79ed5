import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import type { ConsoleLine } from '../../app/device/device-snapshot.ts'

/** Gathers lines of all consoles and tells them together. */
export class ConsoleFeed implements Disposable {
  readonly #clock: Clock
  readonly #told = new Emitter<ConsoleLine[]>()
  #lines: ConsoleLine[] = []
  #timer: Disposable | undefined

  readonly onConsole = this.#told.event

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param within milliseconds */
  write(lines: readonly ConsoleLine[], within: number): void {
    this.#lines.push(...lines)
    this.#timer ??= this.#clock.after(within, () => this.flush())
  }

  flush(): void {
    this.#timer?.dispose()
    this.#timer = undefined
    const lines = this.#lines
    this.#lines = []
    if (lines.length > 0) this.#told.fire(lines)
  }

  dispose(): void {
    this.flush()
    this.#told.dispose()
  }
}
