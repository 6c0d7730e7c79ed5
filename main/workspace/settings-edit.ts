import { type Member, membersOf } from './json-text.ts'

/**
 * Adds an entry to `devices` in the text of a `faultline.json`, and leaves every other character as it was: the file is
 * its author's. The entry is written as its neighbours are: on a line of its own where they have one.
 *
 * @param text valid JSON, an object whose `devices` is an object
 * @param name not among the devices yet
 */
export function withDeviceEntry(text: string, name: string, settings: { script: string; count?: number }): string {
  const devices = membersOf(text, text.indexOf('{')).findLast(({ key }) => key === 'devices')
  if (devices === undefined) throw new Error('the settings list no devices')
  const inside = Object.entries(settings).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  return withMember(text, devices, `${JSON.stringify(name)}: { ${inside.join(', ')} }`)
}

/**
 * Adds a `devices` without entries in the same way.
 *
 * @param text valid JSON, an object without `devices`
 */
export function withDevices(text: string): string {
  const from = text.indexOf('{')
  return withMember(text, { start: from, from, to: text.lastIndexOf('}') + 1 }, '"devices": {}')
}

/** @param object where its key and its value begin, and the place after its end */
function withMember(text: string, object: Omit<Member, 'key'>, member: string): string {
  const members = membersOf(text, object.from)
  const last = members.at(-1)
  if (last !== undefined) {
    const before = text.slice(object.from + 1, members[0]?.start)
    return insert(text, last.to, `,${before.trim() === '' && before !== '' ? before : ' '}${member}`)
  }
  const outer = lineBreakBefore(text, object.start)
  const inner = outer === '' ? ' ' : outer + unitOf(text)
  return `${text.slice(0, object.from + 1)}${inner}${member}${outer || ' '}${text.slice(object.to - 1)}`
}

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at)
}

/** The line break and the indentation before a key; empty when the key does not begin its line. */
function lineBreakBefore(text: string, start: number): string {
  return /\r?\n[ \t]*$/.exec(text.slice(0, start))?.[0] ?? ''
}

/** One step of the file's indentation. */
function unitOf(text: string): string {
  return /^[ \t]+/m.exec(text)?.[0] ?? '  '
}
