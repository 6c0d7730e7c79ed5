import * as v from 'valibot'
import { errorCodes } from '../base/errors.ts'
import { deviceActions, deviceStates } from '../device/device-snapshot.ts'
import { brokerMethods } from './broker.ts'
import { captureEvents, captureMethods } from './captures.ts'
import { fleetEvents, fleetMethods } from './fleets.ts'
import { messageEvents, messageMethods } from './messages.ts'
import { scenarioEvents, scenarioMethods } from './scenarios.ts'
import { sessionEvents, sessionMethods } from './sessions.ts'
import { targetEvents, targetMethods } from './targets.ts'
import { topicEvents, topicMethods } from './topics.ts'
import { connection, count, empty, scriptError, wallTime } from './values.ts'
import { wireEvents, wireMethods } from './wire.ts'

/**
 * Everything that passes between the workbench and a screen: each entry is the schema, and through it the type and the
 * validator, of both ends. Raise the version when an older screen could not talk to this workbench.
 */
export const contractVersion = 5

/** A day and a hundred years, in milliseconds. */
const longestWait = 86_400_000
const longestSkew = 100 * 365 * 86_400_000

const device = v.strictObject({
  id: v.string(),
  clientId: v.string(),
  script: v.string(),
  state: v.picklist(deviceStates),
  reason: v.string(),
  since: wallTime,
  nextAttemptAt: v.optional(wallTime),
  attempts: count,
  error: v.optional(scriptError),
  fleet: v.string(),
  target: v.string(),
  faults: v.pipe(v.array(v.string()), v.readonly()),
})

const actionSettings = v.strictObject({
  offMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(longestWait))),
  skewMs: v.optional(v.pipe(v.number(), v.minValue(-longestSkew), v.maxValue(longestSkew))),
  certificate: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]+$/))),
})

const consoleLine = v.strictObject({
  device: v.string(),
  time: wallTime,
  level: v.picklist(['log', 'error', 'info']),
  text: v.string(),
})

const script = v.strictObject({
  /** Relative to the workspace, with `/`. */
  path: v.string(),
  devices: count,
})

const stats = v.strictObject({
  time: wallTime,
  clients: count,
  /** Control Packets seen in the last second, both ways. */
  packetsPerSecond: v.number(),
  /** Records in the capture since it began. */
  captured: count,
  /** Octets that the ring holds, and records that have left it to make room. */
  ringOctets: count,
  ringEvicted: count,
  /** Octets of very large packets that were not kept: of each the first mebibyte is. */
  ringCut: count,
  /** Resident memory of the workbench, in octets. */
  memory: count,
  /** The longest delay of the event loop in the last second, in milliseconds. */
  loopDelay: v.number(),
})

