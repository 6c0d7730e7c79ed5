import type { Clock } from '../../../app/base/clock.ts'
import type { Disposable } from '../../../app/base/disposable.ts'
import type { WorkerLine } from '../messages.ts'

/** Lines that a script may write in one second; what is over is counted and left out. */
export const mostLinesPerSecond = 200
/** Characters of one line. */
export const longestLine = 2000

/**
 * Where a device's lines leave the worker. A script that logs in a tight loop must not flood the main thread, so lines
 * are counted by the second; lines that the workbench writes itself always pass.
 */
export class ConsoleOutlet implements Disposable {
  readonly #clock: Clock
  readonly #write: (lines: readonly WorkerLine[], dropped: number) => void
  #window = Number.NEGATIVE_INFINITY
  #written = 0
  #dropped = 0
  #windowEnd: Disposable | undefined

  constructor(clock: Clock, write: (lines: readonly WorkerLine[], dropped: number) => void) {
    this.#clock = clock
    this.#write = write
  }

  log(text: string): void {
    const now = this.#clock.now()
    if (now - this.#window >= 1000 || now < this.#window) this.#openWindow(now)
    if (this.#written < mostLinesPerSecond) {
      this.#written++
      this.#write([{ time: now, level: 'log', text: cut(text) }], 0)
      return
    }
    this.#dropped++
    this.#windowEnd ??= this.#clock.after(Math.max(0, this.#window + 1000 - now), () => this.#tellDropped())
  }

  say(level: 'error' | 'info', text: string): void {
    this.#write([{ time: this.#clock.now(), level, text: cut(text) }], 0)
  }

  dispose(): void {
    this.#tellDropped()
  }

  #openWindow(now: number): void {
    this.#tellDropped()
    this.#window = now
    this.#written = 0
  }

  #tellDropped(): void {
    this.#windowEnd?.dispose()
    this.#windowEnd = undefined
    const dropped = this.#dropped
    if (dropped === 0) return
    this.#dropped = 0
    const text = `${dropped} lines were left out: a device can write ${mostLinesPerSecond} lines a second`
    this.#write([{ time: this.#clock.now(), level: 'info', text }], dropped)
  }
}

function cut(text: string): string {
  if (text.length <= longestLine) return text
  return `${text.slice(0, longestLine)}… (cut here: ${text.length} characters)`
}
