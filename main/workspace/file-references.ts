import { placeAt } from './json-text.ts'
import { tokensOf } from './script-tokens.ts'

/** A file of the workspace that a script names. */
export interface FileReference {
  /** As it is written; it counts from the workspace's folder. */
  readonly path: string
  /** Where, from 1. */
  readonly line: number
  readonly column: number
}

/**
 * The files that a script names as plain text: `protobuf('schemas/pump.proto')`, `sensor.playback({ file: 'a.csv' })`.
 * What is put together while it runs is not found.
 */
export function fileReferences(text: string): FileReference[] {
  const found: FileReference[] = []
  /** How many brackets are open within the arguments of `playback`; 0 outside of them. */
  let depth = 0
  let [beforeLast, last] = ['', '']
  for (const { kind, start, end } of tokensOf(text)) {
    if (kind === 'comment') continue
    const token = text.slice(start, end)
    if (last === 'playback' && token === '(') depth = 1
    else if (depth > 0 && /^[([{]$/.test(token)) depth += 1
    else if (depth > 0 && /^[)\]}]$/.test(token)) depth -= 1
    const isSchema = beforeLast === 'protobuf' && last === '('
    const isTable = depth === 2 && beforeLast === 'file' && last === ':'
    // Escapes need no reading: no path has a backslash.
    if (kind === 'string' && (isSchema || isTable) && !token.includes('\\')) {
      found.push({ path: token.slice(1, -1), ...placeAt(text, start) })
    }
    beforeLast = last
    last = token
  }
  return found
}
