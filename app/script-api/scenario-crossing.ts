import * as v from 'valibot'
import { isTooDeep } from '../base/levels.ts'
import { deviceActions } from '../device/device-snapshot.ts'
import { clientSettings } from './crossing.ts'
import { longestWait } from './duration.ts'
import { count, mqttText, publishProperties, subscribeProperties } from './properties.ts'

/**
 * What crosses between a scenario's sandbox and the worker that runs it: JSON text, plus octets where there is a payload.
 * As with `crossing.ts` the host checks everything that comes out; the guest imports only the types.
 *
 * The static part is the answer of the guest's `plan` entry (`ScenarioDraft`: as the user wrote it, times in milliseconds;
 * what is wrong in it is found in main, all at once). Then `run` starts the body, which asks by `ScenarioAsk`; each ask
 * has a `call` number and is answered once, by `settled`.
 */

const time = v.pipe(v.number(), v.minValue(0), v.maxValue(longestWait))
const qos = v.picklist([0, 1, 2])

/** A value of the script's own, of which nothing is known but that whatever goes through it comes back. */
const data = v.pipe(
  v.unknown(),
  v.check((value) => !isTooDeep(value)),
)

/** The static part of a scenario, unchecked but for its shape as JSON: `checkPlan` of app/scenario looks at all of it. */
export const scenarioDraft = v.strictObject({ name: data, options: data })

export type ScenarioDraft = v.InferOutput<typeof scenarioDraft>

/** Where in the file the call stands, from 1; the guest takes it from the stack. */
const place = v.strictObject({ file: v.string(), line: count, column: count })

const payload = {
  /** The payload is `text`, or else the octets beside the message. */
  text: v.optional(v.string()),
}

/** A pattern of text: a regular expression, or text itself. */
const textPattern = v.variant('is', [
  v.strictObject({ is: v.literal('text'), text: v.string() }),
  v.strictObject({ is: v.literal('expression'), source: v.string(), flags: v.string() }),
])

/** See `MessagePattern` of expect.d.ts. */
const messagePattern = v.strictObject({
  topic: v.optional(textPattern),
  payload: v.optional(
    v.variant('is', [
      ...textPattern.options,
      v.strictObject({ is: v.literal('octets'), hex: v.string() }),
      v.strictObject({ is: v.literal('json'), value: data }),
    ]),
  ),
  qos: v.optional(qos),
  retain: v.optional(v.boolean()),
  dup: v.optional(v.boolean()),
  properties: v.optional(v.record(v.string(), data)),
})

const amount = v.strictObject({ atLeast: v.optional(count), atMost: v.optional(count) })

const which = v.strictObject({
  packets: v.optional(v.array(v.string())),
  from: v.optional(v.picklist(['client', 'broker'])),
  topic: v.optional(v.string()),
  packetId: v.optional(count),
  nth: v.optional(count),
  times: v.optional(count),
  probability: v.optional(v.number()),
})

/** Who an expectation is about. */
export const subject = v.variant('is', [
  v.strictObject({ is: v.literal('watch'), watch: count }),
  v.strictObject({ is: v.picklist(['will', 'session', 'exchanges', 'device', 'client']), id: v.string() }),
  v.strictObject({ is: v.literal('fleet'), group: v.string() }),
  v.strictObject({ is: v.literal('broker') }),
])

/** An expectation on something that moves; those on values are judged in the sandbox and told as `judged`. */
export const expectation = v.variant('matcher', [
  v.strictObject({
    matcher: v.literal('toReceive'),
    messages: v.pipe(v.array(messagePattern), v.minLength(1)),
    inOrder: v.boolean(),
    often: v.strictObject({ exactly: v.optional(count), atLeast: v.optional(count), never: v.optional(v.boolean()) }),
  }),
  v.strictObject({
    matcher: v.literal('toHandle'),
    message: messagePattern,
    often: v.strictObject({ exactly: v.optional(count), atLeast: v.optional(count), never: v.optional(v.boolean()) }),
  }),
  v.strictObject({ matcher: v.literal('toBePublished'), because: v.optional(v.string()) }),
  v.strictObject({ matcher: v.literal('notToBePublished') }),
  v.strictObject({ matcher: v.picklist(['toBePresent', 'toBeExpired', 'toReconnect', 'toBeOffline']) }),
  v.strictObject({ matcher: v.picklist(['toHaveQueued', 'toHaveInflight']), amount }),
  v.strictObject({ matcher: v.literal('toHaveSubscription'), filter: v.string(), qos: v.optional(qos) }),
  v.strictObject({ matcher: v.literal('toShow'), steps: v.array(v.string()), ofTopic: v.optional(v.string()) }),
  /** `count` is of a fleet. */
  v.strictObject({ matcher: v.literal('toBeOnline'), count: v.optional(count) }),
  v.strictObject({ matcher: v.literal('toLog'), text: textPattern }),
  v.strictObject({ matcher: v.literal('toFail'), message: v.optional(textPattern) }),
  v.strictObject({ matcher: v.literal('toBeRefused'), code: v.optional(count) }),
  v.strictObject({ matcher: v.picklist(['toHaveConnections', 'toReceiveRate', 'toSendRate']), amount }),
])

