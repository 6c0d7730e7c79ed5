import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { CaptureBatch } from '../../app/capture/batch.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import { liveCapture } from '../../app/contract/captures.ts'
import type { EventValue, Result } from '../../app/contract/contract.ts'
import type { CaptureSource } from './capture-source.ts'
import { MessageFeed } from './message-feed.ts'

/** How many records one search looks at, and how many of them in one turn of the event loop. */
const mostSearched = 20_000
const searchedInOneTurn = 4096

interface Entry {
  readonly source: CaptureSource
  feed: MessageFeed | undefined
}

/** The captures that screens can look at, by their ids: the running one, and recordings that were opened. */
export class Captures implements Disposable {
  readonly #clock: Clock
  readonly #log: (line: string) => void
  readonly #entries = new Map<string, Entry>()
  readonly #messages = new Emitter<EventValue<'messages.changed'>>()
  #opened = 0

  readonly onMessages = this.#messages.event

  constructor(options: { clock: Clock; live: CaptureSource; log: (line: string) => void }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#entries.set(liveCapture, { source: options.live, feed: undefined })
  }

  /** Gives the id by which the capture is known from now on. */
  add(source: CaptureSource): string {
    const id = `recording ${++this.#opened}`
    this.#entries.set(id, { source, feed: undefined })
    return id
  }

  /** The running capture stays whatever is asked. */
  remove(id: string): void {
    if (id === liveCapture) return
    this.#entries.get(id)?.feed?.dispose()
    this.#entries.delete(id)
  }

  /** @throws FaultlineError `not-found` */
  get(id: string): CaptureSource {
    return this.#entry(id).source
  }

  /** The Messages of a capture. They are rebuilt from the first time that somebody asks. */
  messages(id: string): MessageFeed {
    const entry = this.#entry(id)
    if (entry.feed === undefined) {
      entry.feed = new MessageFeed(id, entry.source, this.#clock, (error) => this.#log(`messages of ${id}: ${error}`))
      // Until it is disposed, which is when the recording is closed.
      entry.feed.onChanged((change) => this.#messages.fire(change))
    }
    return entry.feed
  }

  /** See `capture.search` of the contract. */
  async search(id: string, filterText: string, from: number, to: number): Promise<Result<'capture.search'>> {
    const source = this.get(id)
    const filter = compileFilter(filterText)
    const end = Math.min(to + 1, from + mostSearched, source.next)
    const numbers: number[] = []
    for (let next = from; next < end; ) {
      const batch = new CaptureBatch(source.read(next, Math.min(searchedInOneTurn, end - next)))
      if (batch.count === 0) break
      for (let i = 0; i < batch.count; i++) {
        const record = batch.at(i)
        if (record !== undefined && record.number < end && filter.matches(record, source.names))
          numbers.push(record.number)
      }
      next = batch.first + batch.count
      await new Promise<void>((resolve) => this.#clock.after(0, resolve))
    }
    return { numbers, scannedTo: Math.max(end - 1, from - 1, 0) }
  }

  dispose(): void {
    for (const id of [...this.#entries.keys()]) this.#entries.get(id)?.feed?.dispose()
    this.#messages.dispose()
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry !== undefined) return entry
    throw new FaultlineError({
      code: 'not-found',
      message: `there is no capture '${id}'`,
      hint: 'it may have been closed; open the recording again',
    })
  }
}
