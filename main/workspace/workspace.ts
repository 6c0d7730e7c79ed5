import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { watch } from 'chokidar'
import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { deviceId, deviceIds } from '../../app/device/device-id.ts'
import type { BrokerSettings } from './broker-settings.ts'
import { entryMistakes } from './entry-mistakes.ts'
import { parseSettings, type Settings, settingsFile, type TargetSettings } from './settings.ts'
import {
  deepest,
  isLeftOut,
  listTextFiles,
  readTextFile,
  scriptFolder,
  type TextFile,
  toTextFile,
  unreadable,
} from './text-files.ts'
import { stillGrowing, watchInside } from './watch-inside.ts'

export const scriptEnding = '.device.ts'

export type Script = TextFile

export interface DeviceDefinition {
  readonly id: string
  /** Path of its script. */
  readonly script: string
  /** What it connects to instead of the workspace's target. */
  readonly target?: TargetSettings
}

/** An entry of `faultline.json`: so many devices of one script. */
export interface FleetDefinition {
  readonly id: string
  /** Path of its script. */
  readonly script: string
  readonly count: number
  /** Time in which all of them are started, evenly, in milliseconds. */
  readonly rampMs: number
  /** The id of device `n`, from 1. */
  readonly idOf: (n: number) => string
  /** What they connect to instead of the workspace's target. */
  readonly target?: TargetSettings
}

/** What a workspace folder holds at one moment. */
export interface WorkspaceContent {
  readonly name: string
  readonly seed: number | string
  /** What devices connect to that have no target of their own; undefined is the workbench's own broker. */
  readonly target: TargetSettings | undefined
  /** Of the workbench's own broker. */
  readonly broker: BrokerSettings | undefined
  readonly scripts: ReadonlyMap<string, Script>
  /** The other text files in the scripts' folder and below, modules among them: path to revision. */
  readonly texts: ReadonlyMap<string, string>
  readonly devices: readonly DeviceDefinition[]
  /** The same by entry; a script without an entry is one by itself. */
  readonly fleets: readonly FleetDefinition[]
}

export interface Watching extends Disposable {
  /** Watches one more file, relative to the workspace, with `/`, whether it is there or not. */
  follow(path: string): void
  /** Ends `follow`. */
  leave(path: string): void
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
    const { scripts, texts } = await this.#readScripts()
    const settings = await this.#readSettings()
    return {
      name: settings?.name ?? basename(this.path),
      seed: settings?.seed ?? 1,
      target: settings?.target,
      broker: settings?.broker,
      scripts,
      texts,
      devices: settings?.devices === undefined ? oneEach(scripts) : listed(settings.devices, scripts),
      fleets: Object.entries(settings?.devices ?? eachScript(scripts)).map(([name, entry]) => fleetOf(name, entry)),
    }
  }

  /**
   * Reads a script, or another text file.
   * @throws FaultlineError `not-found`, `invalid-argument`, `forbidden` for a link.
   */
  async readScript(path: string): Promise<Script> {
    return readTextFile(this.path, path)
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
    return toTextFile(path, text)
  }

  /**
   * Calls back once when it has begun, and then some milliseconds after the last of several changes to settings or to
   * text files in the scripts' folder on disk, or to a file that is followed.
   * @param onChange hears which files it was, relative to the workspace, with `/`; none is any of them
   * @param onProblem hears why the folder cannot be watched; the workspace works on without.
   */
  watch(onChange: (paths: readonly string[]) => void, onProblem: (error: unknown) => void): Watching {
    let timer: NodeJS.Timeout | undefined
    let paths = new Set<string>()
    const tell = (path: string) => {
      paths.add(path)
      clearTimeout(timer)
      timer = setTimeout(() => {
        const changed = [...paths]
        paths = new Set()
        onChange(changed)
      }, 30)
    }
    const folder = watchInside({
      folder: this.path,
      paths: [scriptFolder, settingsFile],
      depth: deepest + 1,
      leavesOut: isLeftOut,
      onChange: tell,
      // What changed between the first read and now was heard by nobody.
      onReady: () => onChange([]),
      onProblem,
    })
    // Whoever follows a file has read it already: that it is seen for the first time counts as a change.
    const followed = watch([], { followSymlinks: false, depth: 0, awaitWriteFinish: stillGrowing })
      .on('error', onProblem)
      .on('all', (_event, path) => tell(relative(this.path, path).split(sep).join('/')))
    return {
      follow: (path) => void followed.add(join(this.path, path)),
      leave: (path) => void followed.unwatch(join(this.path, path)),
      dispose() {
        clearTimeout(timer)
        folder.dispose()
        followed.close().catch(onProblem)
      },
    }
  }

  async #readScripts(): Promise<{ scripts: Map<string, Script>; texts: Map<string, string> }> {
    const scripts = new Map<string, Script>()
    const texts = new Map<string, string>()
    for (const path of await listTextFiles(this.path)) {
      if (isDeviceScript(path)) scripts.set(path, await this.readScript(path))
      else texts.set(path, await this.#revisionOf(path))
    }
    return { scripts, texts }
  }

  /** A file that cannot be read is the trouble of the device that uses it, not of the whole workspace. */
  async #revisionOf(path: string): Promise<string> {
    try {
      return (await readTextFile(this.path, path)).revision
    } catch (error) {
      return messageOf(error)
    }
  }

  /**
   * The text of `faultline.json`; undefined where there is none.
   * @throws FaultlineError `file-unreadable`
   */
  async readSettingsText(): Promise<string | undefined> {
    try {
      return await readFile(join(this.path, settingsFile), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw unreadable(settingsFile, error)
    }
  }

  async #readSettings(): Promise<Settings | undefined> {
    const text = await this.readSettingsText()
    return text === undefined ? undefined : parseSettings(text)
  }
}

