import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { RunReport, Verdict } from '../../app/scenario/report.ts'
import { createOpenScript, type ScenarioAssets } from '../devices/scenario-script.ts'
import { type FileMistake, planScenario } from '../scenarios/planning.ts'
import { ScenarioRun } from '../scenarios/run.ts'
import { runRecordingsFolder } from '../workspace/run-history.ts'
import { readTextFile } from '../workspace/text-files.ts'
import { placed } from './placed-mistakes.ts'
import { recordingPlace } from './recording-place.ts'
import { type BenchSurroundings, createOpenBench } from './scenario-bench.ts'
import type { CarryOut, RunOrder } from './scenario-queue.ts'
import { createFindMistakes, withTypes } from './scenario-types.ts'
import { invalid, unstarted } from './unstarted.ts'

export interface RunOnScreenOptions extends BenchSurroundings {
  readonly assets: ScenarioAssets
  /** Absolute. */
  readonly workspace: string
  /** Names of the scripts that there are for `script` to name. */
  readonly scripts: () => readonly string[]
  /** The folder of the script API's `.d.ts` files, ends in `/`; undefined: types are not looked at. */
  readonly types?: URL | undefined
  readonly log: (line: string) => void
}

/**
 * Carries out what a screen asks to be run: on a broker, ports and devices of its own, as the command line does, and always
 * recorded, so that each step has something to show.
 */
export function runOnScreen(options: RunOnScreenOptions): CarryOut {
  const { assets, clock, log, scripts, workspace } = options
  const findMistakes = createFindMistakes(options)
  const openScript = createOpenScript(assets)
  const openBench = createOpenBench(options)
  const failed = ({ file, id, repetition, seed = 1, target = '' }: RunOrder, verdict: Verdict): RunReport => {
    return unstarted({ id, file, name: file, seed, repetition, target }, verdict, clock)
  }
  return async (order, signal, onProgress) => {
    const { file, id, repetition, seed, target } = order
    try {
      const { text: source } = await readTextFile(workspace, file)
      const text = { workspace, file, source }
      const planning = planScenario(text, openScript, { seed, target }, { scripts: scripts() })
      const plans = planning.then(
        ({ scenario }) => new Map(scenario === undefined ? [] : [[file, scenario.plan]]),
        () => new Map(),
      )
      const typing = findMistakes(workspace, [text], { target, plans })
      const planned = await planning
      const mistakes = withTypes(await placed(planned.mistakes ?? [], text), await typing)
      if (planned.scenario === undefined) return failed(order, notRight(mistakes))
      const { plan, script } = planned.scenario
      if (mistakes.length > 0 || signal.aborted) {
        script.dispose()
        return failed(order, mistakes.length > 0 ? notRight(mistakes) : { is: 'stopped' })
      }
      const recordTo = () => recordingPlace(workspace, runRecordingsFolder, id)
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
      return failed(order, { is: 'environment failed', message: messageOf(error), hint })
    }
  }
}

function notRight(mistakes: readonly FileMistake[]): Verdict {
  const thrown = mistakes.find((mistake) => mistake.thrown)
  if (thrown !== undefined) return { is: 'script threw', message: thrown.message, place: thrown.place }
  return invalid(mistakes)
}
