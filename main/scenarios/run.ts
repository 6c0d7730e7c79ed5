import type { Clock } from '../../app/base/clock.ts'
import { DisposableStore } from '../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { formatDuration } from '../../app/device/duration-words.ts'
import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import type { Place, RunCounts, RunReport, Verdict } from '../../app/scenario/report.ts'
import { judgeThreshold, readThreshold } from '../../app/scenario/thresholds.ts'
import { aborted } from './aborted.ts'
import { AskDesk } from './ask-desk.ts'
import type { Bench, OpenBench, ScenarioScript, Wreck } from './bench.ts'
import { Evidence } from './evidence.ts'
import type { BrokenScripts } from './expect/broken-scripts.ts'
import { createExpectations, type Expectations } from './expect/expectations.ts'
import { arrived } from './quiet.ts'
import { RunLog } from './run-log.ts'
import { brokerUnused, unrepeatable } from './unrepeatable.ts'
import { OpenWaits } from './wait-for.ts'
import { failureOf, remainsOf, withLadder } from './wreck.ts'

/** A run is told of at most so often, in milliseconds; of one that has much to tell no more than so many octets in each. */
const tellEvery = 100
const tellOctets = 5000

const nothingYet: RunCounts = { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 }

/** Where a run is recorded; its folder is there. */
export interface RecordingPlace {
  /** Absolute. */
  readonly path: string
  /** What it is called: relative to the workspace, with `/`. */
  readonly name: string
}

export interface RunOptions {
  /** Unique in the workspace; sorts by time. */
  readonly id: string
  /** Absolute path. */
  readonly workspace: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly repetition: number
  readonly plan: ScenarioPlan
  /** It is disposed of when the run has ended. */
  readonly script: ScenarioScript
  readonly openBench: OpenBench
  readonly clock: Clock
  readonly log: (line: string) => void
  /** Where it is recorded; undefined is nowhere. Called once at most, when it has ended. */
  readonly recordTo: (verdict: Verdict) => Promise<RecordingPlace | undefined>
  /** Hears of it while it goes on, at most every 100 ms; the more there is to be told, the less often. */
  readonly onProgress: (report: RunReport) => void
}

/** Everything that there is between the broker's start and its end. */
interface Stage {
  readonly bench: Bench
  readonly evidence: Evidence
  readonly desk: AskDesk
  readonly expectations: Expectations
  readonly until: DisposableStore
  readonly waits: OpenWaits
  /** Ends the run where something of ours has failed. */
  readonly broken: Promise<Verdict>
}

/** One run of a scenario on a broker of its own. */
export class ScenarioRun {
  readonly #options: RunOptions
  readonly #log: RunLog
  #stage: Stage | undefined
  readonly #stopped = new AbortController()
  /** Of a bench that could not be opened. */
  #remains: { readonly verdict: Verdict; readonly evidence: Evidence } | undefined
  #telling = false
  #bodyEnded = false
  #ended = false

  constructor(options: RunOptions) {
    this.#options = options
    const { clock, file, id, plan, repetition } = options
    const { name, seed, target = '' } = plan
    this.#log = new RunLog({ id, file, name, seed, repetition, target }, clock)
  }

  report(): RunReport {
    return this.#log.report(this.#counts())
  }

  /** Ends it in order; its `run` resolves then. */
  stop(): void {
    this.#stopped.abort(stopped)
  }

  /** Runs it and cleans up, whatever happens; never rejects. */
  async run(): Promise<RunReport> {
    let verdict: Verdict
    try {
      verdict = await this.#perform()
    } catch (error) {
      verdict = error === stopped ? this.#whereStopped() : this.#verdictOf(error)
    }
    // What is told from here on is told once, when all is cleaned up.
    this.#ended = true
    this.#log.end(verdict, this.#stage?.evidence.next ?? 1)
    this.#endBody()
    if (this.#stage !== undefined) await this.#record(verdict, this.#stage.bench)
    const report = this.report()
    await this.#cleanUp()
    this.#options.onProgress(report)
    return report
  }

  #verdictOf(error: unknown): Verdict {
    return this.#remains?.verdict ?? this.#blame(this.#lastSeen(verdictOf(error)))
  }

  /** What was captured of devices that did not get ready is kept, as that of the body is. */
  async #salvage(wreck: Wreck, error: unknown): Promise<void> {
    const { clock, plan } = this.#options
    const remains = await remainsOf(wreck, error, clock, this.#log)
    const verdict = withLadder(
      remains,
      failureOf(error, plan.target, this.#log.now()),
      this.#verdictOf(error),
      this.#log,
    )
    this.#remains = { verdict, evidence: remains.evidence }
    if (remains.evidence.next > 1) await this.#record(verdict, wreck)
    remains.evidence.dispose()
  }

  /** What had failed by then has failed, whatever else would have come. */
  #whereStopped(): Verdict {
    const { failures } = this.#log
    if (failures.length === 0) return { is: 'stopped' }
    this.#log.line('it was stopped before the end of its body')
    return { is: 'failed', failures }
  }

