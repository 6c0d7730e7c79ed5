import type { Clock } from '../../app/base/clock.ts'
import { mostKept } from '../../app/scenario/bounds.ts'
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
import { Kept, ownText } from './kept.ts'

type Changing<T> = { -readonly [Key in keyof T]: T[Key] }

/** What stays the same through a run. */
export type RunHead = Pick<RunReport, 'id' | 'file' | 'name' | 'seed' | 'repetition' | 'target'>

/**
 * Writes down what happens in a run; a report of it can be had at any time. Behind its end no expectation is decided any
 * more, and nothing fails: the verdict is there.
 */
export class RunLog {
  readonly startedAt: number
  readonly #head: RunHead
  readonly #clock: Clock
  readonly #start: number
  readonly #steps = new Kept<Changing<StepReport>>(mostKept.entries)
  readonly #running = new Set<Changing<StepReport>>()
  readonly #expectations = new Kept<Changing<ExpectationReport>>(mostKept.entries)
  readonly #deeds = new Kept<DeedReport>(mostKept.entries)
  readonly #lines = new Kept<{ readonly at: number; readonly text: string }>(mostKept.entries)
  readonly #failures = new Kept<Failure>(mostKept.failures)
  thresholds: readonly ThresholdReport[] = []
  preparation: number | undefined
  unrepeatable: readonly string[] = []
  recording: string | undefined
  #end: { readonly verdict: Verdict; readonly duration: number } | undefined

  constructor(head: RunHead, clock: Clock) {
    this.#head = { ...head, name: ownText(head.name) }
    this.#clock = clock
    this.startedAt = clock.now()
    this.#start = clock.monotonic()
  }

  /** What did not hold, in its order; not all of it where there is very much. */
  get failures(): readonly Failure[] {
    return this.#failures.entries
  }

  /** Whether one more failure is shown with the packets around it. */
  get hasRoomForLadder(): boolean {
    return this.#failures.entries.length < mostKept.ladders
  }