/** Whether there are devices of it: modules and other files lie there, too. */
export function isDeviceScript(path: string): boolean {
  const [folder, name = '', ...deeper] = path.split('/')
  return folder === scriptFolder && deeper.length === 0 && name.endsWith(scriptEnding)
}

/** How `faultline.json` names a script. */
export function scriptName(path: string): string {
  return basename(path, scriptEnding)
}

/** Entries as they would be written where none are. */
function eachScript(scripts: ReadonlyMap<string, Script>): NonNullable<Settings['devices']> {
  const entry = { count: 1, stagger: 0, ramp: 0 }
  return Object.fromEntries(
    [...scripts.keys()].map((path) => [scriptName(path), { ...entry, script: scriptName(path) }]),
  )
}

function fleetOf(name: string, entry: NonNullable<Settings['devices']>[string]): FleetDefinition {
  const { count, ramp, script, stagger, target } = entry
  return {
    id: name,
    script: `${scriptFolder}/${script}${scriptEnding}`,
    count,
    rampMs: ramp > 0 ? ramp : stagger * count,
    idOf: (n) => deviceId(name, count, n),
    ...(target === undefined ? {} : { target }),
  }
}

function oneEach(scripts: ReadonlyMap<string, Script>): DeviceDefinition[] {
  return [...scripts.keys()].map((script) => ({ id: scriptName(script), script }))
}

function listed(entries: NonNullable<Settings['devices']>, scripts: ReadonlyMap<string, Script>): DeviceDefinition[] {
  const mistakes = entryMistakes(entries, [...scripts.keys()].map(scriptName))
  if (mistakes.length > 0) {
    throw new FaultlineError({
      code: 'invalid-argument',
      message: `${settingsFile}: ${mistakes.map(({ message }) => message).join('; ')}`,
      hint: 'correct it, or add the script',
    })
  }
  return Object.entries(entries).flatMap(([name, { count, script, target }]) =>
    deviceIds(name, count).map((id) => ({
      id,
      script: `${scriptFolder}/${script}${scriptEnding}`,
      ...(target === undefined ? {} : { target }),
    })),
  )
}
