import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import { messageOf } from '../../app/base/errors.ts'
import { CaptureBatch, packBatch } from '../../app/capture/batch.ts'
import type { Captured } from '../../app/capture/captured.ts'
import { encodeEnd, encodeHeader, encodeRecords, type KnownConnection } from '../../app/capture/recording-format.ts'
import type { SpillState } from '../../app/contract/captures.ts'
import type { OctetSink } from './file-sink.ts'
import type { Recorder } from './recorder.ts'

/** What was recorded is in the file within this time, in milliseconds, and the disk's. */
const within = 100
/** Sooner where so many records wait: the ring goes round fast. */
const manyRecords = 2048
const blockRecords = 4096
/** A larger block is written as several. */
const mostBlockOctets = 8 * 1024 * 1024
/** Who looks is told at most this often, in milliseconds. */
const tellEvery = 250

/** The file that a recording goes to. */
export interface RecordingFile extends OctetSink {
  /** Octets that are there for sure. */
  readonly written: number
  /** Takes away what a failed `write` has left. */
  cutToWritten(): Promise<void>
  close(): Promise<void>
}

export interface RecordingWriterOptions {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly file: RecordingFile
  /** The name of the file that `state` tells. */
  readonly path: string
  /** The version of the program. */
  readonly program: string
  /** Connections that are open now: their first records are not going to be in the file. */
  readonly connections: readonly KnownConnection[]
}

/**
 * Writes every record to a file from now on, until it is stopped. What is in memory of it is one block; what leaves the
 * ring before it could be written is counted. When the file cannot be written any more it stops, and says why.
 */
export class RecordingWriter implements Disposable {
  readonly #options: RecordingWriterOptions
  readonly #changed = new Emitter<SpillState>()
  readonly onChanged: Event<SpillState> = this.#changed.event
  readonly #subscription: Disposable
  #timer: Disposable | undefined
  #tellTimer: Disposable | undefined
  /** What is being written, one after the other. */
  #writing: Promise<void>
  #busy = true
  #next: number
  #records = 0
  #lost = 0
  #problem: string | undefined
  #stopped: Promise<void> | undefined
  #ended = false

  /** Begins at once: with the next record. A file that cannot be written shows in `state`. */
  constructor(options: RecordingWriterOptions) {
    this.#options = options
    const { connections, program, recorder } = options
    this.#next = recorder.next
    const known = connections.map(({ id, clientId, protocolVersion, keepAlive, remote }) => {
      return { id, clientId, protocolVersion, keepAlive, remote }
    })
    const header = encodeHeader({ captureStart: recorder.startedAt, program, connections: known })
    this.#subscription = recorder.onRecorded(() => this.#schedule())
    this.#writing = this.#write(() => options.file.write(header))
  }

  /** Records that left the ring before they could be written. */
  get lost(): number {
    return this.#lost
  }

  state(): SpillState {
    const problem = this.#problem
    return {
      ...(!this.#ended && { path: this.#options.path }),
      records: this.#records,
      octets: this.#options.file.written,
      lost: this.#lost,
      ...(problem !== undefined && { problem }),
    }
  }

  /** Writes what is still to be written, and closes the file. Tells the last state. */
  async stop(): Promise<SpillState> {
    this.#stopped ??= this.#stop()
    await this.#stopped
    return this.state()
  }

  /** As `stop`, for those who cannot wait. */
  dispose(): void {
    void this.stop()
  }

  async #stop(): Promise<void> {
    this.#release()
    await this.#writing
    await this.#write(() => this.#writeUpTo(this.#options.recorder.next))
    if (this.#ended) return
    const problem = this.#lost > 0 ? describeLoss(this.#lost) : undefined
    await this.#write(() => this.#options.file.write(encodeEnd({ problem })))
    await this.#finish()
  }

  #schedule(): void {
    if (this.#busy || this.#ended || this.#stopped) return
    const { clock, recorder } = this.#options
    const waiting = recorder.next - this.#next
    if (waiting === 0) return
    if (waiting >= manyRecords) this.#flush()
    else this.#timer ??= clock.after(within, () => this.#flush())
  }

  #flush(): void {
    this.#timer?.dispose()
    this.#timer = undefined
    this.#writing = this.#write(() => this.#writeUpTo(this.#options.recorder.next))
  }

  /** Runs one piece of work on the file; where it fails, that was the last. */
  async #write(work: () => Promise<void>): Promise<void> {
    this.#busy = true
    try {
      await work()
    } catch (error) {
      this.#problem = messageOf(error)
      await this.#fail()
    }
    this.#busy = false
    this.#schedule()
  }

  async #writeUpTo(end: number): Promise<void> {
    const { recorder, file } = this.#options
    while (this.#next < end && !this.#ended) {
      const block = recorder.read(this.#next, Math.min(blockRecords, end - this.#next))
      const { first } = new CaptureBatch(block)
      this.#lost += first - this.#next
      this.#next = first
      for (const part of splitBlock(block)) {
        const { count } = new CaptureBatch(part)
        await file.write(encodeRecords(part))
        this.#records += count
        this.#next += count
      }
      this.#tell()
    }
  }

  /** What is whole stays; half a chunk at the end would only look like damage. */
  async #fail(): Promise<void> {
    this.#release()
    try {
      await this.#options.file.cutToWritten()
    } catch (error) {
      this.#problem += `; and its end cannot be cut off: ${messageOf(error)}`
    }
    await this.#finish()
  }

  async #finish(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#release()
    try {
      await this.#options.file.close()
    } catch (error) {
      this.#problem ??= messageOf(error)
    }
    this.#tellTimer?.dispose()
    this.#changed.fire(this.state())
  }

  #release(): void {
    this.#subscription.dispose()
    this.#timer?.dispose()
    this.#timer = undefined
  }

  #tell(): void {
    this.#tellTimer ??= this.#options.clock.after(tellEvery, () => {
      this.#tellTimer = undefined
      if (!this.#ended) this.#changed.fire(this.state())
    })
  }
}

function describeLoss(lost: number): string {
  return `${lost} records left the memory before they could be written`
}

/** The block in parts that are not too large; records themselves are never divided. */
function splitBlock(block: Uint8Array): Uint8Array[] {
  const batch = new CaptureBatch(block)
  if (block.length <= mostBlockOctets || batch.count < 2) return [block]
  const records = Array.from({ length: batch.count }, (_, i) => batch.at(i) as Captured)
  const middle = batch.count >>> 1
  return [records.slice(0, middle), records.slice(middle)].flatMap((half) => splitBlock(packBatch(half)))
}
