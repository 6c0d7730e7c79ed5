import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { recordingEnding } from '../../app/capture/recording-format.ts'
import type { RunReport, Verdict } from '../../app/scenario/report.ts'
import { createOpenScript, type ScenarioAssets } from '../devices/scenario-script.ts'
import { type FileMistake, planScenario } from '../scenarios/planning.ts'
import { ScenarioRun } from '../scenarios/run.ts'
import { RunLog } from '../scenarios/run-log.ts'
import { runRecordingsFolder } from '../workspace/run-history.ts'
import { readTextFile } from '../workspace/text-files.ts'
import { type BenchSurroundings, createOpenBench } from './scenario-bench.ts'
import type { CarryOut, RunOrder } from './scenario-queue.ts'

const nothing = { packets: 0, connections: 0, published: 0, delivered: 0, dropped: 0, notKept: 0 }

export interface RunOnScreenOptions extends BenchSurroundings {
  readonly assets: ScenarioAssets
  /** Absolute. */
  readonly workspace: string
  /** Names of the scripts that there are for `script` to name. */
  readonly scripts: () => readonly string[]
  readonly log: (line: string) => void
}

/**
 * Carries out what a screen asks to be run: on a broker, ports and devices of its own, as the command line does, and always
 * recorded, so that each step has something to show.
 */
export function runOnScreen(options: RunOnScreenOptions): CarryOut {
  const { assets, clock, log, scripts, workspace } = options
  const openScript = createOpenScript(assets)
  const openBench = createOpenBench(options)
  /** The report of a run that could not begin. */
  const unstarted = ({ file, id, repetition, seed = 1, target = '' }: RunOrder, verdict: Verdict): RunReport => {
    const entry = new RunLog({ id, file, name: file, seed, repetition, target }, clock)
    entry.end(verdict, 1)
    return entry.report(nothing)
  }
  return async (order, signal, onProgress) => {
    const { file, id, repetition, seed, target } = order
    try {
      const { text: source } = await readTextFile(workspace, file)
      const planned = await planScenario(
        { workspace, file, source },
        openScript,
        { seed, target },
        { scripts: scripts() },
      )
      if (planned.scenario === undefined) return unstarted(order, notRight(planned.mistakes))
      const { plan, script } = planned.scenario
      if (signal.aborted) {
        script.dispose()
        return unstarted(order, { is: 'stopped' })
      }
      const name = `${runRecordingsFolder}/${id}${recordingEnding}`
      const recordTo = () => ({ path: join(workspace, name), name })
      const more = { clock, log, openBench, recordTo, onProgress }
      const run = new ScenarioRun({ id, workspace, file, repetition, plan, script, ...more })
      const stop = () => run.stop()
      signal.addEventListener('abort', stop, { once: true })
      try {
        return await run.run()
      } finally {
        signal.removeEventListener('abort', stop)
      }
    } catch (error) {
      const hint = error instanceof FaultlineError ? error.hint : undefined
      return unstarted(order, { is: 'environment failed', message: messageOf(error), hint })
    }
  }
}

function notRight(mistakes: readonly FileMistake[]): Verdict {
  const [first] = mistakes
  if (first?.thrown) return { is: 'script threw', message: first.message, place: first.place }
  return { is: 'invalid', mistakes: mistakes.map(({ message, path }) => ({ path, message })) }
}
