import { resolve } from 'node:path'
import { FaultlineError } from '../../../app/base/errors.ts'
import { type FleetRun, startFleetRun } from '../../workbench/fleet-run.ts'
import { systemClock } from '../../workbench/system-clock.ts'
import type { Installation } from '../installation.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { FleetArguments } from './fleet-arguments.ts'
import {
  exitCodeOfRun,
  type FleetEnd,
  type FleetResult,
  jsonSummary,
  progressText,
  tableSummary,
} from './fleet-summary.ts'
import { stopRequest } from './stop-request.ts'
import type { Terminal } from './terminal.ts'

/** How often it is looked at, in milliseconds. */
const lookEvery = 250

/**
 * Runs a fleet until its time is over, somebody asks it to stop, or its script fails; then prints a summary.
 *
 * @param progress where one line is written again and again; undefined where nobody would see it
 * @param exit ends the process at once
 * @throws FaultlineError `invalid-argument` for more devices than there can be, and what `startFleetRun` throws
 */
export async function runFleet(
  args: FleetArguments,
  installation: Installation,
  terminal: Terminal,
  exit: (code: ExitCode) => void,
  progress: NodeJS.WriteStream | undefined,
): Promise<ExitCode> {
  const stop = stopRequest({ secondSignal: () => exit(exitCodes.passed), error: terminal.complain })
  const run = await startFleetRun({
    script: resolve(args.script),
    count: args.count,
    rampMs: args.ramp,
    shard: args.shard,
    target: args.target,
    seed: args.seed,
    assets: { worker: installation.worker, guest: installation.guest },
    templates: installation.templates,
    clock: systemClock,
    version: installation.version,
    log: terminal.say,
  })
  // From here on, so that what it takes to start the workbench is not taken from the run.
  const start = performance.now()
  const watched = await watch(run, args, stop, start, progress)
  const seconds = (performance.now() - start) / 1000
  const { error } = run.snapshot()
  if (error?.trouble === 'count') {
    await run.close()
    throw new FaultlineError({ code: 'invalid-argument', message: error.message })
  }
  await run.settle()
  const result: FleetResult = {
    ...watched,
    fleet: run.snapshot(),
    seed: run.seed,
    totals: run.totals(),
    scriptErrors: run.scriptErrors(),
    seconds,
  }
  await run.close()
  if (args.json) terminal.result(jsonSummary(result, args))
  else for (const line of tableSummary(result)) terminal.result(line)
  if (result.fleet.error?.trouble === 'process') terminal.say(result.fleet.error.message)
  return watched.failed ? exitCodes.environmentFailed : exitCodeOfRun(result)
}

/** Looks at the fleet until it ends; tells the most that were connected at once, and why it ended. */
function watch(
  run: FleetRun,
  { duration }: FleetArguments,
  stop: Promise<'asked' | 'failed'>,
  start: number,
  progress: NodeJS.WriteStream | undefined,
): Promise<{ connected: number; end: FleetEnd; failed: boolean }> {
  return new Promise((resolve) => {
    let connected = 0
    const look = () => {
      const fleet = run.snapshot()
      const elapsed = performance.now() - start
      connected = Math.max(connected, fleet.online)
      progress?.write(
        `\r\u001b[2K${progressText(fleet, elapsed / 1000).slice(0, Math.max(20, (progress.columns ?? 80) - 1))}`,
      )
      if (isBroken(run)) end('script error')
      else if (elapsed >= duration) end('duration')
    }
    const timer = setInterval(look, Math.min(lookEvery, duration + 1))
    const end = (why: FleetEnd, failed = false) => {
      clearInterval(timer)
      progress?.write('\r\u001b[2K')
      resolve({ connected: Math.max(connected, run.snapshot().online), end: why, failed })
    }
    void stop.then((request) => end('asked', request === 'failed'))
  })
}

/** Its script cannot be read, it is too big, or all devices have failed: time would change nothing. */
function isBroken(run: FleetRun): boolean {
  const { error, present, wanted } = run.snapshot()
  if (error?.trouble === 'script' || error?.trouble === 'count') return true
  const failed = run.scriptErrors().length
  return failed > 0 && failed === present && present === wanted
}
