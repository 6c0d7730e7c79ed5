/**
 * What is known of a run: the reporters, the screen and the history of a workspace read nothing else. All of it is JSON. Times
 * called `at` are milliseconds since the run began; a run begins when its broker is asked for.
 */
export interface RunReport {
  /** Unique in the workspace; sorts by time. */
  readonly id: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  /** The scenario's name; the file's where it could not be read. */
  readonly name: string
  readonly seed: number | string
  /** Which of several repetitions, from 1. */
  readonly repetition: number
  /** Wall time in milliseconds since 1970. */
  readonly startedAt: number
  /** Undefined while it runs. */
  readonly verdict: Verdict | undefined
  /** Milliseconds, until now while it runs. */
  readonly duration: number
  /** Milliseconds of it until the body began: broker, devices, observer. */
  readonly preparation: number
  /** URL of another broker; empty for the scenario's own. */
  readonly target: string
  readonly steps: readonly StepReport[]
  readonly expectations: readonly ExpectationReport[]
  /** Faults, power cuts, orders to the broker: what was done on purpose, by the scenario. */
  readonly deeds: readonly DeedReport[]
  readonly thresholds: readonly ThresholdReport[]
  /** Lines of `log`. */
  readonly log: readonly { readonly at: number; readonly text: string }[]
  readonly counts: RunCounts
  /** What of it cannot be the same in another run with this seed, in sentences. */
  readonly unrepeatable: readonly string[]
  /** Path of the recording as the user would name it; undefined where none was kept. */
  readonly recording: string | undefined
}

/** The exit codes of the command line follow from it: 0, 1, 3, 4, 5; `invalid` is 2. */
export type Verdict =
  | { readonly is: 'passed' }
  /** An expectation or a threshold did not hold, the script of a device failed, or it was not let in; more than one of them at times. */
  | { readonly is: 'failed'; readonly failures: readonly Failure[] }
  | { readonly is: 'invalid'; readonly mistakes: readonly StaticMistake[] }
  /** The scenario's own script threw. */
  | { readonly is: 'script threw'; readonly message: string; readonly place: Place | undefined }
  | { readonly is: 'out of time'; readonly message: string; readonly place: Place | undefined }
  /** A port, a file, a target: nothing that the scenario is about. */
  | { readonly is: 'environment failed'; readonly message: string; readonly hint: string | undefined }
  /** Somebody stopped it. */
  | { readonly is: 'stopped' }

/** What is wrong with a scenario before it begins. */
export interface StaticMistake {
  /** Of its options such as `devices.pump.count`; empty where it is none of them. */
  readonly path: string
  readonly message: string
  readonly place?: Place | undefined
}

export interface Place {
  /** Relative to the workspace, with `/`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** What did not hold, as it is printed. */
export interface Failure {
  /** Such as `expect(watch).toReceive`, or the threshold as it was written. */
  readonly what: string
  readonly expected: string
  /** What came instead. */
  readonly received: string
  readonly place: Place | undefined
  readonly at: number
  /** The packets around it, as a ladder in text, a line a packet; empty where there were none. */
  readonly ladder: readonly string[]
  /** Its step, undefined outside of steps. */
  readonly step: number | undefined
  readonly soft: boolean
  /** Numbers of capture records that it is about: first and last. */
  readonly packets: { readonly first: number; readonly last: number } | undefined
}

export interface StepReport {
  /** From 1. */
  readonly number: number
  /** The one around it. */
  readonly parent: number | undefined
  readonly name: string
  readonly at: number
  /** Undefined while it runs. */
  readonly duration: number | undefined
  readonly outcome: 'running' | 'passed' | 'failed'
  readonly place: Place | undefined
  /** The number that the next record of the capture had when it began, and ended. */
  readonly firstPacket: number
  readonly lastPacket: number | undefined
}

export interface ExpectationReport {
  /** Such as `expect(pump.will).toBePublished`. */
  readonly what: string
  /** What was expected, in words: `a message to plant/pump-1/status with payload "offline", within 2 s`. */
  readonly expected: string
  /** What held it, or what came instead; empty while it waits. */
  readonly received: string
  readonly at: number
  readonly duration: number | undefined
  readonly outcome: 'waiting' | 'held' | 'failed'
  readonly soft: boolean
  readonly step: number | undefined
  readonly place: Place | undefined
}

export interface DeedReport {
  /** In words: `power of pump-1 is cut`, `drop first PUBREC from pump-1`. */
  readonly what: string
  /** Such as `powerLoss`, `drop`, `broker.kill`. */
  readonly kind: string
  readonly at: number
  readonly step: number | undefined
  readonly place: Place | undefined
}

export interface ThresholdReport {
  readonly metric: string
  readonly text: string
  readonly held: boolean
  /** What it was, with its unit: `12.4 ms`, `0`, `no value`. */
  readonly value: string
}

/** Of the whole run. */
export interface RunCounts {
  readonly packets: number
  readonly connections: number
  readonly published: number
  readonly delivered: number
  /** Packets that a fault dropped, and those that the capture could not keep. */
  readonly dropped: number
  readonly notKept: number
}
