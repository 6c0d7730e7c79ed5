import * as v from 'valibot'
import { count, directions, empty, octets, packetNumber, wallTime } from './values.ts'

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
/** At most 24 days, as long as a timer can be set. */
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 31 - 1))

const ruleFields = {
  name: v.pipe(v.string(), v.maxLength(200)),
  enabled: v.boolean(),
  fault: v.string(),
  settings: v.record(v.string(), v.union([v.number(), v.string()])),
  clients: v.pipe(v.string(), v.nonEmpty()),
  connection: count,
  from: v.picklist(['any', 'client', 'broker']),
  filter: v.string(),
  nth: packetNumber,
  times: count,
  probability: share,
  fromMs: milliseconds,
  untilMs: milliseconds,
}
/** See `Rule` in app/faults. An empty name is replaced by a description. */
const newRule = v.strictObject(ruleFields)

const wireRule = v.strictObject({ id: v.string(), ...ruleFields, matched: count, hits: count, done: v.boolean() })

const breakpoint = v.strictObject({ id: v.string(), filter: v.string(), enabled: v.boolean(), hits: count })

/** A packet that waits because of a breakpoint. Those behind it on the same way wait as well, and are not listed. */
const heldPacket = v.strictObject({
  packet: packetNumber,
  connection: count,
  direction: directions,
  /** Wall time since which it waits. */
  since: wallTime,
  /** What holds it: a breakpoint's filter, or `hold everything`. */
  by: v.string(),
  /** The id of that breakpoint: another one can have the same filter. */
  breakpoint: v.optional(v.string()),
  /** The first octets, up to 2 KiB; `length` says how many there are. `wire.heldOctets` has them all. */
  octets,
  length: count,
  /** Packets behind it. */
  waiting: count,
  /** Wall time at which its keep alive runs out if it goes on waiting; undefined where there is no keep alive. */
  keepAliveEndsAt: v.optional(wallTime),
})

const wire = v.strictObject({
  /** Every packet is held, not only those that a breakpoint matches. */
  holding: v.boolean(),
  /** 1 is real time; less is slow motion. */
  speed: v.number(),
  breakpoints: v.array(breakpoint),
  rules: v.array(wireRule),
  /** The held packets, at most 200 of them, in the order of the capture. */
  held: v.array(heldPacket),
  /** All that are held, and all that wait behind them. */
  heldCount: count,
  waitingCount: count,
})

/** Breakpoints, held packets and faults. */
export const wireMethods = {
  'wire.state': { params: empty, result: wire },
  /** Holds every packet from now on, or no longer; what is held already stays so. */
  'wire.hold': { params: v.strictObject({ on: v.boolean() }), result: empty },
  /** Ends holding everything, and lets all that waits go on. Breakpoints stay for what comes later. */
  'wire.letGo': { params: empty, result: v.strictObject({ packets: count }) },
  /** All octets of a held packet, up to 8 MiB; `length` says how many there are. Refused with `not-found`. */
  'wire.heldOctets': {
    params: v.strictObject({ packet: packetNumber }),
    result: v.strictObject({ octets, length: count }),
  },
  /** Delivers the held packet that is first in the capture. `packet` is undefined when nothing is held. */
  'wire.next': { params: empty, result: v.strictObject({ packet: v.optional(packetNumber) }) },
  /** Decides about one held packet. Refused with `not-found` when it is not held any more. */
  'wire.decide': {
    params: v.strictObject({
      packet: packetNumber,
      action: v.picklist(['deliver', 'drop', 'twice']),
      /** Goes on instead, whatever it is. */
      octets: v.optional(octets),
    }),
    result: empty,
  },
  /** From 0.01 (a hundred times slower) to 1. */
  'wire.speed': {
    params: v.strictObject({ speed: v.pipe(v.number(), v.minValue(0.01), v.maxValue(1)) }),
    result: empty,
  },
  /** Refused with `invalid-argument` where the filter cannot be read. */
  'wire.addBreakpoint': { params: v.strictObject({ filter: v.string() }), result: v.strictObject({ id: v.string() }) },
  'wire.enableBreakpoint': { params: v.strictObject({ id: v.string(), enabled: v.boolean() }), result: empty },
  'wire.removeBreakpoint': { params: v.strictObject({ id: v.string() }), result: empty },
  /** Refused with `invalid-argument` that lists every mistake. */
  'wire.addRule': { params: newRule, result: v.strictObject({ id: v.string() }) },
  /** Enabling a rule starts its counts and its time anew. */
  'wire.enableRule': { params: v.strictObject({ id: v.string(), enabled: v.boolean() }), result: empty },
  'wire.removeRule': { params: v.strictObject({ id: v.string() }), result: empty },
  /** Ends the open Network Connections whose Client Identifier fits the pattern; says how many. */
  'wire.cut': {
    params: v.strictObject({ clients: v.string(), how: v.picklist(['rst', 'fin']) }),
    result: v.strictObject({ connections: count }),
  },
  /** Removes all rules that concern these clients and no others; a half-open link works again. */
  'wire.heal': { params: v.strictObject({ clients: v.string() }), result: v.strictObject({ rules: count }) },
} as const

export const wireEvents = { 'wire.changed': wire } as const

export type NewRule = v.InferOutput<typeof newRule>
export type WireState = v.InferOutput<typeof wire>
export type WireRule = v.InferOutput<typeof wireRule>
export type Breakpoint = v.InferOutput<typeof breakpoint>
export type HeldPacket = v.InferOutput<typeof heldPacket>
