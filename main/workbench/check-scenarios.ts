import { FaultlineError } from '../../app/base/errors.ts'
import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import { findOption } from '../devices/guest/script-source.ts'
import { createOpenScript, type ScenarioAssets } from '../devices/scenario-script.ts'
import { checkPlan } from '../scenarios/check-plan.ts'
import type { ScriptMistake } from '../workspace/type-check.ts'
import type { Plans } from './planned-mistakes.ts'

export interface ScenarioText {
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly text: string
}

export function isScenario(path: string): boolean {
  return path.endsWith('.scenario.ts')
}

export interface CheckedScenarios {
  readonly mistakes: readonly ScriptMistake[]
  /** The scripts that they name. */
  readonly scripts: ReadonlySet<string>
  readonly plans: Plans
}

/**
 * Looks for mistakes in the static part of scenarios: each file is evaluated in the sandbox that a run has, and its body is
 * not called. Nothing is started.
 *
 * @param devices what there is for `script` to name
 */
export async function checkScenarios(
  scenarios: readonly ScenarioText[],
  {
    assets,
    devices,
    workspace,
  }: { readonly assets: ScenarioAssets; readonly devices: readonly string[]; readonly workspace: string },
): Promise<CheckedScenarios> {
  const open = createOpenScript(assets)
  const mistakes: ScriptMistake[] = []
  const scripts = new Set<string>()
  const plans = new Map<string, ScenarioPlan>()
  for (const { file, text } of scenarios) {
    const script = open({ workspace, file, source: text, seed: 1 })
    try {
      const draft = await script.plan()
      const { mistakes: wrong = [] } = checkPlan(draft, {}, { scripts: devices })
      // A script that is not there does not make the others unused.
      const { plan } = checkPlan(draft)
      for (const { script: name } of plan?.groups ?? []) scripts.add(name)
      if (plan !== undefined) plans.set(file, plan)
      for (const { message, path } of wrong) {
        const place = findOption({ file, text }, path)
        const subject = path === '' ? 'the options of the scenario' : path
        mistakes.push({
          file,
          ...(place ?? { line: 1, column: 1 }),
          code: 'scenario',
          message: `${subject} ${message}`,
        })
      }
    } catch (error) {
      mistakes.push(failure(file, error))
    } finally {
      script.dispose()
    }
  }
  return { mistakes, scripts, plans }
}

/** What the script did wrong. @throws whatever else went wrong */
function failure(file: string, error: unknown): ScriptMistake {
  if (!(error instanceof FaultlineError) || !error.code.startsWith('script-')) throw error
  const { column, file: at, line } = error.details ?? {}
  const number = (value: unknown) => (typeof value === 'number' ? value : 1)
  return {
    file: typeof at === 'string' ? at : file,
    line: number(line),
    column: number(column),
    code: 'run',
    message: error.message,
  }
}
