import { lstat, open, rm } from 'node:fs/promises'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { RunReport } from '../../../app/scenario/report.ts'
import type { Running } from '../../workbench/run-in-turn.ts'
import {
  type FileReporter,
  mistakeLine,
  mistakesReport,
  notBegun,
  notBegunLines,
  RunReports,
} from '../../workbench/run-reports.ts'
import { ScenarioRuns, type ScenariosToRun } from '../../workbench/scenario-runs.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import type { Installation } from '../installation.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { RunArguments } from './run-arguments.ts'
import { stopRequest } from './stop-request.ts'
import type { Terminal } from './terminal.ts'

/** Where a run is, and what it can show. */
export interface RunSurroundings {
  /** Absolute path of the folder in which the user is. */
  readonly from: string
  /** Where one line is written again and again; undefined where nobody would see it. */
  readonly progress: NodeJS.WriteStream | undefined
  /** Whether the list may have colours. */
  readonly colour: boolean
}

/** A run's verdict, and what the command ends with for it. */
const codes = {
  passed: exitCodes.passed,
  stopped: exitCodes.interrupted,
  failed: exitCodes.expectationFailed,
  invalid: exitCodes.invalidInput,
  'script threw': exitCodes.scriptThrew,
  'out of time': exitCodes.timeRanOut,
  'environment failed': exitCodes.environmentFailed,
} as const

/** The worst first; that something was not done says less than what was. */
const bySeverity: readonly ExitCode[] = [5, 3, 4, 2, 1, exitCodes.interrupted]

const endings = { junit: 'xml', json: 'json', html: 'html' } as const

/**
 * Runs scenarios and reports what came of them.
 *
 * @param exit ends the process at once
 * @throws FaultlineError what `ScenarioRuns.plan` throws; `file-unwritable` for a report, before anything is begun where
 * that can be known by then
 */
export async function run(
  args: RunArguments,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
  { colour, from, progress }: RunSurroundings,
): Promise<ExitCode> {
  const stop = stopRequest({ secondSignal: () => exit(exitCodes.interrupted), error: terminal.complain })
  const start = performance.now()
  for (const reporter of fileReporters(args)) await tryOutput(pathFor(reporter, args))
  const runs = new ScenarioRuns({
    assets: { worker: installation.worker, guest: installation.guest },
    types: installation.scriptTypes,
    clock: systemClock,
    version: installation.version,
    log: terminal.say,
  })
  const { bail, files, grep, record, repeat, seed, target, timeout, workers } = args
  const overrides = { seed, target, timeoutMs: timeout }
  const line = progress === undefined ? undefined : oneLine(progress)
  // Many files take seconds, in which a terminal would be still.
  const onFound = (count: number) => line?.show(`checking ${count} ${count === 1 ? 'file' : 'files'}…`)
  const planning = runs.plan({ words: files, from, grep, overrides, onFound })
  const planned = await Promise.race([planning, stop]).finally(() => line?.show(''))
  if (planned === 'asked' || planned === 'failed') {
    terminal.say('stopped before anything was begun')
    return planned === 'asked' ? exitCodes.interrupted : exitCodes.environmentFailed
  }
  if (planned.mistakes !== undefined) return await tellMistakes(planned, args, terminal, { colour, from })
  const { scenarios } = planned
  const reports = new RunReports({
    from,
    timeoutMs: timeout,
    of: scenarios.length * repeat,
    colour,
    line: listOf(args, terminal),
    progress: line,
  })
  const runner = runs.runner(scenarios, { bail, record, repeat, workers, onProgress: reports.hear })
  let hasFailed = false
  void stop.then((request) => {
    hasFailed = request === 'failed'
    runner.stop()
  })
  const result = await runner.run()
  await runs.keep(result)
  reports.summarize(result, (performance.now() - start) / 1000)
  const isKept = await putAll(args, terminal, (reporter) => reports.report(reporter, result))
  return hasFailed || !isKept ? exitCodes.environmentFailed : exitCodeOfRuns(result, record)
}

