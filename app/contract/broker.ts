import * as v from 'valibot'
import { filterProblem } from '../mqtt/topics.ts'
import { count, empty } from './values.ts'

function whole(min: number, max: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
}

/**
 * Reason Codes of MQTT 5 with which the packets of a client can be refused on purpose: those of PUBACK and PUBREC, of
 * SUBACK, and of UNSUBACK [§3.4.2.1, §3.9.3, §3.11.3]. CONNECT is refused with any from 0x80 on.
 */
export const refusalCodes = {
  PUBLISH: [0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  SUBSCRIBE: [0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
  UNSUBSCRIBE: [0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
} as const

const refusedPacket = v.picklist(['CONNECT', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE'])
export type RefusedPacket = v.InferOutput<typeof refusedPacket>

/** Whether the answer to the packet has such a Reason Code. */
export function canRefuse(packet: RefusedPacket, code: number): boolean {
  if (packet === 'CONNECT') return code >= 0x80
  return (refusalCodes[packet] as readonly number[]).includes(code)
}

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
  maxAllQueuedOctets: v.optional(whole(0, 1_099_511_627_776)),
  queuePolicy: v.optional(v.picklist(['drop oldest', 'drop newest', 'disconnect'])),
  /** In seconds, as the next. */
  maxSessionExpiry: v.optional(whole(0, 4_294_967_294)),
  maxKeepAlive: v.optional(whole(0, 65_535)),
  maxQoS: v.optional(v.picklist([0, 1, 2])),
  retainAvailable: v.optional(v.boolean()),
  maxRetained: v.optional(whole(0, 100_000_000)),
  maxRetainedOctets: v.optional(whole(0, 1_099_511_627_776)),
  maxTopicLevels: v.optional(whole(1, 65_536)),
  maxSubscriptions: v.optional(whole(0, 10_000_000)),
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
  maxAllQueuedOctets: v.number(),
  queuePolicy: v.picklist(['drop oldest', 'drop newest', 'disconnect']),
  /** Absent is for ever. */
  maxSessionExpiry: v.optional(v.number()),
  maxKeepAlive: v.number(),
  maxQoS: v.picklist([0, 1, 2]),
  retainAvailable: v.boolean(),
  maxRetained: v.number(),
  maxRetainedOctets: v.number(),
  maxTopicLevels: v.number(),
  maxSubscriptions: v.number(),
})

/** What a refusal that is ordered is about. */
const refusal = {
  /** CONNECT where it is absent. */
  packet: v.optional(refusedPacket),
  /** In words; clients of MQTT 5 are told, where the answer is not a list of codes: not in SUBACK and UNSUBACK. */
  reason: v.optional(v.string()),
  /** Of CONNECT. Another broker, such as `other.example:1883`: goes with 0x9C and 0x9D. */
  serverReference: v.optional(v.string()),
  /** Client Identifiers with `*` for any text; all where it is absent. */
  clients: v.optional(v.string()),
  /** Not of CONNECT. A Topic Filter: Topic Names that match it, Topic Filters that are no wider; all where it is absent. */
  topic: v.optional(
    v.pipe(
      v.string(),
      v.check((filter) => filterProblem(filter) === undefined, 'must be a Topic Filter'),
    ),
  ),
  /** How many packets, or Topic Filters in SUBSCRIBE and UNSUBSCRIBE; until it is taken back where it is absent. */
  times: v.optional(whole(1, 1_000_000)),
}

const listener = v.strictObject({
  /** Where clients on this machine reach it. */
  url: v.string(),
  /** What has to be said of it where others than this machine reach it. */
  exposure: v.optional(v.string()),
})

/** The broker as it runs. */
const brokerState = v.strictObject({
  listeners: v.array(listener),
  /** Where Sessions and retained messages are kept. A password in the URL is left out. */
  store: v.variant('type', [
    v.strictObject({ type: v.literal('memory') }),
    v.strictObject({ type: v.literal('level'), folder: v.string() }),
    v.strictObject({ type: v.literal('redis'), url: v.string() }),
  ]),
  /** For how many seconds it could not be written; absent where it can. */
  storeFailing: v.optional(v.number()),
  /** Clients that are served now. */
  connected: count,
  limits,
  /** What is refused on purpose, the oldest order first; one that is used up is gone. */
  refusals: v.array(v.strictObject({ id: count, code: v.number(), refused: count, ...refusal })),
})

/** What is done to the workbench's own broker. */
export const brokerMethods = {
  /**
   * Refuses packets of one type on purpose from now on, instead of what was ordered for that type before: with this Reason
   * Code, or with what 3.1.1 has next to it. That is for CONNECT a Return Code, for SUBSCRIBE 0x80, which 3.1 does not have:
   * its SUBACK grants. PUBLISH is acknowledged and goes nowhere [MQTT-3.3.5-2]; so it does at QoS 0 in every version, and
   * with 0x10. UNSUBSCRIBE ends the Network Connection: no answer says no [MQTT-4.8.0-2]. Without a code all packets of the
   * type are taken again.
   */
  'broker.refuse': {
    params: v.pipe(
      v.strictObject({
        code: v.optional(whole(0x01, 0xff)),
        ...refusal,
        /** Beside the orders that stand, of which the oldest that is about a packet counts. @default false */
        beside: v.optional(v.boolean()),
      }),
      v.check(
        ({ code, packet: _, ...rest }) =>
          code !== undefined || Object.values(rest).every((value) => value === undefined),
        'must have a "code", or nothing besides "packet"',
      ),
      v.check(
        ({ code, packet = 'CONNECT' }) => code === undefined || canRefuse(packet, code),
        'must have a "code" that the answer to the packet can have',
      ),
      v.check(
        ({ packet = 'CONNECT', serverReference, topic }) =>
          packet === 'CONNECT' ? topic === undefined : serverReference === undefined,
        'must have a "topic" only with another packet than CONNECT, and a "serverReference" only with CONNECT',
      ),
    ),
    result: empty,
  },
  /** Takes back one order to refuse; nothing happens where it is used up or taken back already. */
  'broker.letIn': { params: v.strictObject({ id: count }), result: empty },
  /** How the broker runs at the moment. */
  'broker.state': { params: empty, result: brokerState },
  /** Changes limits while the broker runs, for what comes after; gives all of them. Nothing given changes nothing. */
  'broker.limits': { params: limitChange, result: limits },
} as const