const brokerOrder = v.variant('order', [
  v.strictObject({ order: v.picklist(['stop', 'kill', 'start', 'accept']) }),
  v.strictObject({
    order: v.literal('refuse'),
    reason: v.string(),
    clients: v.optional(v.string()),
    times: v.optional(count),
  }),
  v.strictObject({ order: v.literal('maxConnections'), count }),
  v.strictObject({ order: v.literal('expireSession'), id: v.string() }),
  v.strictObject({ order: v.literal('publish'), topic: mqttText, ...payload, qos, retain: v.boolean() }),
])

const wireOrder = v.variant('order', [
  /** Answered with `{ hold: number }`. */
  v.strictObject({ order: v.literal('hold'), filter: v.string() }),
  v.strictObject({ order: v.literal('release hold'), hold: count }),
  v.strictObject({ order: v.literal('release') }),
  /** Waits until one is held; answered with `HeldPacket` of scenario.d.ts. `deliver`: and delivers it. */
  v.strictObject({ order: v.literal('held'), within: time, deliver: v.boolean() }),
  v.strictObject({ order: v.picklist(['deliver', 'drop', 'double']), packet: count }),
  v.strictObject({ order: v.literal('speed'), factor: v.number() }),
])

/** What the body asks for. `soft` expectations are answered as if they had held. */
export const ask = v.variant('do', [
  v.strictObject({ do: v.literal('log'), text: v.string() }),
  v.strictObject({ do: v.literal('wait'), ms: time }),
  /** `expect.poll` asks the script's own function; answered with `{ late: boolean }`, when it has ended or after `ms`. */
  v.strictObject({ do: v.literal('poll'), poll: count, matcher: v.string(), ms: time }),
  v.strictObject({ do: v.literal('end poll'), poll: count }),
  /** Answered with `{ step: number }`. `running`: the steps whose work goes on where it is called, the newest last. */
  v.strictObject({ do: v.literal('begin step'), name: v.string(), running: v.optional(v.array(count)) }),
  v.strictObject({ do: v.literal('end step'), step: count, failed: v.boolean() }),
  v.strictObject({
    do: v.literal('expect'),
    subject,
    expectation,
    within: v.optional(time),
    soft: v.boolean(),
  }),
  /** An expectation on a value, judged in the sandbox: it is written down, and fails the scenario where it does not hold. */
  v.strictObject({
    do: v.literal('judged'),
    matcher: v.string(),
    held: v.boolean(),
    soft: v.boolean(),
    expected: v.string(),
    received: v.string(),
    /** Of what `expect.poll` has asked for: how long it was to hold within, and how long it has asked, in milliseconds. */
    polled: v.optional(v.strictObject({ within: time, ms: time })),
  }),
  v.strictObject({
    do: v.literal('device'),
    id: v.string(),
    action: v.picklist(deviceActions),
    offMs: v.optional(time),
    skewMs: v.optional(v.number()),
    certificate: v.optional(v.string()),
  }),
  v.strictObject({ do: v.literal('ramp'), group: v.string(), count, overMs: time }),
  v.strictObject({ do: v.literal('storm'), group: v.string(), reconnect: v.picklist(['all at once', 'as scripted']) }),
  /** Answered with `{ sessionPresent: boolean }`; also of `connect`. */
  v.strictObject({ do: v.literal('open client'), id: v.string(), settings: clientSettings }),
  v.strictObject({ do: v.picklist(['connect', 'disconnect', 'drop client']), id: v.string() }),
  /** Answered with `{ watch: number }`. */
  v.strictObject({
    do: v.literal('subscribe'),
    id: v.string(),
    filters: v.pipe(v.array(mqttText), v.minLength(1)),
    qos,
    noLocal: v.optional(v.boolean()),
    retainAsPublished: v.optional(v.boolean()),
    retainHandling: v.optional(v.picklist([0, 1, 2])),
    properties: v.optional(subscribeProperties),
  }),
  v.strictObject({ do: v.literal('unsubscribe'), id: v.string(), filters: v.array(mqttText) }),
  v.strictObject({
    do: v.literal('publish'),
    id: v.string(),
    topic: mqttText,
    ...payload,
    qos,
    retain: v.boolean(),
    properties: v.optional(publishProperties),
  }),
  /** A rule for links, in the words of app/faults; answered with `{ rule: string }`. `clients` is a pattern. */
  v.strictObject({
    do: v.literal('fault'),
    clients: v.string(),
    fault: v.string(),
    settings: v.record(v.string(), v.union([v.number(), v.string()])),
    which,
  }),
  v.strictObject({ do: v.literal('remove fault'), rule: v.string() }),
  v.strictObject({ do: v.literal('cut'), clients: v.string(), how: v.picklist(['rst', 'fin']) }),
  v.strictObject({ do: v.literal('heal'), clients: v.string() }),
  v.strictObject({ do: v.literal('broker'), what: brokerOrder }),
  v.strictObject({ do: v.literal('wire'), what: wireOrder }),
  /**
   * Something that a script wants to know now: answered with its JSON. `hits` of a rule, `state` of a device, `queued` of a
   * Session, `online` of a group, `connections` of the broker, `count` and `messages` of a watch.
   */
  v.strictObject({
    do: v.literal('read'),
    what: v.picklist(['hits', 'state', 'queued', 'online', 'connections', 'count', 'messages']),
    of: v.union([v.string(), count]),
  }),
])

