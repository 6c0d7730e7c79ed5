import type { Report, WorkerLine } from '../messages.ts'

/** How long lines of a console may wait for more of them, in milliseconds. */
const patience = 20

/** Sends reports; lines of consoles are gathered, so that many lines are one message, and never overtaken. */
export class ReportQueue {
  readonly #post: (report: Report) => void
  readonly #lines = new Map<number, { lines: WorkerLine[]; dropped: number }>()
  #timer: NodeJS.Timeout | undefined

  constructor(post: (report: Report) => void) {
    this.#post = post
  }

  send(report: Report): void {
    this.flush()
    this.#post(report)
  }

  write(number: number, lines: readonly WorkerLine[], dropped: number): void {
    const waiting = this.#lines.get(number) ?? { lines: [], dropped: 0 }
    waiting.lines.push(...lines)
    waiting.dropped += dropped
    this.#lines.set(number, waiting)
    this.#timer ??= setTimeout(() => this.flush(), patience)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [number, { lines, dropped }] of this.#lines) this.#post({ type: 'console', number, lines, dropped })
    this.#lines.clear()
  }
}
