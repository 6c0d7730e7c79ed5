import * as v from 'valibot'
import { count, empty, octets, qos, wallTime } from './values.ts'

/** More lines of the tree do not go to a screen in one piece. */
export const mostTopicRows = 500

const published = v.strictObject({
  payload: octets,
  payloadLength: count,
  qos,
  retain: v.boolean(),
  publisher: v.optional(v.string()),
  will: v.boolean(),
  time: v.optional(wallTime),
})

const row = v.strictObject({
  path: v.string(),
  level: v.string(),
  depth: count,
  children: count,
  open: v.boolean(),
  topics: count,
  messages: count,
  rate: v.number(),
  retained: v.boolean(),
  payload: v.optional(octets),
  payloadLength: count,
  time: v.optional(wallTime),
})

/** As `TopicCounts` of app/session. */
const counts = v.strictObject({
  since: wallTime,
  topics: count,
  retained: count,
  ownRetained: count,
  messages: count,
  rate: v.number(),
  over: count,
})

/** As `TopicDetail` of app/session. */
const detail = v.strictObject({
  topic: v.string(),
  messages: count,
  rate: v.number(),
  history: v.pipe(v.array(count), v.readonly()),
  last: v.optional(published),
  previous: v.optional(published),
  retained: v.optional(published),
})

/**
 * What is published to the workbench's own broker, topic by topic. A screen asks for the lines that are in sight and is only
 * told that something has changed: what travels does not depend on how many topics there are.
 */
export const topicMethods = {
  /** Starts, or ends, `topics.changed` for this screen. The broker begins to watch topics when the first one asks. */
  'topics.watch': { params: v.strictObject({ on: v.boolean() }), result: counts },
  /**
   * Lines of the tree of which some levels are open, from one on; or the topics that are looked for, by a part of their
   * names or by a Topic Filter. See `TopicQuery` and `TopicRow` of app/session.
   */
  'topics.list': {
    params: v.strictObject({
      open: v.pipe(v.array(v.string()), v.maxLength(5000), v.readonly()),
      from: count,
      limit: v.pipe(count, v.maxValue(mostTopicRows)),
      search: v.string(),
    }),
    result: v.strictObject({ rows: v.pipe(v.array(row), v.readonly()), total: count }),
  },
  /** All of one topic. Refused with `not-found` where nothing was published to it and nothing is retained. */
  'topics.show': { params: v.strictObject({ topic: v.string() }), result: detail },
  /**
   * Publishes an empty message with RETAIN as the broker itself, which deletes what is retained; subscribers get it
   * [MQTT-3.3.1-6]. Refused with `not-found` where nothing is retained.
   */
  'topics.clearRetained': { params: v.strictObject({ topic: v.string() }), result: empty },
} as const

export const topicEvents = {
  /** Something was published, or rates have gone down: at most twice a second. */
  'topics.changed': counts,
} as const
