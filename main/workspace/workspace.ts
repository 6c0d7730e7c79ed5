import { createHash, randomUUID } from 'node:crypto'
import { lstat, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { watch } from 'chokidar'
import { type Disposable, toDisposable } from '../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { deviceIds, parseSettings, type Settings, settingsFile } from './settings.ts'

export const scriptEnding = '.device.ts'
const scriptFolder = 'devices'

export interface Script {
  /** Relative to the workspace, with `/`. */
  readonly path: string
  readonly text: string
  /** Changes whenever the text does. */
  readonly revision: string
}

export interface DeviceDefinition {
  readonly id: string
  /** Path of its script. */
  readonly script: string
}

/** What a workspace folder holds at one moment. */
export interface WorkspaceContent {
  readonly name: string
  readonly seed: number | string
  readonly scripts: ReadonlyMap<string, Script>
  readonly devices: readonly DeviceDefinition[]
}

/** A project folder on disk. Nothing of it is kept open; the folder is the truth. */
export class Workspace {
  /** Absolute. */
  readonly path: string

  /** @throws FaultlineError `not-found` or `invalid-argument` when the path is no folder. */
  static async open(path: string): Promise<Workspace> {
    const absolute = resolve(path)
    const info = await stat(absolute).catch(() => undefined)
    if (info === undefined) {
      throw new FaultlineError({
        code: 'not-found',
        message: `workspace ${path} does not exist`,
        hint: 'name a folder that exists; an empty one will do',
      })
    }
    if (!info.isDirectory()) {
      throw new FaultlineError({
        code: 'invalid-argument',
        message: `workspace ${path} is not a folder`,
        hint: 'name the folder that holds devices/ and faultline.json',
      })
    }
    return new Workspace(absolute)
  }

  private constructor(path: string) {
    this.path = path
  }

  /**
   * Reads everything. An empty folder gives an empty workspace.
   * @throws FaultlineError `invalid-argument` for mistakes in `faultline.json`, `file-unreadable`.
   */
  async read(): Promise<WorkspaceContent> {
    const scripts = await this.#readScripts()
    const settings = await this.#readSettings()
    return {
      name: settings?.name ?? basename(this.path),
      seed: settings?.seed ?? 1,
      scripts,
      devices: settings?.devices === undefined ? oneEach(scripts) : listed(settings.devices, scripts),
    }
  }

  /** @throws FaultlineError `not-found` or `invalid-argument`. */
  async readScript(path: string): Promise<Script> {
    checkScriptPath(path)
    const info = await lstat(join(this.path, path)).catch(() => undefined)
    if (info !== undefined && !info.isFile()) {
      // A link could lead out of the workspace, which may come from a stranger.
      throw new FaultlineError({
        code: 'forbidden',
        message: `${path} is not a plain file`,
        hint: 'put a copy of the script in its place: links out of the workspace are not followed',
      })
    }
    return toScript(path, await this.#readText(path))
  }

  /**
   * Replaces a script in one step: a crash in the middle leaves the old text.
   * @param basedOn the revision that the text was made from
   * @throws FaultlineError `conflict` when the file has changed since, `not-found`, `file-unwritable`.
   */
  async writeScript(path: string, text: string, basedOn: string): Promise<Script> {
    const present = await this.readScript(path)
    if (present.revision !== basedOn) {
      throw new FaultlineError({
        code: 'conflict',
        message: `${path} was changed on disk since it was opened`,
        hint: 'reload it and apply your changes to the new text, or save again to overwrite',
        details: { revision: present.revision },
      })
    }
    const target = join(this.path, path)
    const temporary = `${target}.${randomUUID()}.tmp`
    try {
      const { mode } = await stat(target)
      await writeFile(temporary, text, { mode })
      await rename(temporary, target)
    } catch (error) {
      await rm(temporary, { force: true })
      throw new FaultlineError({
        code: 'file-unwritable',
        message: `${path} cannot be written: ${messageOf(error)}`,
        hint: 'check the permissions of the workspace folder; the old file is untouched',
      })
    }
    return toScript(path, text)
  }

  /**
   * Calls back once when it has begun, and then some milliseconds after the last of several changes to scripts or
   * settings on disk.
   * @param onProblem hears why the folder cannot be watched; the workspace works on without.
   */
  watch(onChange: () => void, onProblem: (error: unknown) => void): Disposable {
    let timer: NodeJS.Timeout | undefined
    const watcher = watch([join(this.path, scriptFolder), join(this.path, settingsFile)], {
      ignoreInitial: true,
      depth: 0,
      // Editors save in several steps: a file that is still growing is not read.
      awaitWriteFinish: { stabilityThreshold: 50, pollInterval: 20 },
    })
    watcher.on('all', () => {
      clearTimeout(timer)
      timer = setTimeout(onChange, 30)
    })
    watcher.on('error', onProblem)
    // What changed between the first read and now was heard by nobody.
    watcher.once('ready', onChange)
    return toDisposable(() => {
      clearTimeout(timer)
      watcher.close().catch(onProblem)
    })
  }

  async #readScripts(): Promise<Map<string, Script>> {
    const entries = await readdir(join(this.path, scriptFolder), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw unreadable(scriptFolder, error)
      },
    )
    const names = entries.filter((entry) => entry.isFile() && entry.name.endsWith(scriptEnding)).map(({ name }) => name)
    const scripts = await Promise.all(names.sort().map((name) => this.readScript(`${scriptFolder}/${name}`)))
    return new Map(scripts.map((script) => [script.path, script]))
  }

  async #readSettings(): Promise<Settings | undefined> {
    try {
      return parseSettings(await this.#readText(settingsFile))
    } catch (error) {
      if (error instanceof FaultlineError && error.code === 'not-found') return undefined
      throw error
    }
  }

  async #readText(path: string): Promise<string> {
    try {
      return await readFile(join(this.path, path), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error)
      throw new FaultlineError({ code: 'not-found', message: `there is no ${path} in the workspace` })
    }
  }
}

