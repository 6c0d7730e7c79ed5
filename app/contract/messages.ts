import * as v from 'valibot'
import { packetTypes } from '../mqtt/control-packet.ts'
import { captureId, count, directions, octets, packetNumber, qos } from './values.ts'

const messageSummary = v.strictObject({
  id: packetNumber,
  topic: v.string(),
  qos,
  retain: v.boolean(),
  origin: v.picklist(['publish', 'will', 'retained', 'broker']),
  publisherId: v.optional(v.string()),
  /** The Packet Identifier that the publisher gave it; undefined at QoS 0, and where its PUBLISH was not seen. */
  packetId: v.optional(count),
  /** Client Identifiers, at most 3 of them. */
  subscriberIds: v.array(v.string()),
  subscribers: count,
  match: v.picklist(['certain', 'likely']),
  /** The broker that it went through, where that is not the workbench's own: who else got it is not known. */
  target: v.string(),
  state: v.picklist(['held', 'lost', 'refused', 'delivered again', 'queued', 'waiting', 'complete']),
  /** The most often that one subscriber took it as a new message. */
  deliveries: count,
  remark: v.string(),
  startedAt: v.number(),
  duration: v.number(),
})

const step = v.variant('kind', [
  v.strictObject({
    kind: v.literal('packet'),
    number: packetNumber,
    time: v.number(),
    connection: count,
    direction: directions,
    type: v.picklist(packetTypes.filter((type) => type !== undefined)),
    packetId: v.optional(count),
    qos: v.optional(qos),
    dup: v.boolean(),
    code: v.optional(count),
    fate: v.optional(v.picklist(['held', 'dropped', 'delayed', 'duplicated', 'changed'])),
    by: v.string(),
    delay: v.number(),
    remark: v.optional(v.string()),
  }),
  v.strictObject({
    kind: v.literal('connection'),
    number: packetNumber,
    time: v.number(),
    connection: count,
    what: v.picklist(['lost', 'reconnected']),
    text: v.string(),
  }),
])

const exchange = v.strictObject({
  role: v.picklist(['publisher', 'subscriber']),
  clientId: v.string(),
  qos,
  packetId: v.optional(count),
  retain: v.boolean(),
  /** Whether the client's Session outlives its Network Connection; undefined where no CONNECT was seen. */
  sessionKept: v.optional(v.boolean()),
  steps: v.array(step),
  state: v.picklist(['complete', 'waiting', 'held', 'lost', 'refused']),
  expects: v.optional(v.picklist(packetTypes.filter((type) => type !== undefined))),
  sends: count,
  deliveries: count,
  startedAt: v.number(),
  endedAt: v.optional(v.number()),
  /** What both ends hold at this moment. */
  sides: v.strictObject({ broker: v.string(), client: v.string(), ifDropped: v.optional(v.string()) }),
})

/** See `Message` in app/handshake. */
const message = v.strictObject({
  ...messageSummary.entries,
  payload: octets,
  publisher: v.optional(exchange),
  exchanges: v.array(exchange),
})

/** Messages and their exchanges, rebuilt from a capture. */
export const messageMethods = {
  /**
   * Starts `messages.changed` events about a capture for this screen; gives the newest ones, the newest first: as many as
   * a screen can take in at once. `messages.older` gives the others.
   */
  'messages.follow': {
    params: v.strictObject({ capture: captureId }),
    result: v.strictObject({
      messages: v.array(messageSummary),
      total: count,
      forgotten: count,
      /** Records that left the ring before they could be looked at: what they belonged to is not known. */
      missed: count,
      /** Why nothing is rebuilt any more, such as a file that has become unreadable. */
      problem: v.optional(v.string()),
    }),
  },
  /** Those before a message, the newest first, as many as a screen can take in at once; none where there are none. */
  'messages.older': {
    params: v.strictObject({ capture: captureId, before: packetNumber }),
    result: v.strictObject({ messages: v.array(messageSummary) }),
  },
  /** The message that a packet belongs to; undefined where it belongs to none that is known. */
  'messages.ofPacket': {
    params: v.strictObject({ capture: captureId, packet: packetNumber }),
    result: v.strictObject({ id: v.optional(packetNumber) }),
  },
  'messages.get': { params: v.strictObject({ capture: captureId, id: packetNumber }), result: message },
} as const

export const messageEvents = {
  /**
   * New or changed messages of a capture that is followed, the newest first, and the ids of those that were let go of. Where
   * more change than can be told at once the others follow.
   */
  'messages.changed': v.strictObject({
    capture: captureId,
    changed: v.array(messageSummary),
    removed: v.array(packetNumber),
    total: count,
    forgotten: count,
    missed: count,
    problem: v.optional(v.string()),
  }),
} as const

export type MessageSummary = v.InferOutput<typeof messageSummary>
export type MessageSnapshot = v.InferOutput<typeof message>
export type ExchangeSnapshot = v.InferOutput<typeof exchange>
