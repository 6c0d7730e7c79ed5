import * as v from 'valibot'
import { longestWait } from './duration.ts'
import { farewellCodes } from './farewell-codes.ts'
import {
  connectProperties,
  count,
  disconnectProperties,
  mqttText,
  publishProperties,
  type ReceivedProperties,
  subscribeProperties,
  unsubscribeProperties,
  willProperties,
} from './properties.ts'

/**
 * What crosses between a device's sandbox (the guest) and the worker that runs it (the host): JSON text, plus octets
 * where there is a payload. Each value here is schema, type and validator; the host checks everything that comes out of
 * the sandbox, because a script can reach into its own copy of this library. The guest imports only the types.
 */

const qos = v.picklist([0, 1, 2])
const wait = v.pipe(v.number(), v.minValue(0), v.maxValue(longestWait))

/** What a client's DISCONNECT can say in MQTT 5. */
const farewell = {
  reasonCode: v.optional(v.picklist(farewellCodes)),
  properties: v.optional(disconnectProperties),
}

export type Farewell = v.InferOutput<v.StrictObjectSchema<typeof farewell, undefined>>

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
    properties: v.optional(publishProperties),
  }),
  v.strictObject({
    type: v.literal('subscribe'),
    call: count,
    filter: mqttText,
    qos,
    noLocal: v.optional(v.boolean()),
    retainAsPublished: v.optional(v.boolean()),
    retainHandling: v.optional(v.picklist([0, 1, 2])),
    properties: v.optional(subscribeProperties),
  }),
  v.strictObject({
    type: v.literal('unsubscribe'),
    call: count,
    filter: mqttText,
    properties: v.optional(unsubscribeProperties),
  }),
  v.strictObject({ type: v.literal('disconnect'), ...farewell }),
  /** The script's `message` is about to be called for the message that it is being told of, which had `report`. */
  v.strictObject({ type: v.literal('handled') }),
  /** What the script's `connected` began is done, where the device was told of a connection that had `report`. */
  v.strictObject({ type: v.literal('ready') }),
])

export type FromGuest = v.InferOutput<typeof fromGuest>

export type ToGuest =
  | { readonly type: 'power on' }
  | { readonly type: 'timer'; readonly timer: number }
  | { readonly type: 'settled'; readonly call: number; readonly outcome: Outcome }
  | {
      readonly type: 'connected'
      readonly sessionPresent: boolean
      readonly properties?: ReceivedProperties | undefined
      /** Whether `ready` is to be sent when the script's `connected` is done. */
      readonly report?: true | undefined
    }
  | {
      /** The payload is the octets beside the message. */
      readonly type: 'message'
      readonly topic: string
      readonly qos: 0 | 1 | 2
      readonly retain: boolean
      readonly dup: boolean
      readonly packetId?: number | undefined
      readonly properties?: ReceivedProperties | undefined
      /** Whether `handled` is to be sent if the script handles it. */
      readonly report?: true | undefined
    }
  | ({ readonly type: 'disconnected'; readonly reason: string; readonly willReconnect: boolean } & BrokersReason)

/** What a broker said with a Reason Code of 0x80 or more, in CONNACK, DISCONNECT or an acknowledgement. */
export interface BrokersReason {
  readonly reasonCode?: number | undefined
  readonly properties?: ReceivedProperties | undefined
}

/**
 * How a call of the client ended. `lost` is not the script's fault: its connection ended first, or too much is waiting.
 */
export type Outcome =
  | { readonly type: 'done'; readonly qos?: 0 | 1 | 2 | undefined }
  | ({ readonly type: 'refused'; readonly message: string } & BrokersReason)
  | { readonly type: 'lost'; readonly message: string }

/** How a device's MQTT client connects: `ClientOptions` with every default filled in. */
export const clientSettings = v.strictObject({
  protocolVersion: v.picklist([3, 4, 5]),
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
      properties: v.optional(willProperties),
    }),
  ),
  properties: v.optional(connectProperties),
  /** Gives Topic Aliases to the topics that are published to, as far as the broker takes them. */
  topicAliases: v.boolean(),
  /** Where the client keeps what is in flight: `ram` is lost with the power. */
  store: v.picklist(['ram', 'flash']),
  /** Absent: never tries again. Times are in milliseconds. */
  reconnect: v.optional(
    v.strictObject({
      after: wait,
      factor: v.pipe(v.number(), v.minValue(1)),
      max: wait,
      jitter: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      /** How many attempts in a row may fail before it stays offline; absent: any number. */
      attempts: v.optional(v.pipe(count, v.minValue(1))),
    }),
  ),
})

