import { FaultlineError } from '../../app/base/errors.ts'
import type { PlanMistake, ScenarioPlan } from '../../app/scenario/plan.ts'
import type { Place } from '../../app/scenario/report.ts'
import type { OpenScript, ScenarioScript } from './bench.ts'
import { checkPlan, type PlanOverrides, type PlanSurroundings } from './check-plan.ts'

/** The text of a scenario, and where it lies. */
export interface ScenarioText {
  /** Absolute path. */
  readonly workspace: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
  readonly source: string
}

/** A scenario whose static part is right. */
export interface PlannedScenario extends ScenarioText {
  readonly plan: ScenarioPlan
  /** For its first run, where it was kept open; it is opened anew for every other one. */
  readonly script: ScenarioScript | undefined
}

export interface OpenScenario extends PlannedScenario {
  readonly script: ScenarioScript
}

/** Something that is wrong with a file before anything is run. */
export interface FileMistake extends PlanMistake {
  readonly file: string
  /** Where it is known. */
  readonly place: Place | undefined
  /** Whether the file itself failed, in its sandbox. */
  readonly thrown: boolean
}

export type Planned =
  | { readonly scenario: OpenScenario; readonly mistakes?: undefined }
  | { readonly scenario?: undefined; readonly mistakes: readonly FileMistake[] }

/**
 * Reads the static part of a scenario and checks all of it.
 *
 * @param around what its plan is checked against
 * @throws whatever is no mistake of the file
 */
export async function planScenario(
  text: ScenarioText,
  openScript: OpenScript,
  overrides: PlanOverrides,
  around: PlanSurroundings,
): Promise<Planned> {
  // What a script draws comes from its seed, which only its static part tells: mostly it can be read in the text.
  const guessed = overrides.seed ?? seedIn(text.source) ?? 1
  const script = openScript({ ...text, seed: guessed })
  try {
    const { mistakes, plan } = checkPlan(await script.plan(), overrides, around)
    if (mistakes !== undefined) {
      script.dispose()
      return { mistakes: mistakes.map((each) => ({ ...each, file: text.file, place: undefined, thrown: false })) }
    }
    if (plan.seed === guessed) return { scenario: { ...text, plan, script } }
    script.dispose()
    // What its static part has drawn was of another seed: it is read once more, as `--seed` would have it.
    return await planScenario(text, openScript, { ...overrides, seed: plan.seed }, around)
  } catch (error) {
    script.dispose()
    return { mistakes: [thrownBy(error, text.file)] }
  }
}

function seedIn(source: string): string | number | undefined {
  const [, number, text] = /\bseed:\s*(?:(\d{1,15})\b|'([^'\\\n]*)')/.exec(source) ?? []
  return number === undefined ? text : Number(number)
}

function thrownBy(error: unknown, file: string): FileMistake {
  if (!(error instanceof FaultlineError) || !error.code.startsWith('script-')) throw error
  const { column, file: at, line } = error.details ?? {}
  const place =
    typeof line !== 'number'
      ? undefined
      : { file: typeof at === 'string' ? at : file, line, column: typeof column === 'number' ? column : 1 }
  return { file, path: '', message: error.message, place, thrown: true }
}