export const scenarioAsk = v.strictObject({ call: count, place: v.optional(place), ask })

export type Place = v.InferOutput<typeof place>
export type Ask = v.InferOutput<typeof ask>
export type ScenarioAsk = v.InferOutput<typeof scenarioAsk>
export type TextPattern = v.InferOutput<typeof textPattern>
export type MessagePattern = v.InferOutput<typeof messagePattern>
export type Amount = v.InferOutput<typeof amount>
export type Which = v.InferOutput<typeof which>
export type Subject = v.InferOutput<typeof subject>
export type Expectation = v.InferOutput<typeof expectation>
export type BrokerOrder = v.InferOutput<typeof brokerOrder>
export type WireOrder = v.InferOutput<typeof wireOrder>

/**
 * How an ask ended. `failed` is an expectation that did not hold (the body may catch it, the scenario has failed all the
 * same unless it was soft, which is answered with `done`); `refused` is a call that made no sense or that the environment
 * could not do.
 */
export type Answer =
  | { readonly type: 'done'; readonly value?: unknown }
  | { readonly type: 'failed' | 'refused'; readonly message: string }

export type ToScenario =
  /** Starts the body, with the ids of the devices in each group. */
  | { readonly type: 'run'; readonly groups: { readonly [group: string]: readonly string[] } }
  | { readonly type: 'settled'; readonly call: number; readonly answer: Answer }

/**
 * How the body ended: the guest says it when its promise has settled and nothing that it began is unfinished. `failed` is an
 * expectation's own error, which is known already. What is asked for behind it takes it back: something goes on that nobody
 * awaited, and it is said again.
 */
export const scenarioEnd = v.strictObject({ type: v.literal('ended'), how: v.picklist(['returned', 'failed']) })

/** What the guest sends to its host. */
export const fromScenario = v.union([scenarioAsk, scenarioEnd])

export type FromScenario = v.InferOutput<typeof fromScenario>

/** The ways into a scenario's sandbox, as `Guest` of crossing.ts. */
export interface ScenarioGuest {
  /**
   * Takes the script's default export.
   * @returns `ScenarioDraft` as JSON
   */
  plan(script: unknown): string
  /** Takes a `ToScenario` as JSON. */
  enter(event: string): void
  /** Gives a `Thrown` as JSON; `lost` is an expectation that did not hold, of which the host knows. */
  describe(reason: unknown): string
}
