import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { Verdict } from '../../app/scenario/report.ts'
import { createOpenScript, type ScenarioAssets } from '../devices/scenario-script.ts'
import type { OpenBench } from '../scenarios/bench.ts'
import type { PlanOverrides } from '../scenarios/check-plan.ts'
import {
  type FileMistake,
  type OpenScenario,
  type PlannedScenario,
  planScenario,
  type ScenarioText,
} from '../scenarios/planning.ts'
import type { RunId, RunnerOptions, RunnerParts, RunnerResult } from '../scenarios/runner.ts'
import { type FoundScenario, findScenarios } from '../workspace/find-scenarios.ts'
import { placed } from './placed-mistakes.ts'
import type { RecordingMode } from './recording-modes.ts'
import { recordingPlace } from './recording-place.ts'
import { type Running, runInTurn } from './run-in-turn.ts'
import type { BenchSurroundings } from './scenario-bench.ts'
import { createFindMistakes, type FindMistakes, withTypes } from './scenario-types.ts'

/**
 * So many scripts stay open from their planning to their run: to start a thread anew takes a tenth of a second, and each has
 * some 20 MB.
 */
const mostOpen = 8

/** Where recordings of runs lie in a workspace. */
const recordings = 'recordings'

export interface ScenarioRunsOptions extends BenchSurroundings {
  readonly assets: ScenarioAssets
  /** The folder of the script API's `.d.ts` files, ends in `/`; undefined: types are not looked at. */
  readonly types?: URL | undefined
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
  /** Hears how many files there are, before they are checked. */
  readonly onFound?: (files: number) => void
}

/** A mistake, and the workspace of its file. */
export interface PlacedMistake extends FileMistake {
  readonly workspace: string
}

export type ScenariosToRun =
  | { readonly scenarios: readonly PlannedScenario[]; readonly mistakes?: undefined }
  | {
      readonly scenarios?: undefined
      readonly mistakes: readonly PlacedMistake[]
      /** What would have been run, and in which nothing is wrong. */
      readonly right: readonly PlannedScenario[]
    }

interface AllPlanned {
  readonly wanted: PlannedScenario[]
  /** Which nobody has asked for. */
  readonly others: PlannedScenario[]
  readonly wrong: PlacedMistake[]
}

/** Scenarios of workspaces: finds them, plans them, and makes of the program's parts what they run on. */
export class ScenarioRuns {
  readonly #parts: RunnerParts
  readonly #findMistakes: FindMistakes

  constructor(options: ScenarioRunsOptions) {
    const { assets, clock, log, types } = options
    this.#findMistakes = createFindMistakes({ types, log })
    this.#parts = { openScript: createOpenScript(assets), openBench: lateBench(options), clock, log }
  }

  /**
   * Finds the scenarios that are meant and checks the static part of every one, and what it calls in its body; nothing is
   * started.
   *
   * @throws FaultlineError what `findScenarios` throws; `file-unreadable`; `invalid-argument` where `grep` leaves none
   */
  async plan({ from, grep, onFound, overrides, words }: PlanOptions): Promise<ScenariosToRun> {
    const texts = await Promise.all((await findScenarios(words, from)).map(read))
    onFound?.(texts.length)
    const planning = this.#planAll(texts, grep, overrides)
    // Beside the sandboxes, in which each is planned: the compiler is a process of its own.
    const typed = this.#typed(texts, overrides.target, planning)
    const { others, wanted, wrong } = await planning
    const found = await typed
    const mistakes = workspacesOf(texts).flatMap((workspace) => {
      const own = (mistake: PlacedMistake) => mistake.workspace === workspace
      return withTypes(wrong.filter(own), found.filter(own))
    })
    if (mistakes.length > 0) {
      for (const { script } of wanted) script?.dispose()
      const isRight = ({ file, workspace }: PlannedScenario) =>
        !mistakes.some((mistake) => mistake.file === file && mistake.workspace === workspace)
      return { mistakes, right: wanted.filter(isRight) }
    }
    if (wanted.length > 0) return { scenarios: wanted }
    const { name } = others[0]?.plan ?? {}
    const hint = others.length === 1 ? `there is '${name}'` : `there are ${others.length}, such as '${name}'`
    const message = `no scenario has '${grep}' in its name or its file name`
    throw new FaultlineError({ code: 'invalid-argument', message, hint })
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

  /** One after the other: to start many threads at once would take no less time, and much more memory. */
  async #planAll(
    texts: readonly ScenarioText[],
    grep: string | undefined,
    overrides: PlanOverrides,
  ): Promise<AllPlanned> {
    const planned: AllPlanned = { wanted: [], others: [], wrong: [] }
    const { others, wanted, wrong } = planned
    try {
      for (const text of texts) {
        const { mistakes, scenario } = await this.#planOne(text, overrides)
        if (scenario === undefined) wrong.push(...inWorkspace(text.workspace, mistakes))
        else if (fits(grep, scenario.plan.name, scenario.file))
          wanted.push(keptOpen(scenario, wanted.length < mostOpen))
        else others.push(keptOpen(scenario, false))
      }
      return planned
    } catch (error) {
      for (const { script } of wanted) script?.dispose()
      throw error
    }
  }

  async #typed(
    texts: readonly ScenarioText[],
    target: string | undefined,
    planning: Promise<AllPlanned>,
  ): Promise<PlacedMistake[]> {
    const all = planning.then(
      ({ others, wanted }) => [...others, ...wanted],
      () => [],
    )
    const found = workspacesOf(texts).map(async (workspace) => {
      const isOwn = (each: { readonly workspace: string }) => each.workspace === workspace
      const plans = all.then((scenarios) => new Map(scenarios.filter(isOwn).map(({ file, plan }) => [file, plan])))
      const own = texts.filter(isOwn)
      return inWorkspace(workspace, await this.#findMistakes(workspace, own, { target, plans }))
    })
    return (await Promise.all(found)).flat()
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

function workspacesOf(texts: readonly ScenarioText[]): string[] {
  return [...new Set(texts.map(({ workspace }) => workspace))]
}

function inWorkspace(workspace: string, mistakes: readonly FileMistake[]): PlacedMistake[] {
  return mistakes.map((mistake) => ({ ...mistake, workspace }))
}

async function read({ file, workspace }: FoundScenario): Promise<ScenarioText> {
  try {
    return { workspace, file, source: await readFile(join(workspace, file), 'utf8') }
  } catch (error) {
    throw new FaultlineError({ code: 'file-unreadable', message: `${file} cannot be read: ${messageOf(error)}` })
  }
}

/** Ends the thread of one that is not to be kept open. */
function keptOpen(scenario: OpenScenario, isKept: boolean): PlannedScenario {
  if (isKept) return scenario
  scenario.script.dispose()
  return { ...scenario, script: undefined }
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

async function recordingOf(mode: RecordingMode, { id, scenario }: RunId, verdict: Verdict) {
  if (mode === 'off' || (mode === 'failure' && verdict.is === 'passed')) return undefined
  return await recordingPlace(scenario.workspace, recordings, id)
}
