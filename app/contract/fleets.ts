import * as v from 'valibot'
import { fleetKinds, fleetTroubles } from '../device/fleet.ts'
import { count, empty, qos, scriptError } from './values.ts'

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000))

const settings = v.strictObject({
  topic: v.string(),
  everyMs: milliseconds,
  payload: v.string(),
  qos,
  retain: v.boolean(),
})

const counters = v.strictObject({
  published: count,
  acknowledged: count,
  latency: v.optional(v.strictObject({ p50: v.number(), p95: v.number(), p99: v.number() })),
  rate: v.number(),
  errors: v.record(v.string(), count),
})

const fleet = v.strictObject({
  id: v.string(),
  kind: v.picklist(fleetKinds),
  script: v.string(),
  target: v.string(),
  wanted: count,
  present: count,
  online: count,
  settings: v.optional(settings),
  written: v.strictObject({ count, settings: v.optional(settings) }),
  counters: v.optional(counters),
  error: v.optional(v.strictObject({ ...scriptError.entries, trouble: v.picklist(fleetTroubles) })),
})

export const fleetMethods = {
  'fleets.list': { params: empty, result: v.array(fleet) },
  /**
   * Changes a running fleet. Nothing of it is written to a file. Refused with `not-found`, `invalid-argument` (a mistake
   * in a value), or `wrong-state` (a scripted fleet has nothing but a count).
   */
  'fleets.change': {
    params: v.strictObject({
      id: v.string(),
      change: v.strictObject({
        count: v.optional(v.pipe(count, v.maxValue(100_000))),
        rampMs: v.optional(milliseconds),
        topic: v.optional(v.string()),
        everyMs: v.optional(milliseconds),
        payload: v.optional(v.string()),
        qos: v.optional(qos),
        retain: v.optional(v.boolean()),
      }),
    }),
    result: empty,
  },
} as const

export const fleetEvents = {
  /** New or changed fleets, whole; and ids of those that are gone. At most four times a second. */
  'fleets.changed': v.strictObject({ changed: v.array(fleet), removed: v.array(v.string()) }),
} as const
