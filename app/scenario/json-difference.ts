import { jsonStart } from '../base/json-start.ts'

/** A part of a value that is not what is wanted, such as `nested.a is [1,2]`. */
export interface DifferentPart {
  /** Such as `nested.a[0]`; empty where it is the whole value. */
  readonly path: string
  /** Undefined where there is none. */
  readonly value: unknown
}

const mostShown = 60

/**
 * Which parts of a value are not what is wanted: an object may have more than is wanted of it, everything else is the same in
 * all its parts. Of a list of another length it is the whole list.
 */
export function differentParts(value: unknown, wanted: unknown, path = ''): DifferentPart[] {
  if (value === wanted) return []
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value) || value.length !== wanted.length) return [{ path, value }]
    return wanted.flatMap((part, i) => differentParts(value[i], part, `${path}[${i}]`))
  }
  if (!isObject(wanted) || !isObject(value)) return [{ path, value }]
  return Object.entries(wanted).flatMap(([key, part]) => {
    const below = path === '' ? key : `${path}.${key}`
    return Object.hasOwn(value, key) ? differentParts(value[key], part, below) : [{ path: below, value: undefined }]
  })
}

export function describePart({ path, value }: DifferentPart): string {
  const text = value === undefined ? 'absent' : jsonStart(value, mostShown + 1)
  return `${path || 'it'} is ${text.length > mostShown ? `${text.slice(0, mostShown)}…` : text}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
