import { expect } from 'vitest'
import type { DecodedPacket, Field, Violation } from '../../app/mqtt/decoded.ts'

/** Every field, the ones in others among them. */
export function everyField(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...everyField(field.parts)])
}

/** The field of that name, wherever it stands; the test fails where there is none. */
export function fieldOf(decoded: DecodedPacket, name: string): Field {
  const found = everyField(decoded.fields).find((field) => field.name === name)
  if (found === undefined) return expect.fail(`no field ${name} in ${JSON.stringify(decoded.fields)}`)
  return found
}

/** Asserts that whole-octet fields follow one another from `start` to `end`, and bits of an octet share none. */
export function expectTiled(fields: readonly Field[], start: number, end: number): void {
  let at = start
  let bits = 0
  for (const field of fields) {
    if (field.bits === undefined) {
      if (bits !== 0) at++
      bits = 0
      expect(field, field.name).toMatchObject({ start: at })
      at = field.end
    } else {
      expect(field, field.name).toMatchObject({ start: at, end: at + 1 })
      expect(bits & field.bits, `${field.name} shares a bit`).toBe(0)
      bits |= field.bits
    }
    if (field.parts.length > 0) expectTiled(field.parts, field.start, field.end)
  }
  expect(bits === 0 ? at : at + 1).toBe(end)
}

/** `[MQTT-3.3.1-4] what is wrong`; without brackets where the specification gives the rule no number. */
export function formatViolation(violation: Violation): string {
  return violation.statement === undefined ? violation.message : `[${violation.statement}] ${violation.message}`
}
