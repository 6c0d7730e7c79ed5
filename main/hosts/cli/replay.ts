import { resolve } from 'node:path'
import type { ReplayReport } from '../../../app/scenario/replay-report.ts'
import { readRules } from '../../workbench/replay-rules.ts'
import { type PreparedReplay, prepareReplay, type ReplayOptions, replay } from '../../workbench/replay-run.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { ReplayArguments } from './replay-arguments.ts'
import { exitCodeOfReplay, replayJson, replayLines } from './replay-summary.ts'
import { stopRequest } from './stop-request.ts'
import type { Terminal } from './terminal.ts'

/** How often progress is shown at most, in milliseconds. */
const showEvery = 100

/**
 * Replays a recording, once or until somebody asks it to stop, and prints what is different each time.
 *
 * @param progress where one line is written again and again; undefined where nobody would see it
 * @param exit ends the process at once
 * @throws FaultlineError what `prepareReplay`, `readRules` and `replay` throw
 */
export async function runReplay(
  args: ReplayArguments,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
  progress: NodeJS.WriteStream | undefined,
): Promise<ExitCode> {
  const stop = new AbortController()
  let failed = false
  const request = stopRequest({ secondSignal: () => exit(exitCodes.interrupted), error: terminal.complain })
  void request.then((why) => {
    failed = why === 'failed'
    stop.abort()
  })
  const { brokerPort, clients, loop, seed, speed, target } = args
  const rules = args.rules === undefined ? [] : await readRules(args.rules)
  const prepared = await prepareReplay({ path: resolve(args.recording), brokerPort, clients, signal: stop.signal })
  const options = { clock: systemClock, target, speed, rules, seed, signal: stop.signal, log: terminal.say }
  let code: ExitCode = exitCodes.passed
  for (let round = 1; ; round++) {
    const report = await playOnce(prepared, options, loop ? `round ${round} · ` : '', progress)
    if (!report.stopped && exitCodeOfReplay(report) !== exitCodes.passed) code = exitCodes.expectationFailed
    if (!report.stopped || !loop) print(report, round, args, terminal)
    if (loop && stop.signal.aborted) terminal.say(`replayed ${counted(report.stopped ? round - 1 : round)}`)
    if (!loop || stop.signal.aborted) {
      if (failed) return exitCodes.environmentFailed
      // A loop is ended so; it has compared something if it has come round once.
      return report.stopped && round === 1 ? exitCodeOfReplay(report) : code
    }
  }
}

function print(report: ReplayReport, round: number, { json, loop }: ReplayArguments, terminal: Terminal): void {
  if (json) {
    terminal.result(replayJson(report, round))
    return
  }
  if (loop) terminal.result(`round ${round}`)
  for (const line of replayLines(report)) terminal.result(line)
}

async function playOnce(
  prepared: PreparedReplay,
  options: Omit<ReplayOptions, 'progress'>,
  prefix: string,
  progress: NodeJS.WriteStream | undefined,
): Promise<ReplayReport> {
  let shownAt = Number.NEGATIVE_INFINITY
  const show = (done: number, of: number) => {
    const now = performance.now()
    if (progress === undefined || now - shownAt < showEvery) return
    shownAt = now
    progress.write(`\r\u001b[2K${prefix}${done} of ${of} steps`)
  }
  try {
    return await replay(prepared, { ...options, progress: show })
  } finally {
    progress?.write('\r\u001b[2K')
  }
}

function counted(rounds: number): string {
  return rounds === 1 ? 'once' : `${rounds} times`
}
