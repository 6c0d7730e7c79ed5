import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { Clock } from '../../app/base/clock.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { ExportFormat } from '../../app/capture/export-encoder.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import { recordingEnding } from '../../app/capture/recording-format.ts'
import type { RecordingFile, RecordingSnapshot, SpillState } from '../../app/contract/captures.ts'
import type { Result } from '../../app/contract/contract.ts'
import { exportCapture } from '../recorder/export.ts'
import { FileSink, unwritable } from '../recorder/file-sink.ts'
import type { Recorder } from '../recorder/recorder.ts'
import { RecordingWriter } from '../recorder/recording-writer.ts'
import { checkFolderInside } from '../workspace/folder-inside.ts'
import type { CaptureSource } from './capture-source.ts'
import type { Captures } from './captures.ts'
import { OpenedRecordings } from './opened-recordings.ts'

/** Where recordings and exports of a workspace lie. */
const folderName = 'recordings'
const readable = [recordingEnding, '.pcapng', '.pcap', '.cap']
const endings: Record<ExportFormat, string> = {
  faultline: recordingEnding,
  pcapng: '.pcapng',
  jsonl: '.jsonl',
  csv: '.csv',
}
const idle: SpillState = { records: 0, octets: 0, lost: 0 }

interface Writing {
  readonly writer: RecordingWriter
  /** Its file, without symbolic links. */
  readonly path: string
}