function toScript(path: string, text: string): Script {
  return { path, text, revision: createHash('sha256').update(text).digest('hex').slice(0, 16) }
}

/** Only plain file names in the scripts' folder: a screen must not reach anything else on this disk. */
function checkScriptPath(path: string): void {
  const name = path.slice(scriptFolder.length + 1)
  const plain = path === `${scriptFolder}/${basename(name)}` && !name.includes('\\') && !name.includes('\0')
  if (plain && name.endsWith(scriptEnding)) return
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `'${path}' is not a device script`,
    hint: `scripts are files in ${scriptFolder}/ that end in ${scriptEnding}`,
  })
}

function scriptName(path: string): string {
  return basename(path, scriptEnding)
}

function oneEach(scripts: ReadonlyMap<string, Script>): DeviceDefinition[] {
  return [...scripts.keys()].map((script) => ({ id: scriptName(script), script }))
}

function listed(entries: NonNullable<Settings['devices']>, scripts: ReadonlyMap<string, Script>): DeviceDefinition[] {
  const mistakes: string[] = []
  const devices = new Map<string, DeviceDefinition>()
  for (const [name, entry] of Object.entries(entries)) {
    const script = `${scriptFolder}/${entry.script}${scriptEnding}`
    if (!scripts.has(script)) mistakes.push(`devices.${name}: there is no ${script}`)
    for (const id of deviceIds(name, entry.count)) {
      if (devices.has(id)) mistakes.push(`devices.${name}: the id ${id} is taken`)
      devices.set(id, { id, script })
    }
  }
  if (mistakes.length === 0) return [...devices.values()]
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${settingsFile}: ${mistakes.join('; ')}`,
    hint: `correct it, or add the script; there are: ${[...scripts.keys()].map(scriptName).join(', ') || 'none'}`,
  })
}

function unreadable(path: string, error: unknown): FaultlineError {
  return new FaultlineError({
    code: 'file-unreadable',
    message: `${path} cannot be read: ${messageOf(error)}`,
    hint: 'check its permissions',
  })
}
