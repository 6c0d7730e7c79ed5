import * as v from 'valibot'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { parseTarget } from '../../app/device/target-address.ts'
import { milliseconds } from '../../app/script-api/duration.ts'

/** The workspace's own file, beside its `devices` folder. */
export const settingsFile = 'faultline.json'

const idPattern = /^[\w.-]+$/
/** `{n}` stands for the number of each device. */
const namePattern = /^(?:[\w.-]|\{n\})+$/

const duration = v.pipe(
  v.union([v.number(), v.string()]),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return milliseconds(dataset.value, 'it')
    } catch (error) {
      addIssue({ message: messageOf(error) })
      return NEVER
    }
  }),
)

const targetUrl = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    try {
      parseTarget(dataset.value)
    } catch (error) {
      addIssue({ message: messageOf(error) })
    }
  }),
)

/** Another broker than the workbench's own; files are relative to the workspace, with `/`. */
const target = v.union([
  targetUrl,
  v.strictObject({
    url: targetUrl,
    /** The authority that has signed the broker's certificate, as PEM, instead of the system's. */
    ca: v.optional(v.string()),
    /** The client certificate: `pump` stands for `certificates/pump.crt` and `certificates/pump.key`. */
    certificate: v.optional(v.pipe(v.string(), v.regex(idPattern))),
    /** Takes any certificate of the broker. */
    insecure: v.optional(v.boolean(), false),
  }),
])

const deviceEntry = v.strictObject({
  /** `pump` stands for `devices/pump.device.ts`. */
  script: v.pipe(v.string(), v.regex(idPattern, 'a script is named without folder and ending, such as "pump"')),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000)), 1),
  /** What these devices connect to, instead of the workspace's target. */
  target: v.optional(target),
  /** Time between the starts of two devices. */
  stagger: v.optional(duration, 0),
  /** Time in which all of them are started, evenly; instead of `stagger`. */
  ramp: v.optional(duration, 0),
})

const schema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.nonEmpty())),
  seed: v.optional(v.union([v.number(), v.string()]), 1),
  /** What devices connect to; the workbench's own broker where it is absent. */
  target: v.optional(target),
  devices: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(namePattern, 'a name has letters, digits, "_", "-", "." and {n} only')),
      deviceEntry,
    ),
  ),
})

export type Settings = v.InferOutput<typeof schema>
export type TargetSettings = v.InferOutput<typeof target>

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
 * The id of device `n`, from 1, of an entry: where the name has `{n}`, the name with its number; otherwise the name itself
 * for a single one, else numbered from 01, as wide as the highest number.
 *
 * @param count how many the entry has; there may be more while it runs, and those that there are keep their ids
 */
export function deviceId(name: string, count: number, n: number): string {
  if (name.includes('{n}')) return name.replaceAll('{n}', String(n))
  if (count === 1 && n === 1) return name
  const width = Math.max(2, String(count).length)
  return `${name}-${String(n).padStart(width, '0')}`
}

/** The ids of all devices of an entry. */
export function deviceIds(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => deviceId(name, count, i + 1))
}