/** Writes recordings and exports of a workspace, and opens them to be looked at. */
export class RecordingDesk {
  readonly #clock: Clock
  readonly #recorder: Recorder
  readonly #live: CaptureSource
  readonly #captures: Captures
  readonly #workspace: string
  readonly #program: string
  readonly #changed = new Emitter<SpillState>()
  readonly #opened: OpenedRecordings
  #writing: Writing | undefined
  #beginning: Promise<SpillState> | undefined
  #last: SpillState = idle
  #disposed = false

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
    const { captures, clock } = options
    this.#opened = new OpenedRecordings({ clock, captures, isBeingWritten: (path) => path === this.#writing?.path })
  }

  state(): SpillState {
    return this.#writing?.writer.state() ?? this.#last
  }

  /**
   * @throws FaultlineError `wrong-state` while one is written or when it is disposed, `file-unwritable`, `forbidden` where the
   * folder leads out of the workspace
   */
  async start(): Promise<SpillState> {
    if (this.#disposed) throw stopping()
    if (this.#writing !== undefined || this.#beginning !== undefined) throw alreadyWriting()
    this.#beginning = this.#begin()
    try {
      return await this.#beginning
    } finally {
      this.#beginning = undefined
    }
  }

  /** One that is about to begin is stopped as soon as it has begun. */
  async stop(): Promise<SpillState> {
    // Who started it hears why it could not begin.
    await Promise.allSettled([this.#beginning])
    const writing = this.#writing
    if (writing !== undefined) this.#end(writing, await writing.writer.stop())
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
   * Every call is to be followed by `close` or `closeLater`.
   *
   * @param path relative to the workspace, or absolute.
   * @throws FaultlineError `file-unreadable`, `unsupported-version`, `invalid-argument`
   */
  open(path: string): Promise<RecordingSnapshot> {
    return this.#opened.open(resolve(this.#workspace, path))
  }

  /** As `open` of what is open; false where it is not. */
  hold(id: string): boolean {
    return this.#opened.hold(id)
  }

  close(id: string): void {
    this.#opened.close(id)
  }

  /** Closes what a screen had open that has gone, unless it is held again soon. */
  closeLater(id: string): void {
    this.#opened.closeLater(id)
  }

  /** See `capture.export` of the contract. Errors as `compileFilter`, and those of `start` that are about files. */
  async export(capture: string, format: ExportFormat, filterText: string): Promise<Result<'capture.export'>> {
    const filter = compileFilter(filterText)
    const source = this.#captures.get(capture)
    await this.#checkFolder()
    const sink = await FileSink.fresh(this.#names(endings[format]))
    try {
      const { records } = await exportCapture(source, { format, filter, program: this.#program }, sink)
      await sink.close()
      return { path: this.#shown(sink.path), records, octets: sink.written }
    } catch (error) {
      await sink.abandon()
      throw error
    }
  }

  /** Ends what is being written, in order; nothing begins any more. */
  async dispose(): Promise<void> {
    this.#disposed = true
    await this.stop()
    this.#opened.dispose()
    this.#changed.dispose()
  }

  async #begin(): Promise<SpillState> {
    const file = await this.#newFile()
    try {
      const path = await realpath(file.path)
      const connections = this.#live.connections.filter(({ open }) => open)
      const writer = new RecordingWriter({
        recorder: this.#recorder,
        clock: this.#clock,
        file,
        path: this.#shown(file.path),
        program: this.#program,
        connections,
      })
      return this.#follow(writer, path)
    } catch (error) {
      await file.abandon()
      throw error
    }
  }

  #follow(writer: RecordingWriter, path: string): SpillState {
    const writing: Writing = { writer, path }
    // As long as the writer lives, which is until its recording has ended.
    writer.onChanged((state) => {
      this.#changed.fire(state)
      // It has stopped, as asked or by itself.
      if (state.path === undefined) this.#end(writing, state)
    })
    this.#writing = writing
    this.#changed.fire(writer.state())
    return writer.state()
  }

  #end(writing: Writing, state: SpillState): void {
    if (this.#writing !== writing) return
    this.#writing = undefined
    this.#last = state
  }

  /** A recording can be read while it grows, so that its name is decided at its beginning. */
  async #newFile(): Promise<FileSink> {
    await this.#checkFolder()
    const names = this.#names(recordingEnding)
    for (let place = 1; ; place++) {
      const file = await FileSink.create(names(place)).catch((error) => {
        if (error instanceof FaultlineError && error.code === 'already-exists') return undefined
        throw error
      })
      if (file !== undefined) return file
    }
  }

  /** The workspace itself may have gone while the workbench runs. */
  async #checkFolder(): Promise<void> {
    await checkFolderInside(this.#workspace, folderName).catch((error: unknown) => {
      throw unwritable(join(this.#workspace, folderName), error)
    })
  }

  /** Names after this moment: the first, and those that are taken when something has it already. */
  #names(ending: string): (place: number) => string {
    const moment = new Date(this.#clock.now()).toISOString().slice(0, 19).replaceAll(':', '-').replace('T', ' ')
    const folder = join(this.#workspace, folderName)
    return (place) => join(folder, `${moment}${place === 1 ? '' : ` (${place})`}${ending}`)
  }

  async #describe(name: string): Promise<RecordingFile | undefined> {
    const path = join(this.#workspace, folderName, name)
    // It may have gone since the folder was read.
    const info = await stat(path).catch(() => undefined)
    if (!info?.isFile()) return undefined
    return { path: this.#shown(path), octets: info.size, modified: info.mtimeMs }
  }

  /** Relative to the workspace, the same on every system. */
  #shown(path: string): string {
    return relative(this.#workspace, path).split(sep).join('/')
  }
}

function alreadyWriting(): FaultlineError {
  return new FaultlineError({
    code: 'wrong-state',
    message: 'a recording is being written already',
    hint: 'stop it first',
  })
}

function stopping(): FaultlineError {
  return new FaultlineError({
    code: 'wrong-state',
    message: 'no recording can begin: the workbench is being stopped',
    hint: 'start it again',
  })
}

function unreadable(path: string, error: unknown): FaultlineError {
  return new FaultlineError(
    {
      code: 'file-unreadable',
      message: `${path} cannot be read: ${messageOf(error)}`,
      hint: 'it has to be a folder that the user who runs Faultline may read',
    },
    { cause: error },
  )
}
