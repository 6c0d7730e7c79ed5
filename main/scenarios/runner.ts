import type { Clock } from '../../app/base/clock.ts'
import type { RunReport, Verdict } from '../../app/scenario/report.ts'
import type { OpenBench, OpenScript } from './bench.ts'
import type { PlannedScenario } from './planning.ts'
import { type RecordingPlace, ScenarioRun } from './run.ts'

/** What all runs have in common. */
export interface RunnerParts {
  readonly openScript: OpenScript
  readonly openBench: OpenBench
  readonly clock: Clock
  readonly log: (line: string) => void
}

export interface RunnerOptions extends RunnerParts {
  /** How often each scenario is run. */
  readonly repeat: number
  /** How many run at the same time. */
  readonly workers: number
  /** Whether nothing more is begun when one has not passed; what runs goes on. */
  readonly bail: boolean
  /** Where a run is recorded; undefined is nowhere. */
  readonly recordTo: (run: RunId, verdict: Verdict) => Promise<RecordingPlace | undefined>
  /** Hears of a run when it begins, while it goes on, and when it has ended; by then its verdict is there. */
  readonly onProgress: (run: RunId, report: RunReport) => void
}

/** Which run it is. */
export interface RunId {
  readonly id: string
  readonly scenario: PlannedScenario
}

export interface RunnerResult {
  /** In the order in which they were begun. */
  readonly runs: readonly { readonly run: RunId; readonly report: RunReport }[]
  /** What was never begun, in the order in which it would have been. */
  readonly left: readonly LeftRun[]
}

/** A run that was never begun. */
export interface LeftRun {
  readonly scenario: PlannedScenario
  /** From 1. */
  readonly repetition: number
  readonly because: LeftBecause
}

/** Somebody stopped it all, one had not passed and nothing was to follow, or other files were wrong, so that nothing began. */
export type LeftBecause = 'stopped' | '--bail' | 'mistakes in other files'

/**
 * Runs scenarios, several at the same time where that is wanted: each repetition of all of them in their order, then the
 * next one. None has anything in common with another.
 */
export class ScenarioRunner {
  readonly #options: RunnerOptions
  readonly #jobs: { readonly scenario: PlannedScenario; readonly repetition: number }[]
  readonly #running = new Set<ScenarioRun>()
  readonly #runs: { run: RunId; report: RunReport }[] = []
  readonly #ids = new Set<string>()
  /** Why nothing more is begun. */
  #over: LeftBecause | undefined

  constructor(scenarios: readonly PlannedScenario[], options: RunnerOptions) {
    this.#options = options
    this.#jobs = Array.from({ length: options.repeat }, (_, at) =>
      scenarios.map((scenario) => ({ scenario, repetition: at + 1 })),
    ).flat()
  }

  /** Never rejects for what a scenario does. */
  async run(): Promise<RunnerResult> {
    const worker = async () => {
      for (let job = this.#next(); job !== undefined; job = this.#next()) await this.#runOne(job)
    }
    await Promise.all(Array.from({ length: this.#options.workers }, worker))
    for (const { repetition, scenario } of this.#jobs) if (repetition === 1) scenario.script?.dispose()
    const runs = this.#runs.toSorted((a, b) => a.report.startedAt - b.report.startedAt)
    const because = this.#over ?? 'stopped'
    return { runs, left: this.#jobs.map((job) => ({ ...job, because })) }
  }

  /** Begins nothing more, and ends what runs in order. */
  stop(because: LeftBecause = 'stopped'): void {
    this.#over ??= because
    for (const run of this.#running) run.stop()
  }

  #next(): { readonly scenario: PlannedScenario; readonly repetition: number } | undefined {
    return this.#over === undefined ? this.#jobs.shift() : undefined
  }

  async #runOne({ repetition, scenario }: { scenario: PlannedScenario; repetition: number }): Promise<void> {
    const { bail, clock, log, onProgress, openBench, openScript, recordTo } = this.#options
    const { file, plan, source, workspace } = scenario
    const which = { id: this.#newId(file), scenario }
    const run = new ScenarioRun({
      id: which.id,
      workspace,
      file,
      repetition,
      plan,
      script:
        (repetition === 1 ? scenario.script : undefined) ?? openScript({ workspace, file, source, seed: plan.seed }),
      openBench,
      clock,
      log,
      recordTo: (verdict) => recordTo(which, verdict),
      onProgress: (report) => onProgress(which, report),
    })
    this.#running.add(run)
    const report = await run.run()
    this.#running.delete(run)
    this.#runs.push({ run: which, report })
    if (bail && report.verdict?.is !== 'passed') this.#over ??= '--bail'
  }

  #newId(file: string): string {
    const id = runId(file, this.#options.clock.now())
    let unique = id
    for (let more = 2; this.#ids.has(unique); more++) unique = `${id}-${more}`
    this.#ids.add(unique)
    return unique
  }
}

/** Such as `20261122-171503-042-power-loss`: sorts by time, and is a file's name everywhere. @param time wall time in milliseconds since 1970 */
export function runId(file: string, time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T')
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.scenario\.ts$|\.ts$/, '')
  const stamp = `${date.replaceAll('-', '')}-${clock.replace(/[Z:]/g, '').replace('.', '-')}`
  return `${stamp}-${name.replace(/[^\w-]+/g, '-').slice(0, 60)}`
}
