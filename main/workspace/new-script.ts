import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { deviceIds, parseSettings, settingsFile } from './settings.ts'
import { withDeviceEntry } from './settings-edit.ts'
import { scriptEnding } from './workspace.ts'

const folder = 'devices'
const longestName = 64
/** Names that Windows keeps for devices of its own, whatever follows them after a dot. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * Makes `devices/<name>.device.ts` with this text, in one step, and never in the place of another file. Where
 * `faultline.json` lists devices, one of that name is added to it.
 *
 * @param root path of the workspace
 * @param count how many devices of it are added there
 * @returns the path of the script, relative to the workspace
 * @throws FaultlineError `invalid-argument` for the name, or for mistakes in `faultline.json`; `conflict` when there is
 *   a script or a device of that name; `file-unwritable`. Then everything is as it was.
 */
export async function createScript(root: string, name: string, text: string, count = 1): Promise<string> {
  checkName(name)
  const path = `${folder}/${name}${scriptEnding}`
  const settings = await readSettingsText(root)
  const changed = settings === undefined ? undefined : withDevice(settings, name, count)
  await putNew(root, path, text)
  try {
    if (changed !== undefined && changed !== settings) await replace(join(root, settingsFile), changed)
  } catch (error) {
    await rm(join(root, path))
    throw unwritable(settingsFile, error)
  }
  return path
}

function checkName(name: string): void {
  const plain = /^[A-Za-z0-9][\w.-]*$/.test(name) && !name.endsWith('.') && name.length <= longestName
  if (plain && !reserved.test(name) && !/\.device(?:\.ts)?$|\.ts$/i.test(name)) return
  throw new FaultlineError({
    code: 'invalid-argument',
    message: name === '' ? 'a device needs a name' : `'${name}' is no name for a device`,
    hint: `letters, digits, "_", "-" and "." will do, at most ${longestName}, without the ending ${scriptEnding}`,
  })
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

/** The settings with the new device; the same text where they list none, for then each script gets one. */
function withDevice(settings: string, name: string, wanted: number): string {
  const { devices } = parseSettings(settings)
  if (devices === undefined) return settings
  for (const [entry, { count }] of Object.entries(devices)) {
    const ids = new Set(deviceIds(entry, count))
    const taken = entry === name ? name : deviceIds(name, wanted).find((id) => ids.has(id))
    if (taken !== undefined) throw conflict(`${settingsFile} has a device ${taken} already`)
  }
  return withDeviceEntry(settings, name, wanted === 1 ? { script: name } : { script: name, count: wanted })
}

async function putNew(root: string, path: string, text: string): Promise<void> {
  const target = join(root, path)
  const temporary = `${target}.${randomUUID()}.tmp`
  await makeFolder(root)
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

async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(join(root, folder), { recursive: true })
  } catch (error) {
    throw unwritable(folder, error)
  }
  // A folder of scripts that is a link could make us write anywhere.
  const inside = (await realpath(root)) + sep
  if ((await realpath(join(root, folder))).startsWith(inside)) return
  throw new FaultlineError({
    code: 'forbidden',
    message: `${folder} leads out of the workspace`,
    hint: 'put a plain folder in its place: links out of the workspace are not followed',
  })
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
