import * as v from 'valibot'
import { recording } from './captures.ts'
import { count, empty, wallTime } from './values.ts'

const text = v.string()
const milliseconds = v.pipe(v.number(), v.minValue(0))
const place = v.strictObject({ file: text, line: count, column: count })
const step = v.optional(count)

/** See `Failure` of app/scenario/report.ts; so are all below. */
const failure = v.strictObject({
  what: text,
  expected: text,
  received: text,
  place: v.optional(place),
  at: milliseconds,
  ladder: v.pipe(v.array(text), v.readonly()),
  step,
  soft: v.boolean(),
  packets: v.optional(v.strictObject({ first: count, last: count })),
})

const mistake = v.strictObject({ path: text, message: text, place: v.optional(place) })

const verdict = v.variant('is', [
  v.strictObject({ is: v.picklist(['passed', 'stopped']) }),
  v.strictObject({ is: v.literal('failed'), failures: v.pipe(v.array(failure), v.readonly()) }),
  v.strictObject({ is: v.literal('invalid'), mistakes: v.pipe(v.array(mistake), v.readonly()) }),
  v.strictObject({ is: v.picklist(['script threw', 'out of time']), message: text, place: v.optional(place) }),
  v.strictObject({ is: v.literal('environment failed'), message: text, hint: v.optional(text) }),
])

export const runReport = v.strictObject({
  id: text,
  file: text,
  name: text,
  seed: v.union([v.number(), v.string()]),
  repetition: count,
  startedAt: wallTime,
  verdict: v.optional(verdict),
  duration: milliseconds,
  preparation: milliseconds,
  target: text,
  steps: v.pipe(
    v.array(
      v.strictObject({
        number: count,
        parent: step,
        name: text,
        at: milliseconds,
        duration: v.optional(milliseconds),
        outcome: v.picklist(['running', 'passed', 'failed']),
        place: v.optional(place),
        firstPacket: count,
        lastPacket: v.optional(count),
      }),
    ),
    v.readonly(),
  ),
  expectations: v.pipe(
    v.array(
      v.strictObject({
        what: text,
        expected: text,
        received: text,
        at: milliseconds,
        duration: v.optional(milliseconds),
        outcome: v.picklist(['waiting', 'held', 'failed']),
        soft: v.boolean(),
        step,
        place: v.optional(place),
      }),
    ),
    v.readonly(),
  ),
  deeds: v.pipe(
    v.array(v.strictObject({ what: text, kind: text, at: milliseconds, step, place: v.optional(place) })),
    v.readonly(),
  ),
  thresholds: v.pipe(v.array(v.strictObject({ metric: text, text, held: v.boolean(), value: text })), v.readonly()),
  log: v.pipe(v.array(v.strictObject({ at: milliseconds, text })), v.readonly()),
  counts: v.strictObject({
    packets: count,
    connections: count,
    published: count,
    delivered: count,
    dropped: count,
    notKept: count,
  }),
  unrepeatable: v.pipe(v.array(text), v.readonly()),
  recording: v.optional(text),
})

const scenarioFile = v.strictObject({
  /** Relative to the workspace, with `/`. */
  path: text,
  /** What `scenario('...')` calls it; the file's name where it cannot be read. */
  name: text,
  /** Why it cannot be run, with its place in the file, where it cannot. */
  problem: v.optional(text),
  /** Its newest run. */
  last: v.optional(v.strictObject({ run: text, verdict: text, duration: milliseconds, startedAt: wallTime })),
})

export const runDigest = v.strictObject({
  id: text,
  file: text,
  name: text,
  startedAt: wallTime,
  duration: milliseconds,
  /** `running`, or `is` of its verdict. */
  verdict: text,
  seed: v.union([v.number(), v.string()]),
  repetition: count,
})

/** Scenarios of the workspace, their runs, and what was recorded of them. */
export const scenarioMethods = {
  'scenarios.list': { params: empty, result: v.array(scenarioFile) },
  'scenarios.read': {
    params: v.strictObject({ path: text }),
    result: v.strictObject({ text, revision: text }),
  },
  /** As `scripts.write`. */
  'scenarios.write': {
    params: v.strictObject({ path: text, text, basedOn: text }),
    result: v.strictObject({ revision: text }),
  },
  /** Runs these files, or all where there are none, on brokers of their own; gives the ids of the runs, in order. */
  'scenarios.run': {
    params: v.strictObject({
      paths: v.array(text),
      seed: v.optional(v.union([v.number(), v.string()])),
      repeat: v.optional(v.pipe(count, v.minValue(1), v.maxValue(1000))),
      target: v.optional(text),
    }),
    result: v.strictObject({ runs: v.array(text) }),
  },
  /** Stops all that runs and all that waits. */
  'scenarios.stop': { params: empty, result: empty },
  /** The newest first, at most 500. */
  'scenarios.runs': { params: empty, result: v.array(runDigest) },
  /** Refused with `not-found`. */
  'scenarios.report': { params: v.strictObject({ run: text }), result: runReport },
  /**
   * How dense the traffic of a run was, from its recording: packets in each stretch of `stepMs`, from its beginning on; at
   * most 400 stretches, and none where no recording was kept. Refused with `not-found`.
   */
  'scenarios.traffic': {
    params: v.strictObject({ run: text }),
    result: v.strictObject({ stepMs: v.number(), packets: v.array(count) }),
  },
  /** Opens the recording of a run, as `recordings.open` does. Refused with `not-found`, also where none was kept. */
  'scenarios.openRecording': { params: v.strictObject({ run: text }), result: recording },
  'scenarios.forget': { params: v.strictObject({ runs: v.array(text) }), result: empty },
  /** What was done by hand since the workbench was started, or since `since` (wall time), as the text of a scenario. */
  'scenarios.draft': {
    params: v.strictObject({ since: v.optional(wallTime), name: text }),
    result: v.strictObject({ text, deeds: count }),
  },
  /** Makes `scenarios/<name>.scenario.ts`. Refused with `conflict` where there is one. */
  'scenarios.create': {
    params: v.strictObject({ name: text, text }),
    result: v.strictObject({ path: text }),
  },
} as const

export const scenarioEvents = {
  'scenarios.changed': v.strictObject({ files: v.array(scenarioFile) }),
  /** A run that goes on, whole, at most every 100 ms; and once when it has ended. */
  'scenarios.progress': runReport,
  /** How many runs go on, and how many wait; `file` is that of the run that goes on. */
  'scenarios.queue': v.strictObject({ running: count, waiting: count, file: v.optional(text) }),
} as const

export type ScenarioFile = v.InferOutput<typeof scenarioFile>
export type RunDigest = v.InferOutput<typeof runDigest>