  /** What a report of it weighs by now, in octets, about. */
  get size(): number {
    const lists = [this.#steps, this.#expectations, this.#deeds, this.#lines, this.#failures]
    return lists.reduce((sum, { size }) => sum + size, 0)
  }

  /** Milliseconds since the run began. */
  now(): number {
    return Math.max(0, (this.#clock.monotonic() - this.#start) / 1e6)
  }

  /** @param running the steps within which it was called, see `begin step` of scenario-crossing.ts */
  beginStep(name: string, place: Place | undefined, running: readonly number[], firstPacket: number): number {
    // One that is not kept has a number as well, so that nobody takes its end for that of another.
    const number = this.#steps.entries.length + this.#steps.leftOut + 1
    const around = [...this.#running].filter((step) => running.includes(step.number))
    const step: Changing<StepReport> = {
      number,
      parent: innermost(around, place)?.number,
      name: this.#steps.text(name),
      at: this.now(),
      duration: undefined,
      outcome: 'running',
      place,
      firstPacket,
      lastPacket: undefined,
    }
    if (this.#steps.add(step)) this.#running.add(step)
    return number
  }

  endStep(number: number, failed: boolean, nextPacket: number): void {
    const step = this.#steps.entries[number - 1]
    if (step === undefined || step.outcome !== 'running') return
    this.#running.delete(step)
    step.duration = this.now() - step.at
    step.outcome = failed ? 'failed' : 'passed'
    step.lastPacket = nextPacket
  }

  /** The step that something in the file belongs to: with steps side by side it is the last one that is written before it. */
  stepAt(place: Place | undefined): number | undefined {
    return innermost([...this.#running], place)?.number
  }

  /** The innermost step that ran at a time, in milliseconds since the run began. */
  stepDuring(time: number): StepReport | undefined {
    return this.#steps.entries.findLast(
      ({ at, duration }) => at <= time && (duration === undefined || time <= at + duration),
    )
  }

  /** The step in which a call stands that was made and did not end; undefined outside of steps. */
  runningStep(place: Place | undefined): StepReport | undefined {
    const number = this.stepAt(place)
    return number === undefined ? undefined : this.#steps.entries[number - 1]
  }

  expect(what: string, soft: boolean, place: Place | undefined): Changing<ExpectationReport> {
    const entry: Changing<ExpectationReport> = {
      what: this.#expectations.text(what),
      expected: '',
      received: '',
      at: this.now(),
      duration: undefined,
      outcome: 'waiting',
      soft,
      step: this.stepAt(place),
      place,
    }
    this.#expectations.add(entry)
    return entry
  }

  /** It turns out to be none: nothing could be expected in this way. */
  forget(entry: Changing<ExpectationReport>): void {
    if (this.#end === undefined) this.#expectations.remove(entry, entry.what)
  }

  settle(
    entry: Changing<ExpectationReport>,
    judged: Pick<ExpectationReport, 'what' | 'expected' | 'received'> & { readonly held: boolean },
  ): void {
    if (this.#end !== undefined) return
    const { held } = judged
    const [what, expected, received] = [judged.what, judged.expected, judged.received].map((text) =>
      this.#expectations.text(text),
    )
    const duration = this.now() - entry.at
    Object.assign(entry, { what, expected, received, duration, outcome: held ? 'held' : 'failed' })
  }

  deed(kind: string, what: string, place: Place | undefined): DeedReport {
    const deed = { what: this.#deeds.text(what), kind, at: this.now(), step: this.stepAt(place), place }
    this.#deeds.add(deed)
    return deed
  }

  /** It was refused: nothing has been done. */
  forgetDeed(deed: DeedReport): void {
    this.#deeds.remove(deed, deed.what)
  }

  fail(failure: Failure): void {
    if (this.#end !== undefined) return
    const { expected, ladder, received, what } = failure
    const text = (each: string) => this.#failures.text(each)
    this.#failures.add({
      ...failure,
      what: text(what),
      expected: text(expected),
      received: text(received),
      ladder: ladder.map(text),
    })
  }

  line(text: string): void {
    this.#lines.add({ at: this.now(), text: this.#lines.text(text) })
  }

  /** Steps that did not come to their end have failed with the run. */
  end(verdict: Verdict, nextPacket: number): void {
    if (verdict.is !== 'passed') for (const { number } of this.#steps.entries) this.endStep(number, true, nextPacket)
    this.#end = { verdict: ownVerdict(verdict), duration: this.now() }
  }

  report(counts: RunCounts): RunReport {
    const duration = this.#end?.duration ?? this.now()
    return {
      ...this.#head,
      startedAt: this.startedAt,
      verdict: this.#end?.verdict,
      duration,
      preparation: this.preparation ?? duration,
      steps: this.#steps.entries.map((step) => ({ ...step })),
      expectations: this.#expectations.entries.map((entry) => ({ ...entry })),
      deeds: [...this.#deeds.entries],
      thresholds: this.thresholds,
      log: [...this.#lines.entries, ...this.#leftOut().map((text) => ({ at: duration, text }))],
      counts,
      unrepeatable: this.unrepeatable,
      recording: this.recording,
    }
  }

  /** What a report does not have, in words. */
  #leftOut(): string[] {
    const lists = {
      lines: this.#lines,
      steps: this.#steps,
      expectations: this.#expectations,
      deeds: this.#deeds,
      failures: this.#failures,
    }
    return Object.entries(lists).flatMap(([name, { leftOut }]) => {
      return leftOut === 0 ? [] : [`${leftOut} more ${name} were not kept`]
    })
  }
}

/** What a script says of its own end is kept no longer than all else. */
function ownVerdict(verdict: Verdict): Verdict {
  return 'message' in verdict ? { ...verdict, message: ownText(verdict.message) } : verdict
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
