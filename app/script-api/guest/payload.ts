import { isTooDeep, mostLevels } from '../../base/levels.ts'
import { mistake, shown } from '../mistake.ts'

/**
 * What a script's payload is on the wire: text (which the host encodes as UTF-8) or octets.
 *
 * @throws FaultlineError `invalid-argument` for what JSON cannot hold
 */
export function toWire(payload: unknown, what: string, option?: string): string | Uint8Array {
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload
  // JSON would turn these into `null` without a word.
  if (typeof payload === 'number' && !Number.isFinite(payload)) throw refused(`${payload} has no form in JSON`)
  let json: string | undefined
  try {
    json = JSON.stringify(payload)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // As QuickJS says it, which means nothing to who has called nothing.
    throw refused(why === 'stack overflow' ? 'it is nested too deep' : why)
  }
  if (json === undefined) throw refused(`${shown(payload)} has no form in JSON`)
  return json

  function refused(why: string) {
    return mistake(`${what} must be text, octets (Uint8Array) or a value that JSON can hold: ${why}`, option)
  }
}

/**
 * Refuses a value that has more levels than may cross to the host.
 *
 * @param instead what can be done about it
 * @throws FaultlineError `invalid-argument`
 */
export function checkLevels(value: unknown, what: string, instead: string): void {
  if (!isTooDeep(value)) return
  throw mistake(`${what} is nested more than ${mostLevels} levels deep, or without end; ${instead}`)
}

/** The octets of a view as a buffer of their own: what crosses to the host must not carry the rest of a larger buffer. */
export function bufferOf(octets: Uint8Array): ArrayBuffer {
  return octets.slice().buffer as ArrayBuffer
}
