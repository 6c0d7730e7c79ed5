import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, posix } from 'node:path'
import * as v from 'valibot'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { recordingEnding } from '../../app/capture/recording-format.ts'
import { type RunDigest, runReport } from '../../app/contract/scenarios.ts'
import type { RunReport } from '../../app/scenario/report.ts'
import { checkFolderInside } from './folder-inside.ts'
import { readRunHead, runFileText, runFileVersion } from './run-file.ts'

/** Where the runs of a workspace's scenarios lie; version control leaves it alone. */
export const runsFolder = '.faultline/runs'
/** Where their recordings lie, each under the id of its run: those of the screen, and those of the command line. */
export const runRecordingsFolder = 'recordings/runs'
const recordingFolders = [runRecordingsFolder, 'recordings']
/** Older runs are forgotten, and their recordings with them. */
const mostRuns = 500
const ending = '.json'
const written = v.looseObject({ version: v.number(), report: v.unknown() })

/** What a run, of whatever origin, says of its recording. */
interface Owner {
  readonly id: string
  readonly recording?: string | undefined
}

/**
 * The runs of a workspace's scenarios, each a file of JSON that is written once, whoever ran it. The folder is the truth:
 * other programs may add to it and take from it at any time.
 */
export class RunHistory {
  readonly #root: string
  readonly #log: (line: string) => void
  /** By id, what was read; undefined where it is damaged. Files never change. */
  readonly #digests = new Map<string, RunDigest | undefined>()

  /** @param root absolute path of the workspace. @param log hears of files that cannot be read, once of each. */
  constructor(root: string, log: (line: string) => void) {
    this.#root = root
    this.#log = log
  }

