import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { EventValue, Params, Result } from '../../app/contract/contract.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import type { RunDigest, scenarioMethods } from '../../app/contract/scenarios.ts'
import { draftText } from '../../app/scenario/draft-text.ts'
import type { DraftGroup } from '../../app/scenario/hand-deeds.ts'
import type { RunReport } from '../../app/scenario/report.ts'
import type { ScenarioAssets } from '../devices/scenario-script.ts'
import { openRecording } from '../recorder/open-recording.ts'
import { runId } from '../scenarios/runner.ts'
import { digestOf, RunHistory } from '../workspace/run-history.ts'
import { createScenario, scenarioEnding, scenarioFolder, watchScenarios } from '../workspace/scenario-files.ts'
import { readTextFile } from '../workspace/text-files.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Deeds } from './deeds.ts'
import { trafficOf } from './run-traffic.ts'
import { ScenarioCatalog } from './scenario-catalog.ts'
import { type CarryOut, type RunOrder, ScenarioQueue } from './scenario-queue.ts'

/** Runs that one call can ask for. */
const mostRuns = 10_000

/** What screens do with the workspace's scenarios. */
export class ScenarioDesk implements Disposable {
  readonly #clock: Clock
  readonly #workspace: Workspace
  readonly #catalog: ScenarioCatalog
  readonly #queue: ScenarioQueue
  readonly #history: RunHistory
  readonly #deeds: Deeds
  readonly #drafted: () => { readonly seed: number | string; readonly groups: readonly DraftGroup[] }
  readonly #log: (line: string) => void
  readonly #disposables = new DisposableStore()
  readonly #changed = new Emitter<EventValue<'scenarios.changed'>>()
  readonly #ids = new Set<string>()
  /** Ended, and not yet a file. */
  readonly #keeping = new Map<string, RunReport>()

  readonly onChanged = this.#changed.event
  /** See `scenarios.progress`. */
  readonly onProgress = new Emitter<RunReport>()
  readonly onQueue = new Emitter<EventValue<'scenarios.queue'>>()

