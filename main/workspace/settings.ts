import * as v from 'valibot'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { deviceId } from '../../app/device/device-id.ts'
import { parseTarget } from '../../app/device/target-address.ts'
import { brokerKeysAt, brokerSettings, isBrokerList } from './broker-settings.ts'
import { duration } from './duration-setting.ts'
import { brokenAt, placeAt } from './json-text.ts'
import { mistakesOf, type SettingsMistake } from './settings-mistakes.ts'

/** The workspace's own file, beside its `devices` folder. */
export const settingsFile = 'faultline.json'

const idPattern = /^[\w.-]+$/
/** `{n}` stands for the number of each device. */
const namePattern = /^(?:[\w.-]|\{n\})+$/
/** Of UTF-8, in octets: a length in MQTT has two of them [MQTT-1.5.3]. A device's id is its Client Identifier. */
const mostOctets = 65_535
const tooLong = 'is longer than the 65,535 octets that a text in MQTT can have'
/** The most of an entry; the id of that one is the longest. */
const mostDevices = 100_000

const textMessage = 'must be text'
const scriptMessage = 'must be the name of a script without folder and ending: "pump" is devices/pump.device.ts'
const countMessage = 'must be a whole number from 0 to 100000'
const certificateMessage = 'must be a name: "pump" is certificates/pump.crt with certificates/pump.key'

const targetUrl = v.pipe(
  v.string('must be a URL such as mqtt://broker.example:1883'),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    try {
      parseTarget(dataset.value)
    } catch (error) {
      addIssue({ message: messageOf(error) })
    }
  }),
)

const targetInFull = v.strictObject(
  {
    url: targetUrl,
    /** The authority that has signed the broker's certificate, as PEM, instead of the system's. */
    ca: v.optional(v.string('must be the path of a PEM file in the workspace')),
    /** The client certificate: `pump` stands for `certificates/pump.crt` and `certificates/pump.key`. */
    certificate: v.optional(
      v.pipe(
        v.string(certificateMessage),
        v.maxLength(mostOctets, `the certificate's name ${tooLong}`),
        v.regex(idPattern, certificateMessage),
      ),
    ),
    /** Takes any certificate of the broker. */
    insecure: v.optional(v.boolean('must be true or false'), false),
  },
  'must be a URL such as mqtt://broker.example:1883, or an object with a "url"',
)

/** Another broker than the workbench's own; files are relative to the workspace, with `/`. */
const target = v.lazy((given): v.GenericSchema<unknown, string | v.InferOutput<typeof targetInFull>> => {
  return typeof given === 'string' ? targetUrl : targetInFull
})

const deviceEntry = v.strictObject(
  {
    /** `pump` stands for `devices/pump.device.ts`. */
    script: v.pipe(
      v.string(scriptMessage),
      v.maxLength(mostOctets, `the script's name ${tooLong}`),
      v.regex(idPattern, scriptMessage),
    ),
    count: v.optional(
      v.pipe(
        v.number(countMessage),
        v.integer(countMessage),
        v.minValue(0, countMessage),
        v.maxValue(mostDevices, countMessage),
      ),
      1,
    ),
    /** What these devices connect to, instead of the workspace's target. */
    target: v.optional(target),
    /** Time between the starts of two devices. */
    stagger: v.optional(duration, 0),
    /** Time in which all of them are started, evenly; instead of `stagger`. */
    ramp: v.optional(duration, 0),
  },
  'must be an object such as { "script": "pump", "count": 3 }',
)

const schema = v.strictObject(
  {
    name: v.optional(v.pipe(v.string(textMessage), v.nonEmpty('must not be empty'))),
    seed: v.optional(v.union([v.number(), v.string()], 'must be a number or text'), 1),
    /** What devices connect to; the workbench's own broker where it is absent. */
    target: v.optional(target),
    /** The workbench's own. */
    broker: v.optional(brokerSettings),
    devices: v.optional(
      v.record(
        v.pipe(
          v.string(),
          v.regex(namePattern, 'a name has letters, digits, "_", "-", "." and {n} only'),
          // These are ASCII: each is one octet.
          v.check(
            (name) => deviceId(name, mostDevices, mostDevices).length <= mostOctets,
            `with its number it ${tooLong}`,
          ),
        ),
        deviceEntry,
        'must be an object such as { "pump": { "script": "pump", "count": 3 } }',
      ),
    ),
  },
  'must be an object such as { "seed": 42, "devices": { "pump": { "script": "pump" } } }',
)

/** Which keys there are at a path: of the file, of the broker, of an entry of `devices`, of a target. */
function keysAt(path: readonly string[]): readonly string[] {
  if (path[0] === 'broker') return brokerKeysAt(path.slice(1))
  if (path.at(-1) === 'target' && path.length !== 2) return Object.keys(targetInFull.entries)
  return Object.keys(path.length === 0 ? schema.entries : deviceEntry.entries)
}

/** Whether there is a list at a path. */
function isListAt(path: readonly string[]): boolean {
  return path[0] === 'broker' && isBrokerList(path.slice(1))
}

export type Settings = v.InferOutput<typeof schema>
export type TargetSettings = v.InferOutput<typeof target>

/** What is said of a file that is not even JSON. */
export function jsonMistake(text: string, error: unknown): string {
  const at = brokenAt(text, error)
  const { line, column } = placeAt(text, at)
  return at === text.length
    ? 'it is not JSON: it ends too early; is a brace missing?'
    : `it is not JSON from line ${line}, column ${column} on (${messageOf(error)})`
}

/** Reads what `JSON.parse` has made of the file. */
export function readSettings(
  json: unknown,
): { settings: Settings; mistakes?: never } | { settings?: never; mistakes: SettingsMistake[] } {
  const result = v.safeParse(schema, json)
  const mistakes = mistakesOf(json, result.issues ?? [], keysAt, isListAt)
  return result.success && mistakes.length === 0 ? { settings: result.output } : { mistakes }
}

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
      message: `${settingsFile}: ${jsonMistake(text, error)}`,
      hint: 'correct it, or remove it: then each script in devices/ gets one device',
    })
  }
  const read = readSettings(json)
  if (read.settings !== undefined) return read.settings
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `${settingsFile}: ${read.mistakes.map(({ message }) => message).join('; ')}`,
    hint: 'faultline check says where',
  })
}