  /**
   * Keeps runs that have ended, and forgets the oldest where there are more than 500.
   *
   * @throws FaultlineError `not-found` where an id cannot be a file's name, `forbidden`, `file-unwritable`
   */
  async add(...reports: readonly RunReport[]): Promise<void> {
    const newest = reports.toSorted((a, b) => a.startedAt - b.startedAt).slice(-mostRuns)
    for (const report of newest) await this.#write(report)
    if ((await this.#ids()).length <= mostRuns) return
    // Not by name: of many that were asked for at once all have the time of that in it.
    const kept = new Set([...(await this.list()), ...newest].map(({ id }) => id))
    const known = [...this.#digests].filter(([, digest]) => digest !== undefined)
    await this.forget(known.map(([id]) => id).filter((id) => !kept.has(id)))
  }

  async #write(report: RunReport): Promise<void> {
    const path = this.#pathOf(report.id)
    const temporary = `${path}.${randomUUID()}.tmp`
    try {
      await checkFolderInside(this.#root, runsFolder)
      await mkdir(join(this.#root, runsFolder), { recursive: true })
      await writeFile(temporary, runFileText(digestOf(report), report))
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      if (error instanceof FaultlineError) throw error
      throw new FaultlineError({
        code: 'file-unwritable',
        message: `the run ${report.id} cannot be kept in ${runsFolder}: ${messageOf(error)}`,
        hint: 'check the permissions of the workspace folder',
      })
    }
    this.#digests.set(report.id, digestOf(report))
  }

  /** The newest first, at most 500. What cannot be read is left out, and said. @throws FaultlineError `file-unreadable` */
  async list(): Promise<RunDigest[]> {
    const ids = await this.#ids()
    for (const known of [...this.#digests.keys()]) if (!ids.includes(known)) this.#digests.delete(known)
    for (const id of ids) {
      if (this.#digests.has(id)) continue
      const digest = await this.#digest(id).catch((error: unknown) => {
        this.#log(`a run is left out of the history: ${messageOf(error)}`)
        return undefined
      })
      this.#digests.set(id, digest)
    }
    return ids
      .map((id) => this.#digests.get(id))
      .filter((digest) => digest !== undefined)
      .sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
      .slice(0, mostRuns)
  }

  /** Of the whole report only where its file does not begin with it. */
  async #digest(id: string): Promise<RunDigest> {
    const digest = await readRunHead(this.#pathOf(id)).catch(() => undefined)
    // What cannot be read is told below.
    return digest?.id === id ? digest : digestOf(await this.#read(id))
  }

  /** @throws FaultlineError `not-found`; `file-unreadable` where it is damaged */
  get(id: string): Promise<RunReport> {
    return this.#read(id)
  }

  /** Removes runs, and their recordings; what is gone already is no mistake. @throws FaultlineError `file-unwritable` */
  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      try {
        await checkFolderInside(this.#root, runsFolder)
        await this.#forgetRecording(id)
        await rm(this.#pathOf(id), { force: true })
      } catch (error) {
        if (error instanceof FaultlineError) throw error
        throw new FaultlineError({
          code: 'file-unwritable',
          message: `the run ${id} cannot be removed: ${messageOf(error)}`,
          hint: 'check the permissions of the workspace folder',
        })
      }
      this.#digests.delete(id)
    }
  }

  /**
   * Absolute path of the recording of a run; undefined where none was kept. A file of this history may come from a
   * stranger, as the whole workspace may: of what it says only the run's own recording is taken, where it would be written
   * too: behind a link to another folder of the workspace, and behind none out of it. The file itself is no link.
   *
   * @throws FaultlineError `forbidden` where it names another file, or leads out of the workspace
   */
  async recordingOf({ id, recording }: Owner): Promise<string | undefined> {
    if (recording === undefined) return undefined
    const path = posix.normalize(recording)
    if (!recordingFolders.some((folder) => path === `${folder}/${id}${recordingEnding}`)) throw notItsOwn(id)
    const file = join(this.#root, path)
    await checkFolderInside(this.#root, dirname(path)).catch((error: unknown) => {
      throw error instanceof FaultlineError ? notItsOwn(id) : error
    })
    // Of a file that is gone whoever opens it says so.
    const real = await realpath(file).catch(ifThere)
    if (real !== undefined && real !== join(await realpath(dirname(file)), basename(file))) throw notItsOwn(id)
    return file
  }

  /** Only one that is its own: a user may have put another one wherever it is dear. */
  async #forgetRecording(id: string): Promise<void> {
    const report = await this.#read(id).catch(() => undefined)
    const path = report && (await this.recordingOf(report).catch(() => undefined))
    if (path !== undefined) await rm(path, { force: true })
  }

  async #ids(): Promise<string[]> {
    const names = await readdir(join(this.#root, runsFolder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw new FaultlineError({
        code: 'file-unreadable',
        message: `${runsFolder} cannot be read: ${messageOf(error)}`,
        hint: 'it has to be a folder that the user who runs Faultline may read',
      })
    })
    return names
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .filter(isId)
      .sort()
  }

  async #read(id: string): Promise<RunReport> {
    const text = await readFile(this.#pathOf(id), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw unknownRun(id)
      throw damaged(id, messageOf(error))
    })
    const file = v.safeParse(written, parsed(id, text))
    if (!file.success) throw damaged(id, 'it is not what Faultline writes')
    if (file.output.version > runFileVersion) throw damaged(id, 'a newer Faultline has written it')
    const report = v.safeParse(runReport, file.output.report)
    if (!report.success || report.output.id !== id) throw damaged(id, 'it is not what Faultline writes')
    return report.output as RunReport
  }

  #pathOf(id: string): string {
    if (!isId(id)) throw unknownRun(id)
    return join(this.#root, runsFolder, `${id}${ending}`)
  }
}

/** What a list of runs shows of one. */
export function digestOf(report: RunReport): RunDigest {
  const { duration, file, id, name, repetition, seed, startedAt, verdict } = report
  return { id, file, name, startedAt, duration, verdict: verdict?.is ?? 'running', seed, repetition }
}

/** Nothing is there to be led astray by. */
function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}

function isId(id: string): boolean {
  return /^[\w][\w.-]{0,99}$/.test(id)
}

function notItsOwn(id: string): FaultlineError {
  return new FaultlineError({
    code: 'forbidden',
    message: `the run ${id} names a recording that is not its own`,
    hint: 'a recording that lies elsewhere can be opened by itself',
  })
}

function parsed(id: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw damaged(id, 'it is no JSON')
  }
}

function unknownRun(id: string): FaultlineError {
  return new FaultlineError({
    code: 'not-found',
    message: `there is no run '${id}'`,
    hint: 'it may have been forgotten: the newest 500 are kept',
  })
}

function damaged(id: string, why: string): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `${runsFolder}/${id}${ending} cannot be read: ${why}`,
    hint: 'remove the file; nothing else depends on it',
  })
}
