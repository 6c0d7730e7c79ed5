import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { deviceIds } from '../../app/device/device-id.ts'
import { deviceNameMistake, deviceNameRule } from '../../app/device/device-name.ts'
import { makeFolderInside } from './folder-inside.ts'
import { parseSettings, settingsFile } from './settings.ts'
import { withDeviceEntry, withDevices } from './settings-edit.ts'
import { listTextFiles } from './text-files.ts'
import { isDeviceScript, scriptEnding, scriptName } from './workspace.ts'

const folder = 'devices'

/** What a `faultline.json` begins with that is made for the first entry. */
const emptySettings = '{\n  "devices": {\n  }\n}\n'

/**
 * Makes `devices/<name>.device.ts` with this text, in one step, and never in the place of another file. Where
 * `faultline.json` lists devices, one of that name is added to it. Where it does not, each script has one device: if there
 * shall be more of this one, the list is made, with one device for each script that there is.
 *
 * @param root path of the workspace
 * @param count how many devices of it there shall be
 * @returns the path of the script, relative to the workspace
 * @throws FaultlineError `invalid-argument` for the name, or for mistakes in `faultline.json`; `conflict` when there is
 *   a script or a device of that name; `file-unwritable`. Then everything is as it was.
 */
export async function createScript(root: string, name: string, text: string, count = 1): Promise<string> {
  checkName(name)
  const path = `${folder}/${name}${scriptEnding}`
  const settings = await readSettingsText(root)
  const present = count > 1 ? await listTextFiles(root) : []
  const changed = withDevice(settings, name, count, present.filter(isDeviceScript).map(scriptName))
  await putNew(root, path, text)
  try {
    if (settings === undefined && changed !== undefined)
      await writeFile(join(root, settingsFile), changed, { flag: 'wx' })
    else if (changed !== undefined && changed !== settings) await replace(join(root, settingsFile), changed)
  } catch (error) {
    await rm(join(root, path))
    throw unwritable(settingsFile, error)
  }
  return path
}

function checkName(name: string): void {
  const mistake = deviceNameMistake(name)
  if (mistake === undefined) return
  throw new FaultlineError({ code: 'invalid-argument', message: mistake, hint: deviceNameRule })
}

async function readSettingsText(root: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, settingsFile), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new FaultlineError({
      code: 'file-unreadable',
      message: `${settingsFile} cannot be read: ${messageOf(error)}`,
      hint: 'check its permissions',
    })
  }
}

/**
 * The settings with the new device; as they are where they list none and one is wanted, for then each script gets one.
 *
 * @param scripts the names of those that there are
 */
function withDevice(
  settings: string | undefined,
  name: string,
  wanted: number,
  scripts: readonly string[],
): string | undefined {
  const devices = settings === undefined ? undefined : parseSettings(settings).devices
  if (devices === undefined && wanted === 1) return settings
  const entries = devices ?? Object.fromEntries(scripts.map((script) => [script, { count: 1 }]))
  for (const [entry, { count }] of Object.entries(entries)) {
    const ids = new Set(deviceIds(entry, count))
    const taken = entry === name ? name : deviceIds(name, wanted).find((id) => ids.has(id))
    if (taken !== undefined) throw conflict(`there is a device ${taken} already`)
  }
  let text = settings ?? emptySettings
  if (devices === undefined) {
    if (settings !== undefined) text = withDevices(text)
    for (const script of scripts) text = withDeviceEntry(text, script, { script })
  }
  return withDeviceEntry(text, name, wanted === 1 ? { script: name } : { script: name, count: wanted })
}

/** Writes a file that must not be there yet, in one step. Errors as `createScript`. @param path in a folder of the workspace */
export async function putNew(root: string, path: string, text: string): Promise<void> {
  const target = join(root, path)
  const temporary = `${target}.${randomUUID()}.tmp`
  await makeFolder(root, posix.dirname(path))
  try {
    await writeFile(temporary, text, { flag: 'wx' })
    // Unlike renaming, linking fails where there is a file of that name.
    await link(temporary, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error
      // File systems without links have at least this, though a crash could leave half of it.
      await copyFile(temporary, target, constants.COPYFILE_EXCL)
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw conflict(`there is a file ${path} already`)
    throw unwritable(path, error)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function makeFolder(root: string, folder: string): Promise<void> {
  try {
    await makeFolderInside(root, folder)
  } catch (error) {
    throw error instanceof FaultlineError ? error : unwritable(folder, error)
  }
}

async function replace(target: string, text: string): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    const { mode } = await stat(target)
    await writeFile(temporary, text, { mode })
    await rename(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}

function conflict(message: string): FaultlineError {
  return new FaultlineError({ code: 'conflict', message, hint: 'choose another name' })
}

function unwritable(path: string, error: unknown): FaultlineError {
  return new FaultlineError({
    code: 'file-unwritable',
    message: `${path} cannot be written: ${messageOf(error)}`,
    hint: 'check the permissions of the workspace folder; nothing was changed',
  })
}