  /** Of a body that does not come back it is known only what it has asked for. */
  #lastSeen(verdict: Verdict): Verdict {
    if (verdict.is !== 'out of time' || this.#stage === undefined) return verdict
    return this.#whereItStood(verdict, this.#stage.desk, this.#stage.expectations)
  }

  /** Whoever is not let in by a target speaks of the way to it: it is the target that has to be looked at. */
  #blame(verdict: Verdict): Verdict {
    const { target } = this.#options.plan
    if (target === undefined || this.#stage !== undefined || verdict.is !== 'environment failed') return verdict
    return { ...verdict, message: `the target ${target} is of no use: ${verdict.message}` }
  }

  async #perform(): Promise<Verdict> {
    this.#tell()
    const stage = await this.#open()
    const { bench, desk, evidence } = stage
    const { plan, script } = this.#options
    this.#log.preparation = this.#log.now()
    const devices = bench.devices.list()
    const groups = plan.groups.map(({ name }) => {
      return [name, devices.filter(({ fleet }) => fleet === name).map(({ id }) => id)] as const
    })
    const body = script
      .run(Object.fromEntries(groups), (ask, place, octets) => desk.answer(ask, place, octets))
      .then((how) => this.#judge(stage, how))
    try {
      // The rejection of the body, when it is disposed of, is no news.
      return await Promise.race([body, this.#timeout(stage), aborted(this.#stopped.signal), stage.broken])
    } finally {
      this.#log.unrepeatable = unrepeatable(plan, desk.asked, bench, evidence)
    }
  }

  async #open(): Promise<Stage> {
    const { clock, log, openBench, plan, script, workspace } = this.#options
    const planned = script.plan()
    // It is waited for in a moment.
    planned.catch(() => {})
    for (const line of brokerUnused(plan)) {
      this.#log.line(line)
      log(`${plan.name}: ${line}`)
    }
    const { signal } = this.#stopped
    const salvage = (wreck: Wreck, error: unknown) => this.#salvage(wreck, error)
    const bench = await openBench({ plan, workspace, log, signal, salvage })
    const until = new DisposableStore()
    const waits = until.add(new OpenWaits(clock))
    let fail: (verdict: Verdict) => void = () => {}
    const broken = new Promise<Verdict>((resolve) => {
      fail = resolve
    })
    const evidence = new Evidence(bench.capture, clock, (error) => fail(verdictOf(error)))
    const startedAt = clock.monotonic() - this.#log.now() * 1e6
    const expectations = until.add(createExpectations({ bench, evidence, clock, plan, startedAt }))
    const changed = () => this.#tell()
    const desk = until.add(new AskDesk({ bench, evidence, expectations, log: this.#log, clock, changed }))
    until.add(evidence)
    this.#stage = { bench, evidence, desk, expectations, until, waits, broken }
    // Of a script that is run again the thread is a new one.
    await Promise.race([planned, aborted(signal)])
    return this.#stage
  }

  /** The body has come to its end: thresholds are over the whole of it. */
  async #judge(stage: Stage, how: 'returned' | 'failed'): Promise<Verdict> {
    this.#bodyEnded = true
    const { evidence, expectations } = stage
    const { clock, plan } = this.#options
    if (plan.groups.length > 0) await arrived({ ...stage, clock })
    await evidence.settled()
    const { broker } = stage.bench
    const measured = evidence.measured(broker.own ? broker.losses() : undefined, expectations.seenWills())
    this.#log.thresholds = plan.thresholds.map(({ metric, text }) => {
      const threshold = readThreshold(metric, text)
      if (typeof threshold === 'string') throw new Error(`a threshold that was checked cannot be read: ${threshold}`)
      const judged = judgeThreshold(threshold, measured)
      if (!judged.held) this.#failThreshold(metric, text, judged.value)
      return { metric, text, ...judged }
    })
    for (const broken of expectations.brokenScripts()) this.#failScripts(broken)
    if (evidence.missed > 0)
      this.#log.line(`${evidence.missed} records of the capture were gone before they could be judged`)
    const { strays } = evidence.tracker
    if (strays > 0)
      this.#log.line(
        `${strays} times a PUBLISH came again of a message that was forgotten by then: it counts as a new one`,
      )
    const { failures } = this.#log
    if (failures.length > 0) return { is: 'failed', failures }
    if (how === 'failed') throw new Error('the body ended with an expectation of which nothing is known')
    return { is: 'passed' }
  }

