import * as v from 'valibot'
import { count, empty, octets, qos, wallTime } from './values.ts'

/** Reason Codes of DISCONNECT that a broker may send [MQTT 5 §3.14.2.1]. */
export const disconnectCodes = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
  0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
] as const

const willState = v.picklist(['armed', 'delayed', 'published', 'dropped', 'cancelled'])

const will = v.strictObject({
  topic: v.string(),
  payload: octets,
  qos,
  retain: v.boolean(),
  delay: count,
  messageExpiryInterval: v.optional(count),
  contentType: v.optional(v.string()),
  state: willState,
  reason: v.optional(v.string()),
  since: wallTime,
  until: v.optional(wallTime),
})

const subscription = v.strictObject({
  filter: v.string(),
  qos,
  noLocal: v.boolean(),
  retainAsPublished: v.boolean(),
  retainHandling: v.picklist([0, 1, 2]),
  identifier: v.optional(count),
})

/** As `SessionSnapshot` of app/session, which says what each field means. */
const session = v.strictObject({
  clientId: v.string(),
  connected: v.boolean(),
  connection: count,
  since: wallTime,
  protocolVersion: v.picklist([3, 4, 5]),
  clean: v.boolean(),
  sessionPresent: v.boolean(),
  keepAlive: count,
  userName: v.optional(v.string()),
  expiry: v.optional(count),
  expiresAt: v.optional(wallTime),
  subscriptions: v.pipe(v.array(subscription), v.readonly()),
  will: v.optional(will),
  queued: count,
  inflight: count,
  incoming: count,
  blockedSince: v.optional(wallTime),
  endReason: v.optional(v.string()),
  lost: v.strictObject({ queueFull: count, expired: count, tooLarge: count, cleared: count }),
})

const outgoing = v.strictObject({
  topic: v.string(),
  payload: octets,
  payloadLength: count,
  qos,
  retain: v.boolean(),
  packetId: count,
  state: v.picklist(['idle', 'awaiting PUBACK', 'awaiting PUBREC', 'awaiting PUBCOMP']),
  sends: count,
  since: wallTime,
  publisher: v.optional(v.string()),
  expiresAt: v.optional(wallTime),
})

const history = v.strictObject({
  number: count,
  connection: count,
  remote: v.string(),
  since: wallTime,
  clean: v.boolean(),
  sessionPresent: v.boolean(),
  keepAlive: count,
  rule: v.string(),
  until: v.optional(wallTime),
  reason: v.optional(v.string()),
})

const mark = v.strictObject({
  time: wallTime,
  connection: count,
  subscriptions: v.pipe(v.array(subscription), v.readonly()),
  subscriptionCount: count,
  queued: count,
  inflight: count,
  incoming: count,
  will: v.optional(v.strictObject({ topic: v.string(), state: willState })),
})

/** As `SessionDetail` of app/session. */
const sessionDetail = v.strictObject({
  session,
  inflight: v.pipe(v.array(outgoing), v.readonly()),
  waiting: v.pipe(v.array(outgoing), v.readonly()),
  incoming: v.pipe(v.array(v.strictObject({ packetId: count, since: wallTime })), v.readonly()),
  history: v.pipe(v.array(history), v.readonly()),
  reconnect: v.optional(v.strictObject({ left: mark, found: mark })),
  keepAlive: v.optional(v.strictObject({ silent: v.number(), allowed: v.optional(v.number()) })),
})

const ofClient = v.strictObject({ clientId: v.string() })

/** Sessions of the workbench's own broker. All that names a client is refused with `not-found` where it has no Session. */
export const sessionMethods = {
  'sessions.list': { params: empty, result: v.array(session) },
  'sessions.show': { params: ofClient, result: sessionDetail },
  /** Ends a Session before its time; its client is disconnected first. */
  'sessions.expire': { params: ofClient, result: empty },
  /** Throws away the messages that wait; tells how many it were. What was sent and not acknowledged stays. */
  'sessions.clearQueue': { params: ofClient, result: v.strictObject({ messages: count }) },
  /**
   * Ends the Network Connection, so that its will is published. A client of MQTT 5 is sent DISCONNECT with the code, 0x98
   * where none is named, and the reason. Refused with `wrong-state` where it is not connected.
   */
  'sessions.disconnect': {
    params: v.strictObject({
      clientId: v.string(),
      code: v.optional(v.picklist(disconnectCodes)),
      reason: v.optional(v.pipe(v.string(), v.maxLength(1000))),
    }),
    result: empty,
  },
} as const

export const sessionEvents = {
  'sessions.changed': v.strictObject({ changed: v.array(session), removed: v.array(v.string()) }),
} as const