  /** @param options.drafted what a scenario can be made of now */
  constructor(options: {
    clock: Clock
    workspace: Workspace
    assets: ScenarioAssets
    carryOut: CarryOut
    deeds: Deeds
    drafted: () => { readonly seed: number | string; readonly groups: readonly DraftGroup[] }
    log: (line: string) => void
  }) {
    const { assets, carryOut, clock, log, workspace } = options
    this.#clock = clock
    this.#workspace = workspace
    this.#deeds = options.deeds
    this.#drafted = options.drafted
    this.#log = log
    this.#history = new RunHistory(workspace.path, log)
    this.#catalog = this.#disposables.add(new ScenarioCatalog({ workspace: workspace.path, assets, log }))
    const keptFirst: CarryOut = async (order, signal, onProgress) => {
      const report = await carryOut(order, signal, onProgress)
      await this.#keep(report)
      return report
    }
    this.#queue = this.#disposables.add(new ScenarioQueue({ clock, carryOut: keptFirst, log }))
    this.#disposables.add(this.#catalog.onChanged(() => void this.#tell()))
    this.#disposables.add(this.#queue.onChanged(() => this.onQueue.fire(this.#queue.state)))
    this.#disposables.add(
      this.#queue.onProgress((report) => {
        this.onProgress.fire(report)
        if (report.verdict !== undefined) void this.#tell()
      }),
    )
  }

  /** Begins to follow the folder. */
  start(): void {
    const look = () =>
      this.#catalog.look().catch((error) => this.#log(`scenarios cannot be listed: ${messageOf(error)}`))
    this.#disposables.add(
      watchScenarios(this.#workspace.path, look, (error) =>
        this.#log(`the scenarios cannot be watched for changes: ${messageOf(error)}`),
      ),
    )
  }

  /** `open` is the screen's own: a recording is open for as long as the screen is. */
  handlers(open: (path: string) => Promise<Result<'recordings.open'>>): Pick<Handlers, keyof typeof scenarioMethods> {
    return {
      'scenarios.list': async () => this.#catalog.files(await this.#runs()),
      'scenarios.read': async ({ path }) => {
        const { revision, text } = await readTextFile(this.#workspace.path, checked(path))
        return { text, revision }
      },
      'scenarios.write': async ({ basedOn, path, text }) => {
        const { revision } = await this.#workspace.writeScript(checked(path), text, basedOn)
        return { revision }
      },
      'scenarios.run': (params) => this.#run(params),
      'scenarios.stop': async () => {
        await this.#queue.stop()
        return {}
      },
      'scenarios.runs': () => this.#runs(),
      'scenarios.report': ({ run }) => this.#report(run),
      'scenarios.traffic': ({ run }) => this.#traffic(run),
      'scenarios.openRecording': async ({ run }) => open(await this.#recordingOf(run)),
      'scenarios.forget': async ({ runs }) => {
        await this.#history.forget(runs)
        void this.#tell()
        return {}
      },
      'scenarios.draft': ({ name, since = 0 }) => {
        const { deeds, sightings } = this.#deeds.since(since)
        return { text: draftText({ name, deeds, sightings, ...this.#drafted() }), deeds: deeds.length }
      },
      'scenarios.create': async ({ name, text }) => {
        const path = await createScenario(this.#workspace.path, name, text)
        await this.#catalog.look()
        return { path }
      },
    }
  }

  /** Ends what runs; nothing begins any more. */
  async close(): Promise<void> {
    await this.#queue.close()
    this.dispose()
  }

  dispose(): void {
    this.#disposables.dispose()
    this.#changed.dispose()
    this.onProgress.dispose()
    this.onQueue.dispose()
  }

  async #run({ paths, repeat = 1, seed, target }: Params<'scenarios.run'>): Promise<Result<'scenarios.run'>> {
    const files = paths.length === 0 ? this.#catalog.paths : paths.map(checked)
    if (files.length === 0) {
      throw new FaultlineError({
        code: 'not-found',
        message: `there is no scenario in ${scenarioFolder}/`,
        hint: 'create one first',
      })
    }
    if (files.length * repeat > mostRuns) {
      throw new FaultlineError({
        code: 'invalid-argument',
        message: `more than ${mostRuns} runs at once are not possible`,
      })
    }
    // A file that is not there is said at once, and not by a run of it.
    for (const file of new Set(files)) await readTextFile(this.#workspace.path, file)
    const orders: RunOrder[] = []
    for (let repetition = 1; repetition <= repeat; repetition++) {
      for (const file of files) orders.push({ id: this.#newId(file), file, seed, target, repetition })
    }
    this.#queue.add(orders)
    return { runs: orders.map(({ id }) => id) }
  }

  #newId(file: string): string {
    const id = runId(file, this.#clock.now())
    let unique = id
    for (let more = 2; this.#ids.has(unique); more++) unique = `${id}-${more}`
    this.#ids.add(unique)
    return unique
  }

  async #keep(report: RunReport): Promise<void> {
    this.#keeping.set(report.id, report)
    try {
      await this.#history.add(report)
      this.#keeping.delete(report.id)
    } catch (error) {
      // It can be looked at for as long as the workbench runs.
      this.#log(messageOf(error))
    }
  }

  async #runs(): Promise<RunDigest[]> {
    const kept = await this.#history.list()
    const others = [...this.#keeping.values(), this.#queue.current].filter(
      (report) => report !== undefined && !kept.some(({ id }) => id === report.id),
    )
    const unique = new Map(others.map((report) => [report?.id, report]))
    return [...[...unique.values()].flatMap((report) => (report ? [digestOf(report)] : [])), ...kept]
  }

  async #report(run: string): Promise<Result<'scenarios.report'>> {
    const { current } = this.#queue
    if (current?.id === run) return current
    return this.#keeping.get(run) ?? (await this.#history.get(run))
  }

  async #recordingOf(run: string): Promise<string> {
    const recording = await this.#history.recordingOf(await this.#report(run))
    if (recording !== undefined) return recording
    throw new FaultlineError({
      code: 'not-found',
      message: 'no recording of this run was kept',
      hint: 'run it again from this screen, or with --record on',
    })
  }

  async #traffic(run: string): Promise<Result<'scenarios.traffic'>> {
    const report = await this.#report(run)
    const { duration, startedAt, verdict } = report
    const recording = verdict && (await this.#history.recordingOf(report))
    if (recording === undefined) return { stepMs: 1, packets: [] }
    const source = await openRecording(recording)
    try {
      return await trafficOf(source, { durationMs: duration, startedAt })
    } finally {
      source.dispose()
    }
  }

  async #tell(): Promise<void> {
    try {
      this.#changed.fire({ files: this.#catalog.files(await this.#runs()) })
    } catch (error) {
      this.#log(`the runs of scenarios cannot be listed: ${messageOf(error)}`)
    }
  }
}

/** Screens read and write scenarios, and nothing else. */
function checked(path: string): string {
  if (path.startsWith(`${scenarioFolder}/`) && path.endsWith(scenarioEnding)) return path
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `'${path}' is no scenario of this workspace`,
    hint: `scenarios are files in ${scenarioFolder}/ that end in ${scenarioEnding}`,
  })
}