  #failThreshold(metric: string, text: string, value: string): void {
    this.#log.fail({
      what: `threshold ${metric}`,
      expected: text,
      received: value,
      place: undefined,
      at: this.#log.now(),
      ladder: [],
      step: undefined,
      soft: false,
      packets: undefined,
    })
  }

  #failScripts({ at: wallTime, expected, message, place, what }: BrokenScripts): void {
    const at = Math.max(0, wallTime - this.#log.startedAt)
    this.#log.fail({
      what,
      expected,
      received: message,
      place,
      at,
      ladder: [],
      step: this.#log.stepDuring(at)?.number,
      soft: false,
      packets: undefined,
    })
  }

  #timeout({ desk, expectations, until }: Stage): Promise<Verdict> {
    const { clock, plan } = this.#options
    return new Promise((resolve) => {
      const late = () => {
        if (this.#bodyEnded) return
        const message = `the body did not end within ${formatDuration(plan.timeoutMs)}`
        resolve(this.#whereItStood({ is: 'out of time', message, place: undefined }, desk, expectations))
      }
      until.add(clock.after(plan.timeoutMs, late))
    })
  }

  /** With what is known of where the body was when its time was out. */
  #whereItStood(
    { message, place }: Extract<Verdict, { is: 'out of time' }>,
    { last, oldest }: Pick<AskDesk, 'last' | 'oldest'>,
    expectations: Expectations,
  ): Verdict {
    const call = oldest ?? last
    const step = this.#log.runningStep(call?.place)
    const after = call?.place === undefined ? '' : `after line ${call.place.line}: `
    const said = [
      ...(oldest === undefined ? [] : [`it waited for ${oldest.what}`]),
      ...(oldest === undefined && last !== undefined
        ? [`${after}its last call was ${last.what}, which was answered`]
        : []),
      ...(step === undefined ? [] : [`in step “${step.name}”`]),
    ]
    const broken = expectations.brokenScripts().map(({ message, what }) => `${what}: ${message}`)
    const where = said.length === 0 ? [] : [said.join(', ')]
    return {
      is: 'out of time',
      message: [message, ...where, ...broken].join('; '),
      place: place ?? call?.place ?? step?.place,
    }
  }

  async #record(verdict: Verdict, from: Pick<Bench, 'record'>): Promise<void> {
    const { log, recordTo } = this.#options
    try {
      const recording = await recordTo(verdict)
      if (recording === undefined) return
      await from.record(recording.path)
      this.#log.recording = recording.name
    } catch (error) {
      const why = `no recording could be kept: ${messageOf(error)}`
      this.#log.line(why)
      log(`${this.#options.plan.name}: ${why}`)
    }
  }

  /** Of a verdict that is there the body does nothing more, nor does what it has asked for: recording it takes a while. */
  #endBody(): void {
    this.#options.script.dispose()
    this.#stage?.desk.dispose()
  }

  async #cleanUp(): Promise<void> {
    this.#stage?.until.dispose()
    await this.#stage?.bench.close()
  }

  /** Gathers what changes within a moment. */
  #tell(): void {
    if (this.#telling || this.#ended) return
    this.#telling = true
    const pause = Math.max(tellEvery, this.#log.size / tellOctets)
    this.#options.clock.after(pause, () => {
      this.#telling = false
      if (!this.#ended) this.#options.onProgress(this.report())
    })
  }

  #counts(): RunCounts {
    const evidence = this.#stage?.evidence ?? this.#remains?.evidence
    if (evidence === undefined) return nothingYet
    const { meter, missed } = evidence
    const { connections, delivered, dropped, packets, published } = meter
    return { packets, connections, published, delivered, dropped, notKept: missed }
  }
}

/** What a run that is stopped is rejected with. */
const stopped = new FaultlineError({ code: 'connection-closed', message: 'the scenario was stopped' })

/** What anything that was thrown says of a run. */
function verdictOf(error: unknown): Verdict {
  if (!(error instanceof FaultlineError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { is: 'environment failed', message: `internal error, please report it: ${stack}`, hint: undefined }
  }
  const { code, details, hint, message } = error
  if (code === 'script-timeout') return { is: 'out of time', message, place: placeOf(details) }
  if (code === 'script-syntax' || code === 'script-threw')
    return { is: 'script threw', message, place: placeOf(details) }
  return { is: 'environment failed', message, hint }
}

function placeOf(details: Readonly<Record<string, unknown>> = {}): Place | undefined {
  const { column, file, line } = details
  if (typeof file !== 'string' || typeof line !== 'number') return undefined
  return { file, line, column: typeof column === 'number' ? column : 1 }
}