/** Nothing was started: what is wrong, and what was not begun for it. */
async function tellMistakes(
  { mistakes, right }: Extract<ScenariosToRun, { readonly mistakes: object }>,
  args: RunArguments,
  terminal: Terminal,
  { colour, from }: Pick<RunSurroundings, 'colour' | 'from'>,
): Promise<ExitCode> {
  const { repeat, seed, target, timeout } = args
  const line = listOf(args, terminal)
  const left = notBegun(right, repeat)
  for (const text of line === undefined ? [] : notBegunLines(left, { colour, from })) line?.(text)
  for (const mistake of mistakes) (line ?? terminal.say)(mistakeLine(mistake, from))
  const said = { seed, target, timeoutMs: timeout }
  const isKept = await putAll(args, terminal, (reporter) =>
    mistakesReport(reporter, { left, mistakes }, { clock: systemClock, from, said }),
  )
  const count = mistakes.length
  terminal.say(`${count} ${count === 1 ? 'mistake' : 'mistakes'}: nothing was started`)
  return isKept ? exitCodes.invalidInput : exitCodes.environmentFailed
}

/** The worst of what came of them; what was stopped, or never begun for that reason, has not passed. */
function exitCodeOfRuns({ left, runs }: Awaited<ReturnType<Running['run']>>, record: RunArguments['record']): ExitCode {
  // Somebody has asked for recordings of what passes too.
  const isMissing = ({ recording }: RunReport) => record === 'on' && recording === undefined
  const found: readonly ExitCode[] = [
    ...runs.map(({ report }) => {
      const code = codes[report.verdict?.is ?? 'stopped']
      return code === exitCodes.passed && isMissing(report) ? exitCodes.environmentFailed : code
    }),
    ...left.map(({ because }) => (because === 'stopped' ? exitCodes.interrupted : exitCodes.passed)),
  ]
  return bySeverity.find((code) => found.includes(code)) ?? exitCodes.passed
}

/** Where the lines of the list go: a report for programs keeps standard output to itself. */
function listOf({ output, reporters }: RunArguments, terminal: Terminal): ((line: string) => void) | undefined {
  if (!reporters.includes('list')) return undefined
  const isTaken = output === undefined && reporters.length > 1
  return isTaken ? terminal.say : terminal.result
}

function fileReporters({ reporters }: RunArguments): FileReporter[] {
  return reporters.filter((name) => name !== 'list')
}

/** Undefined is standard output. */
function pathFor(reporter: FileReporter, args: RunArguments): string | undefined {
  const { output } = args
  if (output === undefined || fileReporters(args).length === 1) return output
  return `${output.replace(/\.(xml|json|html)$/, '')}.${endings[reporter]}`
}

/** What cannot be written is said before hours of runs, whose report would be lost. Leaves everything as it is. */
async function tryOutput(path: string | undefined): Promise<void> {
  if (path === undefined) return
  const there = await lstat(path).catch(() => undefined)
  // Who reads a pipe would take its being closed for the end; and a link may lead to one.
  if (there !== undefined && !there.isFile() && !there.isDirectory()) return
  try {
    await (await open(path, there === undefined ? 'wx' : 'r+')).close()
    if (there === undefined) await rm(path)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Writes each report that it can; says whether all were written. */
async function putAll(
  args: RunArguments,
  terminal: Terminal,
  reportOf: (reporter: FileReporter) => Promise<Iterable<string>>,
): Promise<boolean> {
  let isKept = true
  for (const reporter of fileReporters(args)) {
    try {
      await put(await reportOf(reporter), reporter, args, terminal)
    } catch (error) {
      isKept = false
      terminal.complain(error)
    }
  }
  return isKept
}

/** @param report its lines, in pieces: all of it may be more than a string holds */
async function put(
  report: Iterable<string>,
  reporter: FileReporter,
  args: RunArguments,
  terminal: Terminal,
): Promise<void> {
  const path = pathFor(reporter, args)
  if (path === undefined) {
    for (const piece of report) terminal.result(piece)
    return
  }
  const fails = (error: unknown) => {
    throw unwritable(path, error)
  }
  const file = await open(path, 'w').catch(fails)
  try {
    for (const piece of report) await file.writeFile(`${piece}\n`).catch(fails)
  } finally {
    await file.close().catch(fails)
  }
  terminal.say(`the ${reporter} report is ${path}`)
}

function unwritable(path: string, error: unknown): FaultlineError {
  const message = `${path} cannot be written: ${messageOf(error)}`
  return new FaultlineError({ code: 'file-unwritable', message, hint: 'give another --output' })
}

/** A line that takes the place of the one before. */
function oneLine(stream: NodeJS.WriteStream): { show(line: string): void; width(): number } {
  let shown = false
  return {
    show(line) {
      if (line !== '' || shown) stream.write(`\r\u001b[2K${line}`)
      shown = line !== ''
    },
    width: () => (stream.columns ?? 80) - 1,
  }
}
