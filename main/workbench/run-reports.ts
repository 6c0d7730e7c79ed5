import { relative, sep } from 'node:path'
import type { Clock } from '../../app/base/clock.ts'
import type { Place, RunReport } from '../../app/scenario/report.ts'
import type { PlanOverrides } from '../scenarios/check-plan.ts'
import type { PlannedScenario } from '../scenarios/planning.ts'
import { leftLines, progressLine, runLines, summaryLines } from '../scenarios/reporters/list.ts'
import { placeText, type Report, type ReportedLeft, type ReportedRun } from '../scenarios/reporters/reported.ts'
import { type LeftRun, type RunId, type RunnerResult, runId } from '../scenarios/runner.ts'
import type { PlacedMistake } from './scenario-runs.ts'
import { invalid, unstarted } from './unstarted.ts'

export interface RunReportsOptions {
  /** Absolute path of the folder in which the user is: paths are told from there. */
  readonly from: string
  /** The time that each body was given besides what its file says. */
  readonly timeoutMs?: number | undefined
  /** How many runs there will be. */
  readonly of: number
  readonly colour: boolean
  /** Takes the lines of the list; undefined where nobody asked for it. */
  readonly line: ((text: string) => void) | undefined
  /** Shows a line in the place of the one before; an empty one is none. Undefined where nobody would see it. */
  readonly progress: { show(line: string): void; width(): number } | undefined
}

/** Reporters that write when all is over. */
export type FileReporter = 'junit' | 'json' | 'html'

/** Tells of runs while they go on, and writes reports of them when they have ended. */
export class RunReports {
  readonly #options: RunReportsOptions
  readonly #running = new Map<string, RunReport>()
  /** What the list says once. */
  readonly #told = new Set<string>()
  #ended = 0
  #failed = 0

  constructor(options: RunReportsOptions) {
    this.#options = options
  }

  /** To be told of every run: when it goes on, and when it has ended. */
  readonly hear = (run: RunId, report: RunReport): void => {
    const { line } = this.#options
    if (report.verdict === undefined) this.#running.set(run.id, report)
    else {
      this.#running.delete(run.id)
      this.#ended += 1
      if (report.verdict.is !== 'passed') this.#failed += 1
      this.#options.progress?.show('')
      const reported = this.#reported(run, report)
      for (const text of line === undefined ? [] : runLines(reported, this.#options, this.#told)) line?.(text)
    }
    this.#showProgress()
  }

  /** The last lines of the list. @param seconds that it took in all */
  summarize({ left, runs }: RunnerResult, seconds: number): void {
    const { line, progress } = this.#options
    progress?.show('')
    if (line === undefined) return
    for (const text of summaryLines(this.#all(runs), this.#left(left), seconds, this.#options)) line(text)
  }

  report(reporter: FileReporter, { left, runs }: RunnerResult): Promise<Report> {
    return reportOf(reporter, this.#all(runs), this.#left(left))
  }

  #all(runs: RunnerResult['runs']): ReportedRun[] {
    return runs.map(({ report, run }) => this.#reported(run, report))
  }

  #left(left: readonly LeftRun[]): ReportedLeft[] {
    return reportedLeft(left, this.#options.from)
  }

  #reported({ scenario }: RunId, report: RunReport): ReportedRun {
    const { from, timeoutMs } = this.#options
    return { report, folder: folderFrom(from, scenario.workspace), timeoutMs }
  }

  #showProgress(): void {
    const { of, progress } = this.#options
    if (progress === undefined || this.#running.size === 0) return
    const counts = { ended: this.#ended, failed: this.#failed, of }
    progress.show(progressLine([...this.#running.values()], counts, progress.width()))
  }
}

function reportedLeft(left: readonly LeftRun[], from: string): ReportedLeft[] {
  return left.map(({ because, repetition, scenario: { file, plan, workspace } }) => {
    const folder = folderFrom(from, workspace)
    return { folder, file, name: plan.name, seed: plan.seed, repetition, because }
  })
}

/** Runs of files in which nothing is wrong, where nothing was started for others. */
export function notBegun(right: readonly PlannedScenario[], repeat: number): LeftRun[] {
  return Array.from({ length: repeat }, (_, at) =>
    right.map((scenario) => ({ scenario, repetition: at + 1, because: 'mistakes in other files' as const })),
  ).flat()
}

/** For people: what was not begun where nothing was started. */
export function notBegunLines(
  left: readonly LeftRun[],
  { colour, from }: { readonly colour: boolean; readonly from: string },
): string[] {
  return leftLines(reportedLeft(left, from), { colour })
}

interface NothingStarted {
  readonly mistakes: readonly PlacedMistake[]
  /** What was to be run besides. */
  readonly left: readonly LeftRun[]
}

/**
 * The report for programs where nothing was started: a run for each file in which something is wrong.
 *
 * @param said what comes before what the files say
 */
export function mistakesReport(
  reporter: FileReporter,
  { left, mistakes }: NothingStarted,
  { clock, from, said }: { readonly clock: Clock; readonly from: string; readonly said: PlanOverrides },
): Promise<Report> {
  const files = new Map<string, PlacedMistake[]>()
  for (const mistake of mistakes) {
    const path = `${mistake.workspace}\n${mistake.file}`
    const others = files.get(path)
    if (others === undefined) files.set(path, [mistake])
    else others.push(mistake)
  }
  const { seed = 1, target = '' } = said
  const runs = [...files.values()].flatMap((all, at): ReportedRun[] => {
    const [first] = all
    if (first === undefined) return []
    const { file, workspace } = first
    const id = `${runId(file, clock.now())}-${at + 1}`
    const report = unstarted({ id, file, name: file, seed, repetition: 1, target }, invalid(all), clock)
    return [{ report, folder: folderFrom(from, workspace), timeoutMs: said.timeoutMs }]
  })
  return reportOf(reporter, runs, reportedLeft(left, from))
}

/** Each is loaded when it is the one. */
async function reportOf(
  reporter: FileReporter,
  runs: readonly ReportedRun[],
  left: readonly ReportedLeft[],
): Promise<Report> {
  switch (reporter) {
    case 'junit':
      return (await import('../scenarios/reporters/junit.ts')).junitReport(runs, left)
    case 'json':
      return (await import('../scenarios/reporters/json.ts')).jsonReport(runs, left)
    case 'html':
      return [(await import('../scenarios/reporters/html.ts')).htmlReport(runs, left).trimEnd()]
  }
}

/** A mistake as one line: `scenarios/pump.scenario.ts:4:3: devices.pump.count must be …`. */
export function mistakeLine({ file, message, path, place, workspace }: PlacedMistake, from: string): string {
  const where: Place = place ?? { file, line: 1, column: 1 }
  return `${placeText({ folder: folderFrom(from, workspace) }, where)}: ${path === '' ? message : `${path} ${message}`}`
}

/** From above where the user is, the whole path is plainer. */
function folderFrom(from: string, folder: string): string {
  const path = relative(from, folder)
  return (path.startsWith('..') ? folder : path).split(sep).join('/')
}
