import { resolvePath } from '../../../app/script-api/workspace-path.ts'
import {
  fault,
  findImport,
  findImportedName,
  type Position,
  ScriptFault,
  type ScriptSource,
  stripTypes,
} from './script-source.ts'
import type { ReadFile, RefusedFile } from './workspace-files.ts'

/** Whose script it is, in words. */
export type ScriptOwner = 'a device' | 'a scenario'

/** What the loader gives QuickJS: a name or code, or what it throws where the module is imported. */
export type Answer = string | { error: Error }

/** A script can make up names without end, and each one is remembered. */
const mostImports = 1000

/** All modules of a device together, in octets of their text as UTF-16 counts it. Its memory holds the code of them. */
const mostText = 1024 * 1024

const tooMany = 'refused: too many'

/** In UTF-16 units. Names are remembered, and looked for in the text. */
const longestSpecifier = 500

const tooLong = 'refused: too long'

interface Import {
  readonly from: string
  readonly specifier: string
}

/**
 * The modules of one device: its script, and what that imports out of the workspace, each without its types. Whatever
 * goes wrong here is thrown inside of the sandbox, where a script may catch it; `faultBehind` tells what it was.
 */
export class ScriptModules {
  readonly main: ScriptSource
  readonly #library: string
  readonly #of: ScriptOwner
  readonly #read: (path: string, from: string) => ReadFile | RefusedFile
  readonly #sources = new Map<string, ScriptSource>()
  /** Who imports a module, by its path. */
  readonly #imports = new Map<string, Import[]>()
  readonly #refused = new Map<string, Answer>()
  readonly #faults = new Map<string, ScriptFault>()
  #length = 0
  #importCount = 0

  /** @param library the one name that is no path */
  constructor(
    main: ScriptSource,
    library: string,
    read: (path: string, from: string) => ReadFile | RefusedFile,
    of: ScriptOwner = 'a device',
  ) {
    this.main = main
    this.#library = library
    this.#of = of
    this.#read = read
    this.#sources.set(main.file, main)
  }

  /**
   * Gives a module its name: its path in the workspace, or one that is no path where `load` has to refuse it. QuickJS's
   * binding goes on with a module of no name if this function throws.
   */
  resolve(importer: string, specifier: string): string {
    if (specifier.length > longestSpecifier) return tooLong
    // Code that a script evaluates has no file of its own.
    const from = this.#sources.has(importer) ? importer : this.main.file
    if (this.#importCount > mostImports) return tooMany
    if (specifier === this.#library) return this.#imported(specifier, { from, specifier })
    if (!/^\.\.?\//.test(specifier)) {
      const library = this.#library
      const reason = `${this.#of}'s script can import only '${library}' and modules of its workspace, such as './lib/curves'`
      return this.#willRefuse({ from, specifier }, reason)
    }
    const resolved = resolvePath(specifier.endsWith('.ts') ? specifier : `${specifier}.ts`, from)
    if (resolved.path === undefined) return this.#willRefuse({ from, specifier }, `it ${resolved.refused}`)
    return this.#imported(resolved.path, { from, specifier })
  }

  /** Reads a module. QuickJS asks for each one once. */
  load(path: string): Answer {
    if (path === tooMany) return { error: new Error(`more than ${mostImports} imports`) }
    if (path === tooLong) {
      return { error: new Error(`cannot import what has a name of more than ${longestSpecifier} characters`) }
    }
    const refused = this.#refused.get(path)
    if (refused !== undefined) return refused
    const by = this.#imports.get(path)?.[0] ?? { from: this.main.file, specifier: path }
    const file = this.#read(path, '')
    if (!('text' in file)) return this.#refuse(by, `${path} ${file.refused}`)
    this.#length += file.text.length
    if (this.#length > mostText) return this.#refuse(by, `all modules of ${this.#of} together have more than 1 MB`)
    const source = { file: path, text: file.text }
    this.#sources.set(path, source)
    return this.#stripped(source)
  }

  /** Text of a file that QuickJS knows. */
  textOf(file: string): string | undefined {
    return this.#sources.get(file)?.text
  }

  /** What was thrown with this message, if it was thrown here. */
  faultBehind(message: string): ScriptFault | undefined {
    return this.#faults.get(message)
  }

  /** Where a name is imported that its module does not have. */
  findImportedName(path: string, name: string): { source: ScriptSource; position: Position } | undefined {
    for (const { from, specifier } of this.#imports.get(path) ?? []) {
      const source = this.#sources.get(from) as ScriptSource
      const position = findImportedName(source, name, specifier)
      if (position !== undefined) return { source, position }
    }
    return undefined
  }

  #imported(path: string, by: Import): string {
    const imports = this.#imports.get(path) ?? []
    if (!imports.some(({ from, specifier }) => from === by.from && specifier === by.specifier)) {
      imports.push(by)
      this.#importCount++
    }
    this.#imports.set(path, imports)
    return path
  }

  #stripped(source: ScriptSource): Answer {
    try {
      return stripTypes(source)
    } catch (error) {
      // Anything else is a failure of the library that strips, and not to be passed through QuickJS.
      if (error instanceof ScriptFault) return this.#throwInside(error)
      throw error
    }
  }

  #willRefuse(by: Import, reason: string): string {
    const name = `refused: ${by.specifier} in ${by.from}`
    if (!this.#refused.has(name)) {
      this.#refused.set(name, this.#refuse(by, reason))
      this.#importCount++
    }
    return name
  }

  #refuse({ from, specifier }: Import, reason: string): Answer {
    const source = this.#sources.get(from) as ScriptSource
    return this.#throwInside(fault(source, `cannot import '${specifier}': ${reason}`, findImport(source, specifier)))
  }

  #throwInside(failure: ScriptFault): Answer {
    const { file, line, column, message } = failure.error
    const text = `${message} (${line === undefined ? file : `${file}:${line}:${column}`})`
    this.#faults.set(text, failure)
    return { error: new Error(text) }
  }
}
