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
    throw refused(error instanceof Error ? error.message : String(error))
  }
  if (json === undefined) throw refused(`${shown(payload)} has no form in JSON`)
  return json

  function refused(why: string) {
    return mistake(`${what} must be text, octets (Uint8Array) or a value that JSON can hold: ${why}`, option)
  }
}

/** The octets of a view as a buffer of their own: what crosses to the host must not carry the rest of a larger buffer. */
export function bufferOf(octets: Uint8Array): ArrayBuffer {
  return octets.slice().buffer as ArrayBuffer
}
