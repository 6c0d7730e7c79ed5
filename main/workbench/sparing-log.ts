import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'

/** So many lines in so many milliseconds; what is more is counted. */
const most = 20
const spanMs = 10_000

/** Lines of which there may be a flood: those that there are too many of are left out, and then it is said how many. */
export class SparingLog implements Disposable {
  readonly #clock: Clock
  readonly #log: (line: string) => void
  /** What the lines are about, in the plural. */
  readonly #what: string
  #lines = 0
  #leftOut = 0
  #span: Disposable | undefined

  constructor(options: { clock: Clock; what: string; log: (line: string) => void }) {
    this.#clock = options.clock
    this.#what = options.what
    this.#log = options.log
  }

  say(line: string): void {
    this.#span ??= this.#clock.after(spanMs, () => this.#end())
    if (this.#lines < most) this.#log(line)
    else this.#leftOut++
    this.#lines++
  }

  dispose(): void {
    this.#end()
  }

  #end(): void {
    this.#span?.dispose()
    this.#span = undefined
    if (this.#leftOut > 0) this.#log(`${this.#leftOut} more ${this.#what} within ${spanMs / 1000} s are left out here`)
    this.#lines = 0
    this.#leftOut = 0
  }
}
