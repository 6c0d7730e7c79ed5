import { FaultlineError } from '../../app/base/errors.ts'
import type { EventValue, Params, Result } from '../../app/contract/contract.ts'
import type { RunDigest, ScenarioFile } from '../../app/contract/scenarios.ts'
import { type Call, ScriptDocuments, scenarioScripts } from './script-documents.ts'
import { Store } from './store.ts'

export type Report = Result<'scenarios.report'>

/** Packets in each stretch of a run, from its beginning on. */
export interface RunTraffic {
  readonly run: string
  readonly stepMs: number
  readonly packets: readonly number[]
}

/** Of a run that goes on: how many packets there had been at a moment. */
export interface Sample {
  readonly at: number
  readonly packets: number
}

/** More are thinned out: the course of a run is seen from a few hundred. */
const mostSamples = 400

/** The scenarios of the workspace, their runs, and the one that is looked at. */
export class Scenarios {
  readonly #call: Call
  readonly #report: (error: unknown) => void
  /** Undefined before they were heard of. */
  readonly files = new Store<readonly ScenarioFile[] | undefined>(undefined)
  /** The newest first. */
  readonly runs = new Store<readonly RunDigest[]>([])
  readonly queue = new Store<EventValue<'scenarios.queue'>>({ running: 0, waiting: 0 })
  /** Path of the file that is chosen. */
  readonly file = new Store<string | undefined>(undefined)
  /** Id of the run that is looked at. */
  readonly run = new Store<string | undefined>(undefined)
  readonly report = new Store<Report | undefined>(undefined)
  readonly traffic = new Store<RunTraffic | undefined>(undefined)
  readonly documents: ScriptDocuments
  #samples: { readonly run: string; list: Sample[] } = { run: '', list: [] }
  /** Runs that were asked for here are shown as they begin, until somebody chooses another. */
  #following = false

  constructor(call: Call, report: (error: unknown) => void) {
    this.#call = call
    this.#report = report
    this.documents = new ScriptDocuments(call, scenarioScripts(call))
  }

  /** Asks for everything, after a connection was made. */
  async load(): Promise<void> {
    const [files] = await Promise.all([this.#call('scenarios.list', {}), this.#loadRuns()])
    this.files.set(files)
    const run = this.run.value
    if (run !== undefined) await this.#loadReport(run)
  }

  takeFiles(files: readonly ScenarioFile[]): void {
    this.files.set(files)
    void this.documents.refresh()
    this.#loadRuns().catch((error: unknown) => this.#report(error))
  }

  takeProgress(report: Report): void {
    this.#sample(report)
    if (this.#following && this.run.value !== report.id) this.#look(report.id, report.file)
    if (this.run.value !== report.id) return
    this.report.set(report)
    if (report.verdict === undefined) this.traffic.set(liveTraffic(report.id, this.#samples.list))
    else void this.#loadTraffic(report.id)
  }

  /** Runs these files, or all where there are none, and shows each as it begins. */
  async start(params: Params<'scenarios.run'>): Promise<void> {
    const { runs } = await this.#call('scenarios.run', params)
    const [first] = runs
    if (first === undefined) return
    this.#following = true
    if (this.queue.value.running === 0) this.#look(first, params.paths[0])
  }

  stop(): Promise<unknown> {
    return this.#call('scenarios.stop', {})
  }

  /** Chooses a file, and with it its newest run. */
  choose(path: string): void {
    this.#following = false
    this.file.set(path)
    const newest = this.runs.value.find(({ file }) => file === path)?.id
    this.run.set(newest)
    this.report.set(undefined)
    this.traffic.set(undefined)
    if (newest !== undefined) void this.#loadReport(newest)
  }

  /** Looks at a run, of whichever file. */
  lookAt({ file, id }: Pick<RunDigest, 'file' | 'id'>): void {
    this.#following = false
    if (this.run.value === id) return
    this.#look(id, file)
    void this.#loadReport(id)
  }

  async forget(runs: readonly string[]): Promise<void> {
    await this.#call('scenarios.forget', { runs: [...runs] })
    await this.#loadRuns()
    const { value } = this.run
    if (value === undefined || !runs.includes(value)) return
    const file = this.file.value
    if (file !== undefined) this.choose(file)
    else this.run.set(undefined)
  }

  #look(run: string, file: string | undefined): void {
    if (file !== undefined) this.file.set(file)
    this.report.set(undefined)
    this.traffic.set(undefined)
    this.run.set(run)
  }

  async #loadRuns(): Promise<void> {
    this.runs.set(await this.#call('scenarios.runs', {}))
  }

  async #loadReport(run: string): Promise<void> {
    try {
      const report = await this.#call('scenarios.report', { run })
      if (this.run.value !== run) return
      this.report.set(report)
      if (report.verdict !== undefined) await this.#loadTraffic(run)
    } catch (error) {
      // It waits still, or was forgotten: nothing is known of it.
      if (!(error instanceof FaultlineError) || error.code !== 'not-found') this.#report(error)
    }
  }

  async #loadTraffic(run: string): Promise<void> {
    try {
      const { packets, stepMs } = await this.#call('scenarios.traffic', { run })
      // Without a recording it stays what was seen of it live.
      if (this.run.value === run && packets.length > 0) this.traffic.set({ run, stepMs, packets })
    } catch (error) {
      this.#report(error)
    }
  }

  #sample({ counts, duration, id }: Report): void {
    if (this.#samples.run !== id) this.#samples = { run: id, list: [] }
    this.#samples.list.push({ at: duration, packets: counts.packets })
    if (this.#samples.list.length > mostSamples) this.#samples.list = this.#samples.list.filter((_, i) => i % 2 === 1)
  }
}

/** How dense traffic was between moments at which it was counted, spread evenly. */
export function liveTraffic(run: string, samples: readonly Sample[]): RunTraffic {
  const end = samples.at(-1)?.at ?? 0
  const stepMs = Math.max(50, Math.ceil(end / 200))
  const packets = new Array<number>(Math.max(1, Math.ceil(end / stepMs))).fill(0)
  let before: Sample = { at: 0, packets: 0 }
  for (const sample of samples) {
    const first = Math.min(packets.length - 1, Math.floor(before.at / stepMs))
    const last = Math.min(packets.length - 1, Math.floor(sample.at / stepMs))
    const each = Math.max(0, sample.packets - before.packets) / (last - first + 1)
    for (let step = first; step <= last; step++) packets[step] = (packets[step] ?? 0) + each
    before = sample
  }
  return { run, stepMs, packets }
}
