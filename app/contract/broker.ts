import * as v from 'valibot'
import { empty } from './values.ts'

function whole(min: number, max: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
}

/** Reason Codes of MQTT 5 that say no. */
const reasonCode = whole(0x80, 0xff)

/** What is 0 where there is no limit is 0 here too. Times in milliseconds where nothing else is said, sizes in octets. */
const limitChange = v.strictObject({
  connectTimeout: v.optional(whole(1, 86_400_000)),
  maxConnections: v.optional(whole(0, 1_000_000)),
  maxPacketSize: v.optional(whole(16, 268_435_460)),
  maxInflight: v.optional(whole(1, 65_535)),
  receiveMaximum: v.optional(whole(1, 65_535)),
  topicAliasMaximum: v.optional(whole(0, 65_535)),
  maxQueued: v.optional(whole(0, 10_000_000)),
  maxQueuedOctets: v.optional(whole(0, 4_294_967_295)),
  queuePolicy: v.optional(v.picklist(['drop oldest', 'drop newest', 'disconnect'])),
  /** In seconds, as the next. */
  maxSessionExpiry: v.optional(whole(0, 4_294_967_294)),
  maxKeepAlive: v.optional(whole(0, 65_535)),
  maxQoS: v.optional(v.picklist([0, 1, 2])),
  retainAvailable: v.optional(v.boolean()),
})

const limits = v.strictObject({
  connectTimeout: v.number(),
  maxConnections: v.number(),
  maxPacketSize: v.number(),
  maxInflight: v.number(),
  receiveMaximum: v.number(),
  topicAliasMaximum: v.number(),
  maxQueued: v.number(),
  maxQueuedOctets: v.number(),
  queuePolicy: v.picklist(['drop oldest', 'drop newest', 'disconnect']),
  /** Absent is for ever. */
  maxSessionExpiry: v.optional(v.number()),
  maxKeepAlive: v.number(),
  maxQoS: v.picklist([0, 1, 2]),
  retainAvailable: v.boolean(),
})

/** What is done to the workbench's own broker. */
export const brokerMethods = {
  /**
   * Refuses CONNECT on purpose from now on: with this Reason Code, or in 3.1.1 with the Return Code that is next to it.
   * Without a code clients are let in again.
   */
  'broker.refuse': {
    params: v.pipe(
      v.strictObject({
        code: v.optional(reasonCode),
        /** In words; clients of MQTT 5 are told. */
        reason: v.optional(v.string()),
        /** Another broker, such as `other.example:1883`: goes with 0x9C and 0x9D. */
        serverReference: v.optional(v.string()),
        /** Client Identifiers with `*` for any text; all where it is absent. */
        clients: v.optional(v.string()),
        /** How many CONNECTs; until it is taken back where it is absent. */
        times: v.optional(whole(1, 1_000_000)),
      }),
      v.check(
        ({ code, ...rest }) => code !== undefined || Object.values(rest).every((value) => value === undefined),
        'must have a "code", or nothing at all',
      ),
    ),
    result: empty,
  },
  /** Changes limits while the broker runs, for what comes after; gives all of them. Nothing given changes nothing. */
  'broker.limits': { params: limitChange, result: limits },
} as const
