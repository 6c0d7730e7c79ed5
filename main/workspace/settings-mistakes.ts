import type * as v from 'valibot'
import { closest } from '../../app/base/closest.ts'
import { shown } from '../../app/script-api/mistake.ts'

/** Something that is wrong in `faultline.json`. */
export interface SettingsMistake {
  /** The keys that lead there. */
  readonly path: readonly string[]
  /** Whether the key is wrong, or its value. */
  readonly at: 'key' | 'value'
  /** Names the path as well. */
  readonly message: string
}

/**
 * What is wrong in the settings, in words for who wrote them.
 *
 * @param issues what the schema has found
 * @param keysAt which keys the object at a path may have
 * @param isListAt whether there is to be a list at a path
 */
export function mistakesOf(
  json: unknown,
  issues: readonly v.BaseIssue<unknown>[],
  keysAt: (path: readonly string[]) => readonly string[],
  isListAt: (path: readonly string[]) => boolean,
): SettingsMistake[] {
  const lists = listsIn(json, [], isListAt)
  const found = issues.flatMap((issue) => inWords(issue, keysAt))
  // What is inside of a list is not looked at: that there is one is the mistake.
  return [...lists, ...found.filter(({ path }) => !lists.some((list) => list.path.every((key, i) => key === path[i])))]
}

/** A path as one reads it: `devices.pump.count`. */
export function pathText(path: readonly string[]): string {
  if (path.length === 0) return 'the file'
  return path.map((key) => (/^[\w{}.-]+$/.test(key) ? key : JSON.stringify(key))).join('.')
}

/** Lists where there is to be something else: to the schema they are objects. */
function listsIn(
  json: unknown,
  path: readonly string[],
  isListAt: (path: readonly string[]) => boolean,
): SettingsMistake[] {
  if (Array.isArray(json) && !isListAt(path)) {
    return [{ path, at: 'value', message: `${pathText(path)} must not be a list` }]
  }
  if (typeof json !== 'object' || json === null || path.length > 6) return []
  return Object.entries(json).flatMap(([key, value]) => listsIn(value, [...path, key], isListAt))
}

function inWords(
  issue: v.BaseIssue<unknown>,
  keysAt: (path: readonly string[]) => readonly string[],
): SettingsMistake[] {
  const items = issue.path ?? []
  const path = items.map(({ key }) => String(key))
  const last = items.at(-1)
  if (issue.type === 'strict_object' && last?.origin === 'key') {
    const around = path.slice(0, -1)
    const known = keysAt(around)
    // The schema tells of the first one alone.
    if (issue.expected === 'never') return unknownKeys(last.input, around, known)
    const needs = path.at(-1) === 'url' ? '"url": "mqtt://..."' : '"script": "..."'
    return [{ path: around, at: 'key', message: `${pathText(around)} needs a ${needs}` }]
  }
  const text = pathText(path)
  const { message } = issue
  const sentence = message.startsWith('must') ? `${text} ${message}, not ${shown(issue.input)}` : `${text}: ${message}`
  return [{ path, at: last?.origin === 'key' ? 'key' : 'value', message: sentence }]
}

function unknownKeys(given: unknown, around: readonly string[], known: readonly string[]): SettingsMistake[] {
  const keys = Object.keys(typeof given === 'object' && given !== null ? given : {})
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...around, key], at: 'key', message: `${pathText(around)} ${noSuchKey(key, known)}` }))
}

function noSuchKey(key: string, known: readonly string[]): string {
  const meant = closest(key, known)
  const all = known.map((name) => `"${name}"`).join(', ')
  return `has no ${JSON.stringify(key)}; ${meant === undefined ? '' : `did you mean "${meant}"? `}the keys are ${all}`
}
