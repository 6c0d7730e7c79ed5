import type { ScriptSnapshot } from '../../app/contract/contract.ts'
import type { Call } from './script-documents.ts'
import { Store } from './store.ts'

const deviceEnding = '.device.ts'

/** The modules that scripts of the workspace can import, as they are on disk: the editor needs their types. */
export class ScriptModules {
  readonly #call: Call
  readonly #report: (error: unknown) => void
  /** Path to text. */
  readonly texts = new Store<ReadonlyMap<string, string>>(new Map())

  constructor(call: Call, report: (error: unknown) => void) {
    this.#call = call
    this.#report = report
  }

  /**
   * The workbench says which files there are.
   * @param touched those that changed; undefined when any may have
   */
  async follow(scripts: readonly ScriptSnapshot[], touched?: readonly string[]): Promise<void> {
    const paths = scripts.map(({ path }) => path).filter(isModule)
    const wanted = paths.filter(
      (path) => touched === undefined || touched.includes(path) || !this.texts.value.has(path),
    )
    const read = new Map(await Promise.all(wanted.map((path) => this.#read(path))))
    const texts = new Map<string, string>()
    for (const path of paths) {
      const text = read.get(path) ?? this.texts.value.get(path)
      if (text !== undefined) texts.set(path, text)
    }
    // Most scripts have no modules, and nobody has to hear of it then.
    if (texts.size > 0 || this.texts.value.size > 0) this.texts.set(texts)
  }

  async #read(path: string): Promise<[string, string | undefined]> {
    try {
      return [path, (await this.#call('scripts.read', { path })).text]
    } catch (error) {
      this.#report(error)
      return [path, undefined]
    }
  }
}

function isModule(path: string): boolean {
  return path.endsWith('.ts') && !path.endsWith(deviceEnding)
}
