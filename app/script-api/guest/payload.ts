import { mostLevels } from '../../base/levels.ts'
import { mistake, shown } from '../mistake.ts'

/**
 * What a script's payload is on the wire: text (which the host encodes as UTF-8) or octets.
 *
 * @throws FaultlineError `invalid-argument` for what JSON cannot hold
 */
export function toWire(payload: unknown, what: string, option?: string): string | Uint8Array {
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
  const refused = refusing(what, option)
  return payloadJson(payload, refused, () => {
    try {
      return JSON.stringify(payload)
    } catch (error) {
      throw refused(whyNoJson(error))
    }
  })
}

/**
 * What a payload is expected to hold, as it crosses.
 *
 * @throws FaultlineError as `toWire`, and where it has too many levels
 */
export function toExpected(payload: unknown, what: string): unknown {
  const words = { what, instead: 'expect a part of it, or its text', refused: refusing(what) }
  return JSON.parse(payloadJson(payload, words.refused, () => crossingJson(payload, words)))
}

type Refuse = (why: string) => Error

function refusing(what: string, option?: string): Refuse {
  return (why) => mistake(`${what} must be text, octets (Uint8Array) or a value that JSON can hold: ${why}`, option)
}

function payloadJson(payload: unknown, refused: Refuse, write: () => string | undefined): string {
  // JSON would turn these into `null` without a word.
  if (typeof payload === 'number' && !Number.isFinite(payload)) throw refused(`${payload} has no form in JSON`)
  const json = write()
  if (json === undefined) throw refused(`${shown(payload)} has no form in JSON`)
  return json
}

/** What is said of a value that cannot cross. */
interface CrossingWords {
  readonly what: string
  /** What can be done about one that has too many levels. */
  readonly instead: string
  /** Makes an error of why JSON cannot be made of it. */
  readonly refused: Refuse
}

/**
 * A value as JSON that crosses to the host; undefined where it has no form in JSON. Its levels are counted as JSON writes
 * them: a parent that `toJSON` leaves out is none, and what the value itself throws on the way is told in words.
 *
 * @param form what is written of each part that is neither a list nor an object
 * @throws FaultlineError `invalid-argument`
 */
export function crossingJson(
  value: unknown,
  { instead, refused, what }: CrossingWords,
  form = (part: unknown) => part,
): string | undefined {
  // Each is on its way once at a time: in a circle JSON would not go.
  const levels = new Map<unknown, number>()
  let tooDeep: Error | undefined
  try {
    return JSON.stringify(value, function (this: unknown, _key, part: unknown) {
      if (typeof part !== 'object' || part === null) return form(part)
      const level = (levels.get(this) ?? 0) + 1
      levels.set(part, level)
      if (level <= mostLevels) return part
      tooDeep = mistake(`${what} is nested more than ${mostLevels} levels deep; ${instead}`)
      throw tooDeep
    })
  } catch (error) {
    throw tooDeep ?? refused(whyNoJson(error))
  }
}

/** @param error what `JSON.stringify` has thrown */
function whyNoJson(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  // As QuickJS says it, which means nothing to who has called nothing.
  return why === 'stack overflow' ? 'it is nested too deep' : why
}

/** The octets of a view as a buffer of their own: what crosses to the host must not carry the rest of a larger buffer. */
export function bufferOf(octets: Uint8Array): ArrayBuffer {
  return octets.slice().buffer as ArrayBuffer
}
