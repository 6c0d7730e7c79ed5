import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, toErrorData } from '../../app/base/errors.ts'
import type { MethodName, Params, Result } from '../../app/contract/contract.ts'
import { Store } from './store.ts'

export type Call = <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>

/** A script as the editor has it. */
export interface ScriptDocument {
  readonly path: string
  readonly state: 'loading' | 'ready' | 'unreadable'
  /** What is in the editor. */
  readonly text: string
  /** What was last read or saved, and its revision on disk. */
  readonly savedText: string
  readonly revision: string
  readonly saving: boolean
  /** The file on disk is no longer what the text is based on, and the text has changes of its own. */
  readonly conflict: boolean
  readonly error: FaultlineError | undefined
  /** How many devices the last save restarted; undefined before the first. */
  readonly restarted: number | undefined
}

export function isDirty(document: ScriptDocument): boolean {
  return document.state === 'ready' && document.text !== document.savedText
}

/** Where scripts are read from and written to. */
export interface ScriptFiles {
  read(path: string): Promise<Result<'scripts.read'>>
  write(path: string, text: string, basedOn: string): Promise<Result<'scripts.write'>>
}

function deviceScripts(call: Call): ScriptFiles {
  return {
    read: (path) => call('scripts.read', { path }),
    write: (path, text, basedOn) => call('scripts.write', { path, text, basedOn }),
  }
}

/** Scenarios are run when somebody says so: to save one restarts nothing. */
export function scenarioScripts(call: Call): ScriptFiles {
  return {
    read: (path) => call('scenarios.read', { path }),
    write: async (path, text, basedOn) => ({
      ...(await call('scenarios.write', { path, text, basedOn })),
      restarted: 0,
    }),
  }
}

type Documents = ReadonlyMap<string, ScriptDocument>

/**
 * The scripts that were opened in the editor. What somebody typed stays here, whichever script is shown, until it is
 * saved or given up for what is on disk.
 */
export class ScriptDocuments {
  readonly #files: ScriptFiles
  readonly #replaced = new Emitter<string>()
  readonly #saving = new Emitter<string>()
  /** Scripts that are to be saved again: what was typed while they were being saved. */
  readonly #again = new Set<string>()
  readonly all = new Store<Documents>(new Map())

  /** The text of this script changed other than by typing: the editor has to show it. */
  readonly onReplaced = this.#replaced.event

  /** This script is about to be saved, and its devices to be restarted. */
  readonly onSaving = this.#saving.event

  constructor(call: Call, files: ScriptFiles = deviceScripts(call)) {
    this.#files = files
  }

  get(path: string): ScriptDocument | undefined {
    return this.all.value.get(path)
  }

  /** Reads a script from the workbench unless it is here already. */
  async open(path: string): Promise<void> {
    const known = this.get(path)
    if (known !== undefined && known.state !== 'unreadable') return
    this.#set({ ...blank, path })
    try {
      this.#show(path, await this.#files.read(path))
    } catch (error) {
      this.#update(path, { state: 'unreadable', error: toFaultline(error) })
    }
  }

  edit(path: string, text: string): void {
    this.#update(path, { text })
  }

  /** Saves, which restarts the script's devices. Typing may go on meanwhile, and what is saved meanwhile is saved next. */
  async save(path: string): Promise<void> {
    const document = this.get(path)
    if (document === undefined || document.state !== 'ready') return
    if (document.saving) this.#again.add(path)
    else await this.#write(path, document.text, document.revision)
  }

  /** Saves over what somebody else put on disk. */
  async overwrite(path: string): Promise<void> {
    const document = this.get(path)
    if (document === undefined || document.saving) return
    this.#update(path, { saving: true })
    try {
      const { revision } = await this.#files.read(path)
      this.#update(path, { saving: false })
      await this.#write(path, document.text, revision)
    } catch (error) {
      this.#again.delete(path)
      this.#update(path, { saving: false, error: toFaultline(error) })
    }
  }

  /** Takes what is on disk in place of what was typed; the editor can undo it. */
  async reload(path: string): Promise<void> {
    try {
      this.#show(path, await this.#files.read(path))
    } catch (error) {
      this.#update(path, { error: toFaultline(error) })
    }
  }

  /** The workbench says that these files changed on disk. */
  async touched(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const document = this.get(path)
      if (document === undefined || document.state === 'loading' || document.saving) continue
      await this.#compareWithDisk(path)
    }
  }

  /** Looks again at every script that is open: the connection was away and may have missed something. */
  async refresh(): Promise<void> {
    await this.touched([...this.all.value.keys()])
  }

  async #compareWithDisk(path: string): Promise<void> {
    try {
      const disk = await this.#files.read(path)
      const document = this.get(path)
      if (document === undefined || document.saving || disk.revision === document.revision) return
      if (!isDirty(document) || disk.text === document.text) this.#show(path, disk)
      else this.#update(path, { conflict: true })
    } catch (error) {
      this.#update(path, { error: toFaultline(error) })
    }
  }

  async #write(path: string, text: string, basedOn: string): Promise<void> {
    this.#update(path, { saving: true, error: undefined })
    this.#saving.fire(path)
    try {
      const { revision, restarted } = await this.#files.write(path, text, basedOn)
      this.#update(path, { saving: false, savedText: text, revision, restarted, conflict: false })
    } catch (error) {
      const problem = toFaultline(error)
      const conflict = problem.code === 'conflict'
      this.#update(path, { saving: false, conflict, error: conflict ? undefined : problem })
    }
    const document = this.get(path)
    if (this.#again.delete(path) && document !== undefined && isDirty(document)) await this.save(path)
  }

  #show(path: string, disk: Result<'scripts.read'>): void {
    const restarted = this.get(path)?.restarted
    this.#set({
      ...blank,
      path,
      state: 'ready',
      text: disk.text,
      savedText: disk.text,
      revision: disk.revision,
      restarted,
    })
    this.#replaced.fire(path)
  }

  #update(path: string, changes: Partial<ScriptDocument>): void {
    const document = this.get(path)
    if (document !== undefined) this.#set({ ...document, ...changes })
  }

  #set(document: ScriptDocument): void {
    this.all.set(new Map(this.all.value).set(document.path, document))
  }
}

const blank: ScriptDocument = {
  path: '',
  state: 'loading',
  text: '',
  savedText: '',
  revision: '',
  saving: false,
  conflict: false,
  error: undefined,
  restarted: undefined,
}

function toFaultline(error: unknown): FaultlineError {
  return error instanceof FaultlineError ? error : new FaultlineError(toErrorData(error), { cause: error })
}
