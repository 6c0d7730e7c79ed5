import { realpath, stat } from 'node:fs/promises'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { RecordingSnapshot } from '../../app/contract/captures.ts'
import { openRecording } from '../recorder/open-recording.ts'
import type { RecordedCapture } from '../recorder/recorded-capture.ts'
import type { Captures } from './captures.ts'

/** How long a recording outlives the screen that had it open, in milliseconds: its page may come back over a new connection. */
const outlives = 30_000

interface Opened {
  readonly id: string
  readonly recorded: RecordedCapture
}

interface Entry {
  readonly opening: Promise<Opened>
  /** How many screens need it. */
  holders: number
}

/** Recordings that screens have open: each file once, for as long as a screen needs it. */
export class OpenedRecordings implements Disposable {
  readonly #clock: Clock
  readonly #captures: Captures
  readonly #isBeingWritten: (path: string) => boolean
  /** By what tells whether the file is still the same. */
  readonly #files = new Map<string, Entry>()
  readonly #closings = new Map<string, { readonly entry: Entry; close(): void }>()
  readonly #timers = new Set<Disposable>()
  #disposed = false

  /** @param options.isBeingWritten whether this program writes to a file, by its path without symbolic links. */
  constructor(options: { clock: Clock; captures: Captures; isBeingWritten(path: string): boolean }) {
    this.#clock = options.clock
    this.#captures = options.captures
    this.#isBeingWritten = (path) => options.isBeingWritten(path)
  }

  /**
   * Opens a file, or gives it where it is open and has not changed since, and counts who needs it: `close` is to follow.
   *
   * @param path absolute
   * @throws FaultlineError what `openRecording` throws
   */
  async open(path: string): Promise<RecordingSnapshot> {
    const key = await identify(path)
    const entry = this.#files.get(key) ?? this.#load(path, key)
    // Before anything is waited for: it must not be closed between.
    entry.holders += 1
    const { id, recorded } = await entry.opening
    const { name, captureStart, records, first, next, problem, connections } = recorded
    return { id, name, captureStart, records, first, next, connections, ...(problem !== undefined && { problem }) }
  }

  /** Counts one more who needs it; false where no such recording is open. */
  hold(id: string): boolean {
    const closing = this.#closings.get(id)
    if (closing === undefined) return false
    closing.entry.holders += 1
    return true
  }

  /** One needs it no longer; it is closed when nobody does. */
  close(id: string): void {
    const closing = this.#closings.get(id)
    if (closing === undefined) return
    closing.entry.holders -= 1
    if (closing.entry.holders === 0) closing.close()
  }

  /** As `close`, when there was time to come back. */
  closeLater(id: string): void {
    if (!this.#closings.has(id)) return
    const timer = this.#clock.after(outlives, () => {
      this.#timers.delete(timer)
      this.close(id)
    })
    this.#timers.add(timer)
  }

  dispose(): void {
    this.#disposed = true
    for (const timer of this.#timers) timer.dispose()
    this.#timers.clear()
    for (const { close } of [...this.#closings.values()]) close()
  }

  #load(path: string, key: string): Entry {
    const opening = this.#openFile(path)
    const entry: Entry = { holders: 0, opening }
    this.#files.set(key, entry)
    opening.then(
      ({ id, recorded }) => {
        const close = () => {
          this.#files.delete(key)
          this.#closings.delete(id)
          this.#captures.remove(id)
          recorded.dispose()
        }
        this.#closings.set(id, { entry, close })
      },
      // Those who wait for it hear why.
      () => this.#files.delete(key),
    )
    return entry
  }

  async #openFile(path: string): Promise<Opened> {
    const real = await realpath(path).catch(() => path)
    const recorded = await openRecording(path, { isBeingWritten: this.#isBeingWritten(real) })
    if (!this.#disposed) return { id: this.#captures.add(recorded), recorded }
    recorded.dispose()
    throw new FaultlineError({
      code: 'wrong-state',
      message: `${path} is not opened any more: the workbench is being stopped`,
      hint: 'start it again',
    })
  }
}

/** The same for the same file as long as nobody writes to it. */
async function identify(path: string): Promise<string> {
  try {
    const [real, { size, mtimeMs }] = await Promise.all([realpath(path), stat(path)])
    return `${real} ${size} ${mtimeMs}`
  } catch {
    // Why it cannot be read is said by who opens it.
    return path
  }
}
