import * as v from 'valibot'
import { longestWait } from './duration.ts'

/**
 * What crosses between a device's sandbox (the guest) and the worker that runs it (the host): JSON text, plus octets
 * where there is a payload. Each value here is schema, type and validator; the host checks everything that comes out of
 * the sandbox, because a script can reach into its own copy of this library. The guest imports only the types.
 */

const qos = v.picklist([0, 1, 2])
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const wait = v.pipe(v.number(), v.minValue(0), v.maxValue(longestWait))
/** Octets, not characters: two octets on the wire say how many there are [MQTT 3.1.1 §1.5.3]. */
const mqttText = v.pipe(v.string(), v.maxBytes(65_535))

/** An answer to `publish`, `subscribe` or `unsubscribe` carries the number of the `call`. */
export const fromGuest = v.variant('type', [
  v.strictObject({ type: v.literal('log'), text: v.string() }),
  v.strictObject({ type: v.literal('start timer'), timer: count, ms: wait, repeat: v.boolean() }),
  v.strictObject({ type: v.literal('stop timers'), timers: v.array(count) }),
  /** The payload is `text`, or else the octets beside the message. */
  v.strictObject({
    type: v.literal('publish'),
    call: count,
    topic: mqttText,
    text: v.optional(v.string()),
    qos,
    retain: v.boolean(),
  }),
  v.strictObject({ type: v.literal('subscribe'), call: count, filter: mqttText, qos }),
  v.strictObject({ type: v.literal('unsubscribe'), call: count, filter: mqttText }),
])

export type FromGuest = v.InferOutput<typeof fromGuest>

export type ToGuest =
  | { readonly type: 'power on' }
  | { readonly type: 'timer'; readonly timer: number }
  | { readonly type: 'settled'; readonly call: number; readonly outcome: Outcome }
  | { readonly type: 'connected'; readonly sessionPresent: boolean }
  | {
      /** The payload is the octets beside the message. */
      readonly type: 'message'
      readonly topic: string
      readonly qos: 0 | 1 | 2
      readonly retain: boolean
      readonly dup: boolean
      readonly packetId?: number | undefined
    }
  | { readonly type: 'disconnected'; readonly reason: string; readonly willReconnect: boolean }

/**
 * How a call of the client ended. `lost` is not the script's fault: its connection ended first, or too much is waiting.
 */
export type Outcome =
  | { readonly type: 'done'; readonly qos?: 0 | 1 | 2 | undefined }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'lost'; readonly message: string }

/** How a device's MQTT client connects: `ClientOptions` with every default filled in. */
export const clientSettings = v.strictObject({
  protocolVersion: v.picklist([3, 4]),
  clientId: mqttText,
  cleanStart: v.boolean(),
  /** In seconds, as CONNECT carries it; 0 is off. */
  keepAlive: v.pipe(count, v.maxValue(65_535)),
  username: v.optional(mqttText),
  password: v.optional(mqttText),
  will: v.optional(
    v.strictObject({
      topic: mqttText,
      payload: v.union([v.string(), v.array(v.pipe(count, v.maxValue(255)))]),
      qos,
      retain: v.boolean(),
    }),
  ),
  /** Absent: never tries again. Times are in milliseconds. */
  reconnect: v.optional(
    v.strictObject({
      after: wait,
      factor: v.pipe(v.number(), v.minValue(1)),
      max: wait,
      jitter: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    }),
  ),
})

export type ClientSettings = v.InferOutput<typeof clientSettings>
export type ReconnectSettings = NonNullable<ClientSettings['reconnect']>

/** What the guest makes of anything that was thrown in it. */
export const thrown = v.strictObject({
  message: v.string(),
  name: v.string(),
  stack: v.optional(v.string()),
  /** The client's call was ended by the loss of its connection: no fault of the script. */
  lost: v.boolean(),
  /** The option that is wrong, as `client.will.topic`. */
  option: v.optional(v.string()),
})

export type Thrown = v.InferOutput<typeof thrown>

/** The functions of @faker-js/faker that a script may call; all else does not exist. */
export const fabrications = [
  'string.alphanumeric',
  'string.hexadecimal',
  'string.numeric',
  'string.uuid',
  'number.int',
  'number.float',
  'datatype.boolean',
  'internet.ipv4',
  'internet.mac',
  'internet.username',
  'location.city',
  'location.country',
  'location.latitude',
  'location.longitude',
  'location.streetAddress',
  'person.firstName',
  'person.fullName',
  'person.lastName',
  'commerce.productName',
  'company.name',
  'vehicle.vin',
  'vehicle.vrm',
  'word.adjective',
  'word.noun',
  'lorem.sentence',
  'lorem.word',
  'system.semver',
  'color.human',
] as const

export type Fabrication = (typeof fabrications)[number]

/** What the host answers to a call of `faker`. */
export type Fabricated = { readonly value: unknown } | { readonly refused: string }

/** What the host puts into the sandbox, under the name `faultlineHost`, before the guest starts. The guest takes it away. */
export interface Host {
  readonly id: string
  readonly seed: string | number
  /** Wall time in milliseconds since 1970. */
  now(): number
  /** Takes a `FromGuest` as JSON. */
  send(message: string, octets?: ArrayBuffer): void
  /** Takes the name of a `Fabrication` and its arguments as JSON, gives a `Fabricated` as JSON. */
  fabricate(name: Fabrication, args: string): string
  /** Reads octets as UTF-8; gives the text as JSON, because text with U+0000 does not cross unharmed. */
  decode(octets: ArrayBuffer): string
  /** Hands over the guest's ways in. */
  install(guest: Guest): void
}

export interface Guest {
  /**
   * Takes the script's default export and runs its factory.
   * @returns `ClientSettings` as JSON
   */
  start(script: unknown): string
  /** Takes a `ToGuest` as JSON. */
  enter(event: string, octets?: ArrayBuffer): void
  /** Gives a `Thrown` as JSON. */
  describe(reason: unknown): string
}
