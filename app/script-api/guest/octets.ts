import { mistake, shown } from '../mistake.ts'

/** @throws FaultlineError `invalid-argument` for what is not octets */
export function checkOctets(what: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  throw mistake(`${what} needs octets (Uint8Array or ArrayBuffer), not ${shown(value)}`)
}