export const methods = {
  ...captureMethods,
  ...brokerMethods,
  ...messageMethods,
  ...wireMethods,
  ...fleetMethods,
  ...targetMethods,
  ...sessionMethods,
  ...topicMethods,
  ...scenarioMethods,
  /** The first call of a screen. Refused with `unsupported-version` when the versions differ. */
  'workbench.hello': {
    params: v.strictObject({ contractVersion: count }),
    result: v.strictObject({
      version: v.string(),
      workspace: v.strictObject({ name: v.string(), path: v.string() }),
      broker: v.strictObject({ url: v.string(), engine: v.string() }),
      /** Wall time at which the capture's time is 0. */
      captureStart: wallTime,
    }),
  },
  'devices.list': { params: empty, result: v.array(device) },
  /** Refused with `not-found`, or `wrong-state` where the action makes no sense. */
  'devices.act': {
    params: v.strictObject({
      id: v.string(),
      action: v.picklist(deviceActions),
      settings: v.optional(actionSettings),
    }),
    result: empty,
  },
  /** The newest changes of a device's state, oldest first; `dropped` counts the older ones that are gone. */
  'devices.history': {
    params: v.strictObject({ id: v.string() }),
    result: v.strictObject({
      entries: v.array(v.strictObject({ time: wallTime, state: v.picklist(deviceStates), reason: v.string() })),
      dropped: count,
    }),
  },
  /** The newest lines of a device's console, oldest first; `dropped` counts the older ones that are gone. */
  'devices.console': {
    params: v.strictObject({ id: v.string() }),
    result: v.strictObject({ lines: v.array(consoleLine), dropped: count }),
  },
  'scripts.list': { params: empty, result: v.array(script) },
  'scripts.read': {
    params: v.strictObject({ path: v.string() }),
    result: v.strictObject({ text: v.string(), revision: v.string() }),
  },
  /**
   * Saves a script and restarts its devices with it. Refused with `conflict` when the file on disk is no longer the
   * revision that the text was based on.
   */
  'scripts.write': {
    params: v.strictObject({ path: v.string(), text: v.string(), basedOn: v.string() }),
    result: v.strictObject({ revision: v.string(), restarted: count }),
  },
  /** What a new script can begin with. */
  'scripts.templates': {
    params: empty,
    result: v.array(v.strictObject({ id: v.string(), title: v.string(), description: v.string() })),
  },
  /**
   * Makes `devices/<name>.device.ts` from a template, and an entry for it where `faultline.json` lists devices. Refused
   * with `conflict` when there is one of that name, `not-found` for the template, `invalid-argument` for the name.
   */
  'scripts.create': {
    params: v.strictObject({ name: v.string(), template: v.string() }),
    result: v.strictObject({ path: v.string() }),
  },
  /** Names of the client certificates of the workspace: pairs of files in its folder `certificates`, without ending. */
  'certificates.list': { params: empty, result: v.array(v.string()) },
  'connections.list': { params: empty, result: v.array(connection) },
} as const

export const events = {
  ...captureEvents,
  ...messageEvents,
  ...wireEvents,
  ...fleetEvents,
  ...targetEvents,
  ...sessionEvents,
  ...topicEvents,
  ...scenarioEvents,
  /** New or changed devices, whole; and ids of those that are gone. */
  'devices.changed': v.strictObject({ changed: v.array(device), removed: v.array(v.string()) }),
  'devices.console': v.strictObject({ lines: v.array(consoleLine) }),
  'scripts.changed': v.strictObject({ scripts: v.array(script), touched: v.array(v.string()) }),
  'connections.changed': v.strictObject({ changed: v.array(connection), removed: v.array(count) }),
  'workbench.stats': stats,
} as const

export type MethodName = keyof typeof methods
export type EventName = keyof typeof events
export type Params<M extends MethodName> = v.InferOutput<(typeof methods)[M]['params']>
export type Result<M extends MethodName> = v.InferOutput<(typeof methods)[M]['result']>
export type EventValue<E extends EventName> = v.InferOutput<(typeof events)[E]>

export type ConnectionSnapshot = v.InferOutput<typeof connection>
export type ScriptSnapshot = v.InferOutput<typeof script>
export type Stats = v.InferOutput<typeof stats>

const errorData = v.strictObject({
  code: v.picklist(errorCodes),
  message: v.string(),
  hint: v.optional(v.string()),
  details: v.optional(v.record(v.string(), v.unknown())),
})

/** What travels: a request and its response share an `id`. */
export const toWorkbench = v.strictObject({
  type: v.literal('request'),
  id: count,
  method: v.string(),
  // Optional, because a codec that drops what is undefined must not turn a refusal into garbage.
  params: v.optional(v.unknown()),
})

export const toScreen = v.variant('type', [
  v.strictObject({ type: v.literal('result'), id: count, result: v.optional(v.unknown()) }),
  v.strictObject({ type: v.literal('error'), id: count, error: errorData }),
  v.strictObject({ type: v.literal('event'), event: v.string(), value: v.optional(v.unknown()) }),
])
