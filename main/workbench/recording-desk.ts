import { readdir, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { Clock } from '../../app/base/clock.ts'
import { DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { ExportFormat } from '../../app/capture/export-encoder.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import { recordingEnding } from '../../app/capture/recording-format.ts'
import type { RecordingFile, RecordingSnapshot, SpillState } from '../../app/contract/captures.ts'
import type { Result } from '../../app/contract/contract.ts'
import { exportCapture } from '../recorder/export.ts'
import { FileSink } from '../recorder/file-sink.ts'
import { openRecording } from '../recorder/open-recording.ts'
import type { RecordedCapture } from '../recorder/recorded-capture.ts'
import type { Recorder } from '../recorder/recorder.ts'
import { RecordingWriter } from '../recorder/recording-writer.ts'
import type { CaptureSource } from './capture-source.ts'
import type { Captures } from './captures.ts'

/** Where recordings and exports of a workspace lie. */
const folderName = 'recordings'
const readable = [recordingEnding, '.pcapng', '.pcap', '.cap']
const endings: Record<ExportFormat, string> = {
  faultline: recordingEnding,
  pcapng: '.pcapng',
  jsonl: '.jsonl',
  csv: '.csv',
}
const idle: SpillState = { records: 0, octets: 0 }

/** Writes recordings and exports of a workspace, and opens them to be looked at. */
export class RecordingDesk {
  readonly #clock: Clock
  readonly #recorder: Recorder
  readonly #live: CaptureSource
  readonly #captures: Captures
  readonly #workspace: string
  readonly #program: string
  readonly #changed = new Emitter<SpillState>()
  readonly #disposables = new DisposableStore()
  readonly #open = new Map<string, RecordedCapture>()
  #writer: RecordingWriter | undefined
  #starting = false
  #last: SpillState = idle

  readonly onChanged = this.#changed.event

  /** @param options.workspace its absolute path. */
  constructor(options: {
    clock: Clock
    recorder: Recorder
    live: CaptureSource
    captures: Captures
    workspace: string
    program: string
  }) {
    this.#clock = options.clock
    this.#recorder = options.recorder
    this.#live = options.live
    this.#captures = options.captures
    this.#workspace = options.workspace
    this.#program = options.program
  }

  state(): SpillState {
    return this.#writer?.state() ?? this.#last
  }

  /** @throws FaultlineError `wrong-state` while one is written, `file-unwritable`. */
  async start(): Promise<SpillState> {
    if (this.#writer !== undefined || this.#starting) {
      throw new FaultlineError({ code: 'wrong-state', message: 'a recording is being written already' })
    }
    this.#starting = true
    try {
      return await this.#begin()
    } finally {
      this.#starting = false
    }
  }

  async #begin(): Promise<SpillState> {
    const path = await this.#freePath(recordingEnding)
    const file = await FileSink.create(join(this.#workspace, path))
    const connections = this.#live.connections.filter(({ open }) => open)
    const writer = new RecordingWriter({
      recorder: this.#recorder,
      clock: this.#clock,
      file,
      path,
      program: this.#program,
      connections,
    })
    this.#writer = writer
    this.#disposables.add(
      writer.onChanged((state) => {
        this.#changed.fire(state)
        // It has stopped, as asked or by itself.
        if (state.path === undefined) this.#end(writer, state)
      }),
    )
    this.#changed.fire(writer.state())
    return writer.state()
  }

  async stop(): Promise<SpillState> {
    const writer = this.#writer
    if (writer !== undefined) this.#end(writer, await writer.stop())
    return this.state()
  }

  /** What can be opened, the newest first. */
  async list(): Promise<RecordingFile[]> {
    const folder = join(this.#workspace, folderName)
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw unreadable(folder, error)
    })
    const files = await Promise.all(
      names.filter((name) => readable.some((ending) => name.endsWith(ending))).map((name) => this.#describe(name)),
    )
    return files.filter((file) => file !== undefined).sort((a, b) => b.modified - a.modified)
  }

  /**
   * @param path relative to the workspace, or absolute.
   * @throws FaultlineError `file-unreadable`, `unsupported-version`, `invalid-argument`
   */
  async open(path: string): Promise<RecordingSnapshot> {
    const recorded = await openRecording(resolve(this.#workspace, path))
    const id = this.#captures.add(recorded)
    this.#open.set(id, recorded)
    const { name, captureStart, records, first, next, problem, connections } = recorded
    return { id, name, captureStart, records, first, next, connections, ...(problem !== undefined && { problem }) }
  }

  close(id: string): void {
    this.#captures.remove(id)
    this.#open.get(id)?.dispose()
    this.#open.delete(id)
  }

  /** See `capture.export` of the contract. Errors as `compileFilter`, and `file-unwritable`. */
  async export(capture: string, format: ExportFormat, filterText: string): Promise<Result<'capture.export'>> {
    const filter = compileFilter(filterText)
    const path = await this.#freePath(endings[format])
    const sink = await FileSink.replace(join(this.#workspace, path), { force: false })
    try {
      const source = this.#captures.get(capture)
      const { records } = await exportCapture(source, { format, filter, program: this.#program }, sink)
      await sink.close()
      return { path, records, octets: sink.written }
    } catch (error) {
      await sink.abandon()
      throw error
    }
  }

  /** Ends what is being written, in order. */
  async dispose(): Promise<void> {
    await this.stop()
    this.#disposables.dispose()
    for (const id of [...this.#open.keys()]) this.close(id)
    this.#changed.dispose()
  }

  #end(writer: RecordingWriter, state: SpillState): void {
    if (this.#writer !== writer) return
    this.#writer = undefined
    this.#last = state
  }

  /** Relative to the workspace: named after this moment, and of no file that exists. */
  async #freePath(ending: string): Promise<string> {
    const moment = new Date(this.#clock.now()).toISOString().slice(0, 19).replaceAll(':', '-').replace('T', ' ')
    for (let n = 1; ; n++) {
      const path = `${folderName}/${moment}${n === 1 ? '' : ` (${n})`}${ending}`
      const there = await stat(join(this.#workspace, path)).catch(() => undefined)
      if (there === undefined) return path
    }
  }

  async #describe(name: string): Promise<RecordingFile | undefined> {
    const path = join(this.#workspace, folderName, name)
    // It may have gone since the folder was read.
    const info = await stat(path).catch(() => undefined)
    if (!info?.isFile()) return undefined
    const shown = relative(this.#workspace, path).split(sep).join('/')
    return { path: shown, octets: info.size, modified: info.mtimeMs }
  }
}

function unreadable(path: string, error: unknown): FaultlineError {
  return new FaultlineError(
    { code: 'file-unreadable', message: `${path} cannot be read: ${messageOf(error)}` },
    { cause: error },
  )
}
