import { entryMistakes } from './entry-mistakes.ts'
import { brokenAt, placeAt, placeOf, repeatedKeys } from './json-text.ts'
import { jsonMistake, readSettings, type Settings, settingsFile } from './settings.ts'
import { pathText } from './settings-mistakes.ts'
import type { ScriptMistake } from './type-check.ts'
import { scriptName, type Workspace } from './workspace.ts'

export interface CheckedSettings {
  /** Undefined where there is no `faultline.json`, or nothing can be made of it. */
  readonly settings: Settings | undefined
  readonly mistakes: readonly ScriptMistake[]
  /** What is no mistake, but may not be meant. */
  readonly hints: readonly ScriptMistake[]
}

/**
 * Looks for mistakes in a workspace's `faultline.json`, each at its place.
 *
 * @param scripts paths of the scripts that there are, such as `devices/pump.device.ts`
 * @throws FaultlineError `file-unreadable`
 */
export async function checkSettings(workspace: Workspace, scripts: readonly string[]): Promise<CheckedSettings> {
  const text = await workspace.readSettingsText()
  if (text === undefined) return { settings: undefined, mistakes: [], hints: [] }
  const mistake = (message: string, place: { line: number; column: number }): ScriptMistake => {
    return { file: settingsFile, ...place, code: 'settings', message }
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return {
      settings: undefined,
      mistakes: [mistake(jsonMistake(text, error), placeAt(text, brokenAt(text, error)))],
      hints: [],
    }
  }
  const repeated = repeatedKeys(text).map(({ path, place }) => {
    return mistake(`${pathText(path)} is there twice, and only the last one counts`, place)
  })
  const read = readSettings(json)
  const devices = read.settings?.devices
  const found = read.mistakes ?? (devices === undefined ? [] : entryMistakes(devices, scripts.map(scriptName)))
  const mistakes = found.map(({ path, at, message }) => mistake(message, placeOf(text, path, at)))
  return {
    settings: read.settings,
    mistakes: [...repeated, ...mistakes],
    hints: devices === undefined ? [] : unnamed(devices, scripts),
  }
}

/** Scripts that no entry names run nowhere. Somebody may want it so. */
function unnamed(devices: NonNullable<Settings['devices']>, scripts: readonly string[]): ScriptMistake[] {
  const named = new Set(Object.values(devices).map(({ script }) => script))
  const message = `no entry of "devices" in ${settingsFile} names this script, so no device runs it`
  return scripts
    .filter((path) => !named.has(scriptName(path)))
    .map((file) => ({ file, line: 1, column: 1, code: 'unused', message }))
}
