import * as v from 'valibot'
import { count, octets, qos, wallTime } from './values.ts'

const will = v.strictObject({
  topic: v.string(),
  payload: octets,
  qos,
  retain: v.boolean(),
  delay: count,
  state: v.picklist(['armed', 'delayed', 'published', 'dropped', 'cancelled']),
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
export const session = v.strictObject({
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
  lost: v.strictObject({ queueFull: count, expired: count, tooLarge: count }),
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
  connection: count,
  remote: v.string(),
  since: wallTime,
  clean: v.boolean(),
  sessionPresent: v.boolean(),
  keepAlive: count,
  until: v.optional(wallTime),
  reason: v.optional(v.string()),
})

/** As `SessionDetail` of app/session. */
export const sessionDetail = v.strictObject({
  session,
  inflight: v.pipe(v.array(outgoing), v.readonly()),
  waiting: v.pipe(v.array(outgoing), v.readonly()),
  incoming: v.pipe(v.array(v.strictObject({ packetId: count, since: wallTime })), v.readonly()),
  history: v.pipe(v.array(history), v.readonly()),
  keepAlive: v.optional(v.strictObject({ silent: v.number(), allowed: v.optional(v.number()) })),
})