export type ClientSettings = v.InferOutput<typeof clientSettings>
export type ReconnectSettings = NonNullable<ClientSettings['reconnect']>

/** What a script says of a load fleet, with every default filled in; texts have `{id}` and `{n}` in them. */
export const loadPlan = v.strictObject({
  settings: v.strictObject({
    topic: mqttText,
    everyMs: v.pipe(wait, v.maxValue(86_400_000)),
    payload: v.string(),
    qos,
    retain: v.boolean(),
  }),
  client: clientSettings,
})

export type LoadPlan = v.InferOutput<typeof loadPlan>

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

/** What the host answers to a call of `faker`. Dates are in milliseconds since 1970. */
export type Fabricated =
  | { readonly value: unknown }
  | { readonly date: number }
  | { readonly dates: readonly number[] }
  | { readonly bigint: string }
  | { readonly refused: string }

/** What reading a file of the workspace gives: its text, or why not, in words that follow its name. */
export type WorkspaceFile = { readonly text: string } | { readonly refused: string }

/** What a script's `flash` asks of the host. A value is JSON. */
export const flashRequest = v.variant('type', [
  v.strictObject({ type: v.literal('get'), key: v.string() }),
  v.strictObject({ type: v.literal('set'), key: v.string(), value: v.string() }),
  v.strictObject({ type: v.literal('delete'), key: v.string() }),
  v.strictObject({ type: v.literal('keys') }),
])

export type FlashRequest = v.InferOutput<typeof flashRequest>

export type FlashAnswer =
  /** `value` is JSON; absent where there is none. */
  | { readonly value?: string | undefined }
  | { readonly keys: readonly string[] }
  | { readonly deleted: boolean }
  | { readonly refused: string }

/** What is too big to be in every sandbox: evaluated in those whose scripts use it. */
export const libraryNames = ['cbor', 'data', 'protobuf'] as const

export type LibraryName = (typeof libraryNames)[number]

/** What the host puts into the sandbox, under the name `faultlineHost`, before the guest starts. The guest takes it away. */
export interface Host {
  readonly id: string
  readonly seed: string | number
  /** Wall time in milliseconds since 1970. */
  now(): number
  /**
   * Takes a `FromGuest` as JSON. True means that the call in it is complete already, and nothing will come for it: a
   * message of QoS 0 that is written needs no second visit to the sandbox.
   */
  send(message: string, octets?: ArrayBuffer): boolean
  /**
   * Calls a function of faker, such as `person.firstName`, with arguments as JSON of a list; gives a `Fabricated` as JSON.
   * Of the name of a module alone, it gives the names of its functions.
   */
  fabricate(name: string, args: string): string
  /** Reads octets as UTF-8; gives the text as JSON, because text with U+0000 does not cross unharmed. */
  decode(octets: ArrayBuffer): string
  /**
   * Reads a text file of the workspace, as JSON of a `WorkspaceFile`. A path that begins with `./` or `../` counts from the
   * folder of `from`, every other one from the workspace's own folder; both are written with `/`. Nothing outside of the
   * workspace can be read.
   *
   * @param from the file that asks, relative to the workspace
   */
  read(path: string, from: string): string
  /** Carries out a `FlashRequest`, gives a `FlashAnswer`; both as JSON. */
  flash(request: string): string
  /** Evaluates a library in this sandbox, so that only devices which use it pay for it; gives what it exports. */
  library(name: LibraryName): unknown
  /** Hands over the guest's ways in. */
  install(guest: Guest): void
}

export interface Guest {
  /**
   * Takes the script's default export and runs its factory.
   * @returns `ClientSettings` as JSON
   */
  start(script: unknown): string
  /**
   * Takes the script's default export.
   * @returns `LoadPlan` as JSON; `null` when it is no fleet
   */
  plan(script: unknown): string
  /** Takes a `ToGuest` as JSON. */
  enter(event: string, octets?: ArrayBuffer): void
  /** Gives a `Thrown` as JSON. */
  describe(reason: unknown): string
}
