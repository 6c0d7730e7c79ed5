import { writeFile } from 'node:fs/promises'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { mistakeLine, RunReports } from '../../workbench/run-reports.ts'
import { ScenarioRuns } from '../../workbench/scenario-runs.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import type { Installation } from '../installation.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { ReporterName, RunArguments } from './run-arguments.ts'
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
  stopped: exitCodes.passed,
  failed: exitCodes.expectationFailed,
  invalid: exitCodes.invalidInput,
  'script threw': exitCodes.scriptThrew,
  'out of time': exitCodes.timeRanOut,
  'environment failed': exitCodes.environmentFailed,
} as const

/** The worst first. */
const bySeverity: readonly ExitCode[] = [5, 3, 4, 2, 1]

const endings = { junit: 'xml', json: 'json', html: 'html' } as const

/**
 * Runs scenarios and reports what came of them.
 *
 * @param exit ends the process at once
 * @throws FaultlineError what `ScenarioRuns.plan` throws, `file-unwritable` for a report
 */
export async function run(
  args: RunArguments,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
  { colour, from, progress }: RunSurroundings,
): Promise<ExitCode> {
  const stop = stopRequest({ secondSignal: () => exit(exitCodes.passed), error: terminal.complain })
  const start = performance.now()
  const runs = new ScenarioRuns({
    assets: { worker: installation.worker, guest: installation.guest },
    clock: systemClock,
    version: installation.version,
    log: terminal.say,
  })
  const { bail, files, grep, record, repeat, seed, target, timeout, workers } = args
  const overrides = { seed, target, timeoutMs: timeout }
  const { mistakes, scenarios } = await runs.plan({ words: files, from, grep, overrides })
  if (mistakes !== undefined) {
    for (const mistake of mistakes) terminal.result(mistakeLine(mistake, from))
    const count = mistakes.length
    terminal.say(`${count} ${count === 1 ? 'mistake' : 'mistakes'}: nothing was started`)
    return exitCodes.invalidInput
  }
  const reports = new RunReports({
    from,
    timeoutMs: timeout,
    of: scenarios.length * repeat,
    colour,
    line: listOf(args, terminal),
    progress: progress === undefined ? undefined : oneLine(progress),
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
  for (const reporter of args.reporters) {
    if (reporter !== 'list') await put(await reports.text(reporter, result), reporter, args, terminal)
  }
  const verdicts = result.runs.map(({ report }) => codes[report.verdict?.is ?? 'stopped'])
  return hasFailed
    ? exitCodes.environmentFailed
    : (bySeverity.find((code) => verdicts.includes(code)) ?? exitCodes.passed)
}

/** Where the lines of the list go: a report for programs keeps standard output to itself. */
function listOf({ output, reporters }: RunArguments, terminal: Terminal): ((line: string) => void) | undefined {
  if (!reporters.includes('list')) return undefined
  const isTaken = output === undefined && reporters.length > 1
  return isTaken ? terminal.say : terminal.result
}

async function put(
  text: string,
  reporter: Exclude<ReporterName, 'list'>,
  { output, reporters }: RunArguments,
  terminal: Terminal,
): Promise<void> {
  if (output === undefined) {
    terminal.result(text.trimEnd())
    return
  }
  const isAlone = reporters.filter((name) => name !== 'list').length === 1
  const path = isAlone ? output : `${output.replace(/\.(xml|json|html)$/, '')}.${endings[reporter]}`
  try {
    await writeFile(path, text)
  } catch (error) {
    const message = `${path} cannot be written: ${messageOf(error)}`
    throw new FaultlineError({ code: 'file-unwritable', message, hint: 'give another --output' })
  }
  terminal.say(`the ${reporter} report is ${path}`)
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
