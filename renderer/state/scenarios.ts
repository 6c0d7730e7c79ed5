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

/** Where somebody looks in a file; a new object for each wish. */
export interface LookedAt {
  readonly file: string
  readonly line: number
  readonly column: number
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
  /** Where the editor was asked to go; undefined once another file is chosen. */
  readonly place = new Store<LookedAt | undefined>(undefined)
  readonly documents: ScriptDocuments
  #samples: { readonly run: string; list: Sample[] } = { run: '', list: [] }
  /** Runs that were asked for here are shown as they begin, until somebody chooses another. */
  #following = false
  /** The file was chosen because one has to be shown, and by nobody. */
  #isGiven = false

  constructor(call: Call, report: (error: unknown) => void) {
    this.#call = call
    this.#report = report
    this.documents = new ScriptDocuments(call, scenarioScripts(call))
  }

  /** Asks for everything, after a connection was made. */
  async load(): Promise<void> {
    const [files] = await Promise.all([this.#call('scenarios.list', {}), this.#loadRuns()])
    this.files.set(files)
    if (this.#showSomething()) return
    const run = this.run.value
    if (run !== undefined) await this.#loadReport(run)
  }

  takeFiles(files: readonly ScenarioFile[]): void {
    this.files.set(files)
    void this.documents.refresh()
    this.#loadRuns().then(
      () => this.#showSomething(),
      (error: unknown) => this.#report(error),
    )
  }

  takeProgress(report: Report): void {
    this.#sample(report)
    this.#list(report)
    if (this.#following && this.run.value !== report.id) this.#look(report.id, report.file)
    if (this.run.value !== report.id) return
    this.report.set(report)
    if (report.verdict === undefined) this.traffic.set(liveTraffic(report.id, this.#samples.list))
    else void this.#loadTraffic(report.id)
  }

  /** Runs these files, or all where there are none, and shows each as it begins. */
  async start(params: Params<'scenarios.run'>): Promise<void> {
    // That something runs is told before the answer.
    const isIdle = this.queue.value.running === 0
    const { runs } = await this.#call('scenarios.run', params)
    const [first] = runs
    if (first === undefined) return
    this.#following = true
    if (isIdle && this.run.value !== first) this.#look(first, params.paths[0])
  }

  stop(): Promise<unknown> {
    return this.#call('scenarios.stop', {})
  }

  /** Chooses a file, and with it its newest run. */
  choose(path: string): void {
    this.#following = false
    this.#isGiven = false
    this.file.set(path)
    this.place.set(undefined)
    const newest = this.runs.value.find(({ file }) => file === path)?.id
    this.run.set(newest)
    this.report.set(undefined)
    this.traffic.set(undefined)
    if (newest !== undefined) void this.#loadReport(newest)
  }

  /** Shows a line of a file. A module of a scenario is none of the files that can be written here: nothing happens. */
  goTo(place: LookedAt): void {
    if (this.files.value?.some(({ path }) => path === place.file)) this.place.set({ ...place })
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
    this.#isGiven = false
    if (file !== undefined && file !== this.file.value) {
      this.file.set(file)
      this.place.set(undefined)
    }
    this.report.set(undefined)
    this.traffic.set(undefined)
    this.run.set(run)
  }

  /** Chooses the first file where nobody has chosen one, or the run of a file that has run at last; says whether it did. */
  #showSomething(): boolean {
    const { value } = this.file
    const files = this.files.value ?? []
    if (value === undefined || (this.#isGiven && !files.some(({ path }) => path === value))) {
      const [first] = files
      if (first === undefined) return false
      this.choose(first.path)
      this.#isGiven = true
      return true
    }
    const newest = this.runs.value.find(({ file }) => file === value)?.id
    if (newest === undefined || this.run.value !== undefined) return false
    this.run.set(newest)
    void this.#loadReport(newest)
    return true
  }

  /** A run is among the others from its beginning on, and has its verdict as soon as it is known. */
  #list({ duration, file, id, name, repetition, seed, startedAt, verdict }: Report): void {
    const is = verdict?.is ?? 'running'
    const { value } = this.runs
    const known = value.find((run) => run.id === id)
    if (known?.verdict === is) return
    const digest: RunDigest = { id, file, name, startedAt, duration, verdict: is, seed, repetition }
    this.runs.set(known === undefined ? [digest, ...value] : value.map((run) => (run === known ? digest : run)))
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
