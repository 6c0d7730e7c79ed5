import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { RunDigest, ScenarioFile } from '../../app/contract/scenarios.ts'
import { createOpenScript, type ScenarioAssets } from '../devices/scenario-script.ts'
import { checkPlan } from '../scenarios/check-plan.ts'
import { listScenarios, scenarioEnding } from '../workspace/scenario-files.ts'
import { readTextFile } from '../workspace/text-files.ts'

/** What is known of the text of a file. */
interface Known {
  readonly revision: string
  /** Undefined where it could not be read. */
  readonly name: string | undefined
  readonly problem: string | undefined
}

/**
 * The scenarios of a workspace: their files, what they call themselves, and what is wrong with them. Each text is planned
 * once in a sandbox, one after the other, after the list of files was told.
 */
export class ScenarioCatalog implements Disposable {
  readonly #root: string
  readonly #assets: ScenarioAssets
  readonly #log: (line: string) => void
  readonly #changed = new Emitter<void>()
  readonly #known = new Map<string, Known>()
  #paths: readonly string[] = []
  #looking: Promise<void> | undefined
  #again = false
  #disposed = false

  /** A file has come or gone, or more is known of one. */
  readonly onChanged = this.#changed.event

  /** @param options.workspace absolute */
  constructor(options: { workspace: string; assets: ScenarioAssets; log: (line: string) => void }) {
    this.#root = options.workspace
    this.#assets = options.assets
    this.#log = options.log
  }

  get paths(): readonly string[] {
    return this.#paths
  }

  /** @param runs the newest first */
  files(runs: readonly RunDigest[]): ScenarioFile[] {
    return this.#paths.map((path) => {
      const known = this.#known.get(path)
      const last = runs.find((run) => run.file === path && run.verdict !== 'running')
      return {
        path,
        name: known?.name ?? fileName(path),
        ...(known?.problem !== undefined && { problem: known.problem }),
        ...(last && {
          last: { run: last.id, verdict: last.verdict, duration: last.duration, startedAt: last.startedAt },
        }),
      }
    })
  }

  /** Looks at the folder again; resolves when the files are listed, before they are planned. */
  async look(): Promise<void> {
    this.#paths = await listScenarios(this.#root)
    for (const path of [...this.#known.keys()]) if (!this.#paths.includes(path)) this.#known.delete(path)
    this.#changed.fire()
    void this.#planAll()
  }

  dispose(): void {
    this.#disposed = true
    this.#changed.dispose()
  }

  /** One at a time: a folder of a hundred scenarios must not start a hundred threads. */
  async #planAll(): Promise<void> {
    this.#again = true
    if (this.#looking !== undefined) return this.#looking
    this.#looking = (async () => {
      while (this.#again) {
        this.#again = false
        for (const path of this.#paths) await this.#planOne(path)
      }
    })()
    try {
      await this.#looking
    } finally {
      this.#looking = undefined
    }
  }

  async #planOne(path: string): Promise<void> {
    if (this.#disposed || !this.#paths.includes(path)) return
    const known = await this.#look(path)
    if (known === undefined || this.#disposed || !this.#paths.includes(path)) return
    this.#known.set(path, known)
    this.#changed.fire()
  }

  /** Undefined where its text is known already. */
  async #look(path: string): Promise<Known | undefined> {
    try {
      const { revision, text } = await readTextFile(this.#root, path)
      if (this.#known.get(path)?.revision === revision) return undefined
      return { revision, ...(await this.#plan(path, text)) }
    } catch (error) {
      const problem = messageOf(error)
      if (!(error instanceof FaultlineError)) this.#log(`${path} could not be planned: ${problem}`)
      return this.#known.get(path)?.problem === problem ? undefined : { revision: '', name: undefined, problem }
    }
  }

  async #plan(path: string, text: string): Promise<Omit<Known, 'revision'>> {
    const script = createOpenScript(this.#assets)({ workspace: this.#root, file: path, source: text, seed: 1 })
    try {
      const draft = await script.plan()
      const { mistakes } = checkPlan(draft)
      const problem = mistakes?.map(({ message, path }) => (path === '' ? message : `${path} ${message}`)).join('; ')
      return { name: typeof draft.name === 'string' && draft.name !== '' ? draft.name : undefined, problem }
    } catch (error) {
      return { name: undefined, problem: messageOf(error) + placeOf(error) }
    } finally {
      script.dispose()
    }
  }
}

function placeOf(error: unknown): string {
  const { column, file, line } = (error instanceof FaultlineError ? error.details : undefined) ?? {}
  return typeof line === 'number' ? ` (${file}:${line}${typeof column === 'number' ? `:${column}` : ''})` : ''
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, -scenarioEnding.length)
}
