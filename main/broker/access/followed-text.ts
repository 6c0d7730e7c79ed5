import type { Clock } from '../../../app/base/clock.ts'

/** How old what is known of a file may be, in nanoseconds: a fleet asks ten thousand times a second. */
const freshFor = 200e6

/** What a file of the workspace says, read anew when somebody asks and it is not fresh any more. */
export class FollowedText<T> {
  readonly #clock: Clock
  readonly #read: () => Promise<string | undefined>
  readonly #parse: (text: string | undefined) => T
  #last: { readonly text: string | undefined; readonly at: number; readonly value: T } | undefined
  #reading: Promise<T> | undefined

  /**
   * @param options.read undefined where there is no file
   * @param options.parse throws what `get` is to throw
   */
  constructor(options: {
    clock: Clock
    read: () => Promise<string | undefined>
    parse: (text: string | undefined) => T
  }) {
    this.#clock = options.clock
    this.#read = options.read
    this.#parse = options.parse
  }

  /** At once where it is fresh. */
  get(): { readonly value: T } | Promise<{ readonly value: T }> {
    const last = this.#last
    if (last !== undefined && this.#clock.monotonic() - last.at < freshFor) return last
    return this.#begin().then((value) => ({ value }))
  }

  /** Read anew, however fresh it is. */
  async renewed(): Promise<T> {
    // Whoever began that one is told what came of it.
    await this.#reading?.catch(() => undefined)
    return this.#begin()
  }

  #begin(): Promise<T> {
    this.#reading ??= this.#again().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #again(): Promise<T> {
    const at = this.#clock.monotonic()
    const text = await this.#read()
    const value = this.#last !== undefined && this.#last.text === text ? this.#last.value : this.#parse(text)
    this.#last = { text, at, value }
    return value
  }
}
