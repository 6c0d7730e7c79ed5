import type { Clock } from '../../app/base/clock.ts'
import type {
  DeedReport,
  ExpectationReport,
  Failure,
  Place,
  RunCounts,
  RunReport,
  StepReport,
  ThresholdReport,
  Verdict,
} from '../../app/scenario/report.ts'

/** Lines of `log` that a report keeps. */
const mostLines = 10_000

type Changing<T> = { -readonly [Key in keyof T]: T[Key] }

/** What stays the same through a run. */
export type RunHead = Pick<RunReport, 'id' | 'file' | 'name' | 'seed' | 'repetition' | 'target'>

/** Writes down what happens in a run; a report of it can be had at any time. */
export class RunLog {
  readonly startedAt: number
  readonly #head: RunHead
  readonly #clock: Clock
  readonly #start: number
  readonly #steps: Changing<StepReport>[] = []
  readonly #expectations: Changing<ExpectationReport>[] = []
  readonly #deeds: DeedReport[] = []
  readonly #lines: { at: number; text: string }[] = []
  #linesLeftOut = 0
  readonly failures: Failure[] = []
  thresholds: readonly ThresholdReport[] = []
  preparation: number | undefined
  unrepeatable: readonly string[] = []
  recording: string | undefined
  #end: { readonly verdict: Verdict; readonly duration: number } | undefined

  constructor(head: RunHead, clock: Clock) {
    this.#head = head
    this.#clock = clock
    this.startedAt = clock.now()
    this.#start = clock.monotonic()
  }

  /** Milliseconds since the run began. */
  now(): number {
    return Math.max(0, (this.#clock.monotonic() - this.#start) / 1e6)
  }

  /** @param running the steps within which it was called, see `begin step` of scenario-crossing.ts */
  beginStep(name: string, place: Place | undefined, running: readonly number[], firstPacket: number): number {
    const number = this.#steps.length + 1
    const around = this.#steps.filter((step) => running.includes(step.number) && step.outcome === 'running')
    this.#steps.push({
      number,
      parent: innermost(around, place)?.number,
      name,
      at: this.now(),
      duration: undefined,
      outcome: 'running',
      place,
      firstPacket,
      lastPacket: undefined,
    })
    return number
  }

  endStep(number: number, failed: boolean, nextPacket: number): void {
    const step = this.#steps[number - 1]
    if (step === undefined || step.outcome !== 'running') return
    step.duration = this.now() - step.at
    step.outcome = failed ? 'failed' : 'passed'
    step.lastPacket = nextPacket
  }

  /** The step that something in the file belongs to: with steps side by side it is the last one that is written before it. */
  stepAt(place: Place | undefined): number | undefined {
    const running = this.#steps.filter(({ outcome }) => outcome === 'running')
    return innermost(running, place)?.number
  }

  /** The innermost step that ran at a time, in milliseconds since the run began. */
  stepDuring(time: number): StepReport | undefined {
    return this.#steps.findLast(({ at, duration }) => at <= time && (duration === undefined || time <= at + duration))
  }

  /** The step in which a call stands that was made and did not end; undefined outside of steps. */
  runningStep(place: Place | undefined): StepReport | undefined {
    const number = this.stepAt(place)
    return number === undefined ? undefined : this.#steps[number - 1]
  }

  expect(what: string, soft: boolean, place: Place | undefined): Changing<ExpectationReport> {
    const entry: Changing<ExpectationReport> = {
      what,
      expected: '',
      received: '',
      at: this.now(),
      duration: undefined,
      outcome: 'waiting',
      soft,
      step: this.stepAt(place),
      place,
    }
    this.#expectations.push(entry)
    return entry
  }

  /** It turns out to be none: nothing could be expected in this way. */
  forget(entry: Changing<ExpectationReport>): void {
    const at = this.#expectations.indexOf(entry)
    if (at !== -1) this.#expectations.splice(at, 1)
  }

  settle(
    entry: Changing<ExpectationReport>,
    judged: Pick<ExpectationReport, 'what' | 'expected' | 'received'> & { readonly held: boolean },
  ): void {
    const { expected, held, received, what } = judged
    const duration = this.now() - entry.at
    Object.assign(entry, { what, expected, received, duration, outcome: held ? 'held' : 'failed' })
  }

  deed(kind: string, what: string, place: Place | undefined): void {
    this.#deeds.push({ what, kind, at: this.now(), step: this.stepAt(place), place })
  }

  line(text: string): void {
    if (this.#lines.length < mostLines) this.#lines.push({ at: this.now(), text })
    else this.#linesLeftOut += 1
  }

  /** Steps that did not come to their end have failed with the run. */
  end(verdict: Verdict, nextPacket: number): void {
    if (verdict.is !== 'passed') for (const { number } of this.#steps) this.endStep(number, true, nextPacket)
    this.#end = { verdict, duration: this.now() }
  }

  report(counts: RunCounts): RunReport {
    const duration = this.#end?.duration ?? this.now()
    const left = this.#linesLeftOut
    const more = left === 0 ? [] : [{ at: duration, text: `${left} more lines were not kept` }]
    return {
      ...this.#head,
      startedAt: this.startedAt,
      verdict: this.#end?.verdict,
      duration,
      preparation: this.preparation ?? duration,
      steps: this.#steps.map((step) => ({ ...step })),
      expectations: this.#expectations.map((entry) => ({ ...entry })),
      deeds: [...this.#deeds],
      thresholds: this.thresholds,
      log: [...this.#lines, ...more],
      counts,
      unrepeatable: this.unrepeatable,
      recording: this.recording,
    }
  }
}

/** Of steps around a place: the last that is written before it, or else the newest. */
function innermost(steps: readonly StepReport[], place: Place | undefined): StepReport | undefined {
  const before = steps.filter((step) => place !== undefined && step.place !== undefined && isBefore(step.place, place))
  const last = before.reduce<StepReport | undefined>(
    (found, step) => (found?.place && step.place && isBefore(step.place, found.place) ? found : step),
    undefined,
  )
  return last ?? steps.at(-1)
}

function isBefore(a: Place, b: Place): boolean {
  return a.file === b.file && (a.line < b.line || (a.line === b.line && a.column < b.column))
}
