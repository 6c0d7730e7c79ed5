import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf } from '../../app/base/errors.ts'
import { libraryNames } from '../../app/script-api/crossing.ts'

/** The bundles that worker threads and load processes run. */
export interface Code {
  readonly worker: URL
  readonly guest: URL
}

export interface CodeCopy extends Code {
  /** Removes it. */
  dispose(): Promise<void>
}

/**
 * Copies the bundles, so that a worker which is started later runs the same code as all others of its workbench, whatever
 * was built in the meantime. The copy lies in the cache of the `node_modules` from which the bundles take their packages.
 *
 * Where it cannot be made, the bundles are used as they are: an installation that cannot be written to is not built anew
 * either.
 *
 * @param log hears in words why there is no copy where one might have been needed
 */
export async function copyCode(code: Code, log: (line: string) => void): Promise<CodeCopy> {
  const worker = fileURLToPath(code.worker)
  const guest = fileURLToPath(code.guest)
  try {
    await stat(worker)
    const cache = join(await packagesOf(dirname(worker)), '.cache', 'faultline')
    await mkdir(cache, { recursive: true })
    await removeLeftovers(cache)
    const folder = await mkdtemp(join(cache, `code-${process.pid}-`))
    const copied = async (path: string) => {
      const place = join(folder, basename(path))
      await copyFile(path, place)
      return pathToFileURL(place)
    }
    const dispose = () => rm(folder, { recursive: true, force: true })
    try {
      const beside = [...libraryNames, 'scenario'].map((name) => join(dirname(guest), `guest-${name}.js`))
      const workers = ['load-worker', 'scenario-worker', 'fabricator'].map((name) =>
        join(dirname(worker), `${name}.js`),
      )
      for (const path of [...workers, ...beside]) await copied(path)
      return { worker: await copied(worker), guest: await copied(guest), dispose }
    } catch (error) {
      await dispose()
      throw error
    }
  } catch (error) {
    if (!cannotBe(error)) log(`devices run code that must not be built anew now: ${messageOf(error)}`)
    return { ...code, dispose: async () => {} }
  }
}

/** The nearest `node_modules`, as Node looks for it. @throws Error `ENOENT` where there is none */
async function packagesOf(folder: string): Promise<string> {
  const packages = join(folder, 'node_modules')
  try {
    if ((await stat(packages)).isDirectory()) return packages
  } catch (error) {
    if (!cannotBe(error) || dirname(folder) === folder) throw error
  }
  return packagesOf(dirname(folder))
}

/** What workbenches that were killed left behind. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = Number(/^code-(\d+)-/.exec(name)?.[1])
    if (pid > 0 && !isRunning(pid)) await rm(join(cache, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** There is nothing to copy, or nobody may write there: an archive, somebody else's folder, a disk that is only read. */
function cannotBe(error: unknown): boolean {
  const codes: unknown[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS']
  return error instanceof Error && 'code' in error && codes.includes(error.code)
}
