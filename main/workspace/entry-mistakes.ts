import { closest } from '../../app/base/closest.ts'
import { deviceIds } from '../../app/device/device-id.ts'
import type { Settings } from './settings.ts'
import { pathText, type SettingsMistake } from './settings-mistakes.ts'

/**
 * What is wrong with the entries of `devices` beyond each one's own form: scripts that are not there, and ids that two
 * devices would have.
 *
 * @param scripts names of the scripts that there are, such as `pump`
 */
export function entryMistakes(
  entries: NonNullable<Settings['devices']>,
  scripts: readonly string[],
): SettingsMistake[] {
  const mistakes: SettingsMistake[] = []
  /** Id to the entry that has it. */
  const taken = new Map<string, string>()
  for (const [name, { count, script }] of Object.entries(entries)) {
    if (!scripts.includes(script)) {
      const message = `${pathText(['devices', name])}: there is no devices/${script}.device.ts; ${offer(script, scripts)}`
      mistakes.push({ path: ['devices', name, 'script'], at: 'value', message })
    }
    const doubles = deviceIds(name, count).filter((id) => taken.has(id))
    const [first] = doubles
    if (first !== undefined) {
      const others = doubles.length === 1 ? '' : `, and ${doubles.length - 1} more of its ids`
      const text = pathText(['devices', name])
      const message = `${text}: the id ${first} is taken by a device of devices.${taken.get(first)}${others}`
      mistakes.push({ path: ['devices', name], at: 'key', message })
    }
    for (const id of deviceIds(name, count)) taken.set(id, name)
  }
  return mistakes
}

function offer(script: string, scripts: readonly string[]): string {
  const meant = closest(script, scripts)
  if (meant !== undefined) return `did you mean "${meant}"?`
  return scripts.length === 0
    ? 'there is no script at all'
    : `there is ${scripts.map((name) => `"${name}"`).join(', ')}`
}
