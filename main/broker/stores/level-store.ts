import { readdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { format, formatKey } from './keys.ts'
import { makeFolder } from './make-folder.ts'
import type { Batch, Store } from './store.ts'

/** Between bucket and key; the one after it ends a range of all keys of a bucket. */
const separator = '\u0000'
const afterSeparator = '\u0001'
/** LevelDB has this file in every folder of its own. */
const levelFile = 'CURRENT'

type Database = ClassicLevel<string, Uint8Array>

type Operation = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string }

/**
 * A store that is a LevelDB in a folder. A batch is handed to the operating system before it counts as written: it is
 * there after `kill -9`, though not after a power cut of the machine.
 */
export class LevelStore implements Store {
  readonly name: string
  readonly #database: Database

  /**
   * Opens the one in the folder, or makes a new one.
   *
   * @throws FaultlineError `conflict` where another process has it, `file-unreadable` where it is damaged or something
   * else, `file-unwritable` where there can be none
   */
  static async open(folder: string): Promise<LevelStore> {
    await prepare(folder)
    const database: Database = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
    try {
      await database.open()
    } catch (error) {
      throw notOpened(folder, error)
    }
    try {
      await checkFormat(folder, database)
    } catch (error) {
      await database.close()
      throw error
    }
    return new LevelStore(folder, database)
  }

  private constructor(folder: string, database: Database) {
    this.name = `the store in ${folder}`
    this.#database = database
  }

  async load(take: (bucket: string, key: string, value: Uint8Array) => void): Promise<void> {
    for await (const [path, value] of this.#database.iterator()) {
      const [bucket, key] = split(path)
      if (key !== undefined) take(bucket, key, value)
    }
  }

  async write(batch: Batch): Promise<void> {
    const operations: Operation[] = []
    for (const [bucket, { changes, isDropped }] of batch) {
      if (isDropped) await this.#dropInto(operations, bucket)
      for (const [name, value] of changes) {
        const key = bucket + separator + name
        operations.push(value === undefined ? { type: 'del', key } : { type: 'put', key, value })
      }
    }
    await this.#database.batch(operations)
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  async #dropInto(operations: Operation[], bucket: string): Promise<void> {
    const range = { gte: bucket + separator, lt: bucket + afterSeparator }
    for await (const key of this.#database.keys(range)) operations.push({ type: 'del', key })
  }
}

function split(path: string): [bucket: string, key: string | undefined] {
  const at = path.indexOf(separator)
  return at < 0 ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)]
}

/** LevelDB would put its files among whatever there is. */
async function prepare(folder: string): Promise<void> {
  let files: string[]
  try {
    // What clients have said is for nobody else to read; the files are inside of it, and need no rights of their own.
    await makeFolder(folder, 0o700)
    files = await readdir(folder)
  } catch (error) {
    throw new FaultlineError(
      {
        code: 'file-unwritable',
        message: `there can be no store in ${folder}: ${isNoFolder(error) ? 'it is no folder' : messageOf(error)}`,
        hint: 'name a folder that can be written with --data',
      },
      { cause: error },
    )
  }
  if (files.length > 0 && !files.includes(levelFile)) throw foreign(folder, `it has ${files[0]} in it`)
}

function isNoFolder(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTDIR'
}

async function checkFormat(folder: string, database: Database): Promise<void> {
  const value = await database.get(formatKey)
  if (value !== undefined) {
    const found = Buffer.from(value).toString()
    if (found !== format) throw foreign(folder, `it says that it is "${found}", and this program knows "${format}"`)
    return
  }
  for await (const key of database.keys({ limit: 1 })) throw foreign(folder, `it has an entry ${JSON.stringify(key)}`)
  await database.put(formatKey, Buffer.from(format))
}

function foreign(folder: string, why: string): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `${folder} is no store of this broker: ${why}`,
    hint: 'nothing in it was changed; name a folder of its own with --data, an empty one or none',
  })
}

function notOpened(folder: string, error: unknown): FaultlineError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const isLocked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED'
  const what = isLocked
    ? {
        code: 'conflict' as const,
        message: `the store in ${folder} is in use by another process`,
        hint: 'stop the other broker, or name another folder with --data',
      }
    : {
        code: 'file-unreadable' as const,
        message: `the store in ${folder} cannot be opened: ${messageOf(cause)}`,
        // Only what is damaged is better left: what cannot be read or written today may be good.
        hint: /^IO error(?!.*No such file)/.test(messageOf(cause))
          ? 'nothing in it was changed; see to it that the folder and its files can be read and written'
          : 'use another --data folder, or move this one away, to begin with an empty store',
      }
  return new FaultlineError(what, { cause: error })
}
