import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { messageOf } from '../../app/base/errors.ts'
import type { EventValue, ScriptSnapshot } from '../../app/contract/contract.ts'
import type { Devices } from '../devices/devices.ts'
import type { Script, Workspace, WorkspaceContent } from '../workspace/workspace.ts'

/**
 * Keeps the running devices in step with the workspace folder, whoever changes it: the screen's editor, another editor,
 * a checkout. A folder that cannot be read for a moment leaves everything as it was.
 */
export class Project implements Disposable {
  readonly #workspace: Workspace
  readonly #devices: Devices
  readonly #log: (line: string) => void
  readonly #changed = new Emitter<EventValue<'scripts.changed'>>()
  #content: WorkspaceContent
  #watching: Disposable | undefined
  /** Changes are taken in one after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  readonly onScripts = this.#changed.event

  constructor(options: {
    workspace: Workspace
    content: WorkspaceContent
    devices: Devices
    log: (line: string) => void
  }) {
    this.#workspace = options.workspace
    this.#content = options.content
    this.#devices = options.devices
    this.#log = options.log
  }

  /** Starts the devices and begins to watch the folder. */
  start(): void {
    this.#setDevices()
    this.#watching = this.#workspace.watch(
      () => void this.#inTurn(() => this.#takeIn()),
      (error) => this.#log(`the workspace folder cannot be watched for changes: ${messageOf(error)}`),
    )
  }

  get name(): string {
    return this.#content.name
  }

  get path(): string {
    return this.#workspace.path
  }

  scripts(): ScriptSnapshot[] {
    const { scripts, devices } = this.#content
    return [...scripts.keys()].map((path) => ({
      path,
      devices: devices.filter((device) => device.script === path).length,
    }))
  }

  readScript(path: string): Promise<Script> {
    return this.#workspace.readScript(path)
  }

  /** Saves a script and restarts its devices; tells how many. Errors as `Workspace.writeScript`. */
  writeScript(path: string, text: string, basedOn: string): Promise<{ revision: string; restarted: number }> {
    return this.#inTurn(async () => {
      const script = await this.#workspace.writeScript(path, text, basedOn)
      const scripts = new Map(this.#content.scripts).set(path, script)
      this.#content = { ...this.#content, scripts }
      const restarted = await this.#devices.reload(path, text)
      this.#changed.fire({ scripts: this.scripts(), touched: [path] })
      return { revision: script.revision, restarted }
    })
  }

  dispose(): void {
    this.#watching?.dispose()
    this.#changed.dispose()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #takeIn(): Promise<void> {
    try {
      const before = this.#content
      const content = await this.#workspace.read()
      const touched = [...content.scripts.values()].filter(
        (script) => before.scripts.get(script.path)?.revision !== script.revision,
      )
      const gone = [...before.scripts.keys()].filter((path) => !content.scripts.has(path))
      this.#content = content
      for (const script of touched) await this.#devices.reload(script.path, script.text)
      this.#setDevices()
      if (content.seed !== before.seed) this.#log('the seed has changed: it counts from the next start on')
      this.#changed.fire({ scripts: this.scripts(), touched: [...touched.map((script) => script.path), ...gone] })
    } catch (error) {
      this.#log(`the workspace has a mistake, so it runs on as it was: ${messageOf(error)}`)
    }
  }

  #setDevices(): void {
    const { devices, scripts } = this.#content
    this.#devices.set(devices.map(({ id, script }) => ({ id, script, source: (scripts.get(script) as Script).text })))
  }
}
