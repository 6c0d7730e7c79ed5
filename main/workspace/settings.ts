import * as v from 'valibot'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'

/** The workspace's own file, beside its `devices` folder. */
export const settingsFile = 'faultline.json'

const idPattern = /^[\w.-]+$/

const deviceEntry = v.strictObject({
  /** `pump` stands for `devices/pump.device.ts`. */
  script: v.pipe(v.string(), v.regex(idPattern, 'a script is named without folder and ending, such as "pump"')),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)), 1),
})

const schema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.nonEmpty())),
  seed: v.optional(v.union([v.number(), v.string()]), 1),
  devices: v.optional(
    v.record(v.pipe(v.string(), v.regex(idPattern, 'a name has letters, digits, "_", "-" and "." only')), deviceEntry),
  ),
})

export type Settings = v.InferOutput<typeof schema>

/**
 * Reads the text of a workspace's `faultline.json`.
 * @throws FaultlineError `invalid-argument` that lists every mistake.
 */
export function parseSettings(text: string): Settings {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new FaultlineError({
      code: 'invalid-argument',
      message: `${settingsFile} is not JSON: ${messageOf(error)}`,
      hint: 'correct it, or remove it: then each script in devices/ gets one device',
    })
  }
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const mistakes = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${settingsFile}: ${mistakes.join('; ')}`,
    hint: 'it holds { "name", "seed", "devices": { "<name>": { "script", "count" } } }',
  })
}

/**
 * The ids of an entry's devices: the name itself for a single one, else numbered from 01, as wide as the highest number.
 */
export function deviceIds(name: string, count: number): string[] {
  if (count === 1) return [name]
  const width = Math.max(2, String(count).length)
  return Array.from({ length: count }, (_, i) => `${name}-${String(i + 1).padStart(width, '0')}`)
}
