import * as v from 'valibot'

/**
 * The properties of MQTT 5 as they cross between a sandbox and its host [MQTT 5 §2.2.2.2]: times in seconds, octets as
 * numbers, User Properties as pairs, which keep their order and may have a name twice. Bounds are those of the wire.
 */

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** Octets, not characters: two octets on the wire say how many there are [MQTT 3.1.1 §1.5.3]. */
export const mqttText = v.pipe(v.string(), v.maxBytes(65_535))

const uint16 = v.pipe(count, v.maxValue(0xffff))
const uint32 = v.pipe(count, v.maxValue(0xffff_ffff))
const positive16 = v.pipe(uint16, v.minValue(1))
const binary = v.pipe(v.array(v.pipe(count, v.maxValue(0xff))), v.maxLength(65_535))

/** More than any broker takes in one packet; each pair may have 128 KiB. */
const mostUserProperties = 1000
const userProperties = v.pipe(
  v.array(v.strictTuple([mqttText, mqttText])),
  v.minLength(1),
  v.maxLength(mostUserProperties),
)

/** What a PUBLISH and a Will Message have in common. */
const aboutMessage = {
  payloadFormatIndicator: v.optional(v.boolean()),
  messageExpiryInterval: v.optional(uint32),
  contentType: v.optional(mqttText),
  responseTopic: v.optional(mqttText),
  correlationData: v.optional(binary),
  userProperties: v.optional(userProperties),
}

export const connectProperties = v.strictObject({
  sessionExpiryInterval: v.optional(uint32),
  /** 0 is a Protocol Error [MQTT 5 §3.1.2.11.3]. */
  receiveMaximum: v.optional(positive16),
  /** 0 is a Protocol Error [MQTT 5 §3.1.2.11.4]. */
  maximumPacketSize: v.optional(v.pipe(uint32, v.minValue(1))),
  topicAliasMaximum: v.optional(uint16),
  requestResponseInformation: v.optional(v.boolean()),
  requestProblemInformation: v.optional(v.boolean()),
  userProperties: v.optional(userProperties),
})

export const willProperties = v.strictObject({ ...aboutMessage, willDelayInterval: v.optional(uint32) })

export const publishProperties = v.strictObject({
  ...aboutMessage,
  /** [MQTT-3.3.2-8]. */
  topicAlias: v.optional(positive16),
})

export const subscribeProperties = v.strictObject({
  /** A Variable Byte Integer, not 0 [MQTT 5 §3.8.2.1.2]. */
  subscriptionIdentifier: v.optional(v.pipe(count, v.minValue(1), v.maxValue(268_435_455))),
  userProperties: v.optional(userProperties),
})

export const unsubscribeProperties = v.strictObject({ userProperties: v.optional(userProperties) })

export const disconnectProperties = v.strictObject({
  sessionExpiryInterval: v.optional(uint32),
  reasonString: v.optional(mqttText),
  userProperties: v.optional(userProperties),
})

export type PublishProperties = v.InferOutput<typeof publishProperties>
export type SubscribeProperties = v.InferOutput<typeof subscribeProperties>
export type UnsubscribeProperties = v.InferOutput<typeof unsubscribeProperties>

export type UserPropertyPairs = readonly (readonly [name: string, value: string])[]

/** What a broker's packets carry, on the way into the sandbox. A broker may send anything: nothing is promised of it. */
export interface ReceivedProperties {
  readonly [name: string]: string | number | boolean | readonly number[] | UserPropertyPairs | undefined
}
