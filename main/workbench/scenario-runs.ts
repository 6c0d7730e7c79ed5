import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { Verdict } from '../../app/scenario/report.ts'
import { createOpenScript, type ScenarioAssets } from '../devices/scenario-script.ts'
import type { OpenBench } from '../scenarios/bench.ts'
import type { PlanOverrides } from '../scenarios/check-plan.ts'
import { type FileMistake, type PlannedScenario, planScenario, type ScenarioText } from '../scenarios/planning.ts'
import type { RunId, RunnerOptions, RunnerParts, RunnerResult } from '../scenarios/runner.ts'
import { type FoundScenario, findScenarios } from '../workspace/find-scenarios.ts'
import { type Running, runInTurn } from './run-in-turn.ts'
import type { BenchSurroundings } from './scenario-bench.ts'

/** Which runs are recorded. */
export const recordingModes = ['on', 'off', 'failure'] as const
export type RecordingMode = (typeof recordingModes)[number]

/** Where recordings of runs lie in a workspace. */
const recordings = 'recordings'

export interface ScenarioRunsOptions extends BenchSurroundings {
  readonly assets: ScenarioAssets
  readonly log: (line: string) => void
}

export interface PlanOptions {
  /** Files, folders and patterns. */
  readonly words: readonly string[]
  /** Absolute path of the folder that relative ones begin at. */
  readonly from: string
  /** Only scenarios that have this in their name or in their file's, upper and lower case alike. */
  readonly grep: string | undefined
  readonly overrides: PlanOverrides
}

/** A mistake, and the workspace of its file. */
export interface PlacedMistake extends FileMistake {
  readonly workspace: string
}

export type ScenariosToRun =
  | { readonly scenarios: readonly PlannedScenario[]; readonly mistakes?: undefined }
  | { readonly scenarios?: undefined; readonly mistakes: readonly PlacedMistake[] }

/** Scenarios of workspaces: finds them, plans them, and makes of the program's parts what they run on. */
export class ScenarioRuns {
  readonly #parts: RunnerParts

  constructor(options: ScenarioRunsOptions) {
    const { assets, clock, log } = options
    this.#parts = { openScript: createOpenScript(assets), openBench: lateBench(options), clock, log }
  }

  /**
   * Finds the scenarios that are meant and checks the static part of every one; nothing is started.
   *
   * @throws FaultlineError what `findScenarios` throws; `file-unreadable`; `not-found` where `grep` leaves none
   */
  async plan({ from, grep, overrides, words }: PlanOptions): Promise<ScenariosToRun> {
    const found = await findScenarios(words, from)
    const planned: PlannedScenario[] = []
    const mistakes: PlacedMistake[] = []
    try {
      for (const scenario of found) {
        const result = await this.#planOne(await read(scenario), overrides)
        if (result.scenario === undefined)
          mistakes.push(...result.mistakes.map((mistake) => ({ ...mistake, workspace: scenario.workspace })))
        else planned.push(result.scenario)
      }
    } catch (error) {
      for (const { script } of planned) script.dispose()
      throw error
    }
    const wanted = planned.filter(({ file, plan }) => fits(grep, plan.name, file))
    for (const scenario of planned) if (mistakes.length > 0 || !wanted.includes(scenario)) scenario.script.dispose()
    if (mistakes.length > 0) return { mistakes }
    if (wanted.length > 0) return { scenarios: wanted }
    const hint = `there are ${planned.length}, such as '${planned[0]?.plan.name}'`
    throw new FaultlineError({ code: 'not-found', message: `no scenario has '${grep}' in its name`, hint })
  }

  runner(
    scenarios: readonly PlannedScenario[],
    options: Pick<RunnerOptions, 'repeat' | 'workers' | 'bail' | 'onProgress'> & { readonly record: RecordingMode },
  ): Running {
    const recordTo = (run: RunId, verdict: Verdict) => recordingOf(options.record, run, verdict)
    return runInTurn(scenarios, { ...this.#parts, ...options, recordTo })
  }

  /** Keeps runs in the histories of their workspaces, where the screen shows them; what cannot be kept is said. */
  async keep({ runs }: Pick<RunnerResult, 'runs'>): Promise<void> {
    const { log } = this.#parts
    const { RunHistory } = await import('../workspace/run-history.ts')
    for (const workspace of new Set(runs.map(({ run }) => run.scenario.workspace))) {
      const reports = runs.filter(({ run }) => run.scenario.workspace === workspace).map(({ report }) => report)
      try {
        await new RunHistory(workspace, log).add(...reports)
      } catch (error) {
        log(messageOf(error))
      }
    }
  }

  async #planOne(text: ScenarioText, overrides: PlanOverrides): ReturnType<typeof planScenario> {
    const scripts = await devicesIn(text.workspace)
    const result = await planScenario(text, this.#parts.openScript, overrides, { scripts })
    return result.scenario === undefined ? { mistakes: await placed(result.mistakes, text) } : result
  }
}

/** The broker and all that belongs to it are loaded while scenarios are planned: they take longest. */
function lateBench(surroundings: BenchSurroundings): OpenBench {
  const loaded = import('./scenario-bench.ts')
  // The client of the observer, which is half of it: by the time that a bench is opened it is there.
  const client = import('../devices/guest/device-client.ts')
  // Whoever opens one hears of it.
  for (const each of [loaded, client]) each.catch(() => {})
  return async (options) => {
    const { createOpenBench } = await loaded
    return await createOpenBench(surroundings)(options)
  }
}

async function read({ file, workspace }: FoundScenario): Promise<ScenarioText> {
  try {
    return { workspace, file, source: await readFile(join(workspace, file), 'utf8') }
  } catch (error) {
    throw new FaultlineError({ code: 'file-unreadable', message: `${file} cannot be read: ${messageOf(error)}` })
  }
}

function fits(grep: string | undefined, ...texts: readonly string[]): boolean {
  return grep === undefined || texts.some((text) => text.toLowerCase().includes(grep.toLowerCase()))
}

/** Names of the scripts that a workspace has. */
async function devicesIn(workspace: string): Promise<string[]> {
  const names = await readdir(join(workspace, 'devices')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new FaultlineError({ code: 'file-unreadable', message: `devices/ cannot be read: ${messageOf(error)}` })
  })
  return names.filter((name) => name.endsWith('.device.ts')).map((name) => name.slice(0, -'.device.ts'.length))
}

/** Where in the file each mistake stands, as far as that can be found. */
async function placed(mistakes: readonly FileMistake[], { file, source }: ScenarioText): Promise<FileMistake[]> {
  const { findOption } = await import('../devices/guest/script-source.ts')
  return mistakes.map((mistake) => {
    if (mistake.place !== undefined || mistake.thrown) return mistake
    // Names in brackets may have anything in them.
    const found = findOption({ file, text: source }, mistake.path.replace(/\[.*/, ''))
    return { ...mistake, place: { file, ...(found ?? { line: 1, column: 1 }) } }
  })
}

function recordingOf(mode: RecordingMode, { id, scenario }: RunId, verdict: Verdict) {
  if (mode === 'off' || (mode === 'failure' && verdict.is === 'passed')) return undefined
  const name = `${recordings}/${id}.faultline`
  return { path: join(scenario.workspace, name), name }
}
