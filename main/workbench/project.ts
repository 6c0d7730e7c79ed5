import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter } from '../../app/base/emitter.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import type { EventValue, ScriptSnapshot } from '../../app/contract/contract.ts'
import type { TargetSnapshot } from '../../app/contract/targets.ts'
import type { DraftGroup } from '../../app/scenario/hand-deeds.ts'
import type { Devices, DeviceTarget } from '../devices/devices.ts'
import type { FleetEntry } from '../devices/fleet-group.ts'
import type { Fleets } from '../devices/fleets.ts'
import { listCertificates } from '../workspace/certificate-files.ts'
import { createScript } from '../workspace/new-script.ts'
import type { TargetSettings } from '../workspace/settings.ts'
import { readTemplates } from '../workspace/templates.ts'
import {
  type Script,
  scriptName,
  type Watching,
  type Workspace,
  type WorkspaceContent,
} from '../workspace/workspace.ts'
import type { OwnBroker } from './own-broker.ts'
import type { Targets } from './targets.ts'

/**
 * Keeps the running devices in step with the workspace folder, whoever changes it: the screen's editor, another editor,
 * a checkout. A folder that cannot be read for a moment leaves everything as it was.
 */
export class Project implements Disposable {
  readonly #workspace: Workspace
  readonly #devices: Devices
  readonly #fleets: Fleets
  readonly #targets: Targets
  readonly #broker: OwnBroker
  readonly #target: TargetSettings | undefined
  readonly #templates: URL
  readonly #log: (line: string) => void
  readonly #changed = new Emitter<EventValue<'scripts.changed'>>()
  readonly #targetsChanged = new Emitter<TargetSnapshot[]>()
  #content: WorkspaceContent
  #watching: Watching | undefined
  #following: readonly Disposable[] = []
  /** Files that devices use, in the workspace and outside of the scripts' folder. */
  readonly #elsewhere = new Set<string>()
  /** Files that the broker uses. */
  /** Why it was not taken in the last time, where it was not. */
  #mistake: string | undefined
  #ofBroker: ReadonlySet<string> = new Set()
  /** Changes are taken in one after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  readonly onScripts = this.#changed.event
  /** Hears of the whole list. */
  readonly onTargets = this.#targetsChanged.event

  constructor(options: {
    workspace: Workspace
    content: WorkspaceContent
    devices: Devices
    fleets: Fleets
    /** Those of the content are prepared. */
    targets: Targets
    /** Has the settings of the content. */
    broker: OwnBroker
    /** What devices connect to instead of the workspace's target. */
    target: TargetSettings | undefined
    /** The folder of what a new script can begin with; ends in `/`. */
    templates: URL
    log: (line: string) => void
  }) {
    this.#workspace = options.workspace
    this.#content = options.content
    this.#devices = options.devices
    this.#fleets = options.fleets
    this.#targets = options.targets
    this.#broker = options.broker
    this.#target = options.target
    this.#templates = options.templates
    this.#log = options.log
  }

  /** Starts the devices and begins to watch the folder. */
  start(): void {
    const watching = this.#workspace.watch(
      (paths) => void this.#inTurn(() => this.#takeIn(paths)),
      (error) => this.#log(`the workspace folder cannot be watched for changes: ${messageOf(error)}`),
    )
    this.#watching = watching
    this.#followBroker(watching)
    this.#following = [
      this.#targets.onChanged(() => this.#targetsChanged.fire(this.targets())),
      this.#devices.onFileUsed((path) => {
        if (!path.startsWith('devices/')) this.#elsewhere.add(path)
        watching.follow(path)
      }),
      this.#devices.onFileLeft((path) => {
        this.#elsewhere.delete(path)
        watching.leave(path)
      }),
    ]
    this.#setDevices()
  }

  get name(): string {
    return this.#content.name
  }

  get path(): string {
    return this.#workspace.path
  }

  scripts(): ScriptSnapshot[] {
    const { scripts, texts, devices } = this.#content
    const running = [...scripts.keys()].map((path) => ({
      path,
      devices: devices.filter((device) => device.script === path).length,
    }))
    return [...running, ...[...texts.keys()].map((path) => ({ path, devices: this.#devices.usersOf(path) }))]
  }

  /** The entries of the workspace, as a scenario names them. */
  draftGroups(): DraftGroup[] {
    const clients = new Map(this.#devices.list().map(({ clientId, id }) => [id, clientId]))
    return this.#content.fleets.map(({ count, id: name, idOf, script }) => ({
      name,
      script: scriptName(script),
      count,
      devices: Array.from({ length: count }, (_, i) => idOf(i + 1)).flatMap((id) => {
        const clientId = clients.get(id)
        return clientId === undefined ? [] : [{ id, clientId }]
      }),
    }))
  }

  readScript(path: string): Promise<Script> {
    return this.#workspace.readScript(path)
  }

  /** Names of the client certificates of the workspace. */
  certificates(): Promise<string[]> {
    return listCertificates(this.#workspace.path)
  }

  /** Saves a script and restarts its devices; tells how many. Errors as `Workspace.writeScript`. */
  writeScript(path: string, text: string, basedOn: string): Promise<{ revision: string; restarted: number }> {
    return this.#inTurn(async () => {
      const script = await this.#workspace.writeScript(path, text, basedOn)
      const restarted = await this.#take(script)
      this.#setDevices()
      this.#changed.fire({ scripts: this.scripts(), touched: [path] })
      return { revision: script.revision, restarted }
    })
  }

  /** What a new script can begin with, in the order in which it is offered. */
  async templates(): Promise<{ id: string; title: string; description: string }[]> {
    const templates = await readTemplates(this.#templates)
    return templates.map(({ id, title, description }) => ({ id, title, description }))
  }

  /** Makes a script from a template and starts its device. Errors as `createScript`; `not-found` for the template. */
  createScript(name: string, template: string): Promise<{ path: string }> {
    return this.#inTurn(async () => {
      const found = (await readTemplates(this.#templates)).find(({ id }) => id === template)
      if (found === undefined) {
        throw new FaultlineError({ code: 'not-found', message: `there is no template '${template}'` })
      }
      const path = await createScript(this.#workspace.path, name, found.text, found.count)
      await this.#takeIn()
      return { path }
    })
  }

  dispose(): void {
    for (const following of this.#following) following.dispose()
    this.#watching?.dispose()
    this.#changed.dispose()
    this.#targetsChanged.dispose()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** A text that was saved: tells how many devices were restarted. */
  async #take(file: Script): Promise<number> {
    if (!this.#content.scripts.has(file.path)) {
      const texts = new Map(this.#content.texts).set(file.path, file.revision)
      this.#content = { ...this.#content, texts }
      return this.#devices.filesChanged([file.path])
    }
    const scripts = new Map(this.#content.scripts).set(file.path, file)
    this.#content = { ...this.#content, scripts }
    // A script can be a module of another one.
    return (await this.#devices.reload(file.path, file.text)) + (await this.#devices.filesChanged([file.path]))
  }

  /** Those that are there: of the others, the device that looks for them says what is wrong. */
  async #readElsewhere(): Promise<[string, string][]> {
    const read = await Promise.all(
      [...this.#elsewhere].map((path) => this.#workspace.readScript(path).catch(() => undefined)),
    )
    return read.filter((file) => file !== undefined).map(({ path, revision }) => [path, revision])
  }

  /** @param paths that have changed; none: any may have */
  async #takeIn(paths: readonly string[] = []): Promise<void> {
    try {
      const before = this.#content
      const content = await this.#workspace.read()
      await this.#targets.prepare(targetsOf(content))
      await this.#broker.follow(content.broker, paths)
      this.#followBroker(this.#watching)
      const touched = [...content.scripts.values()].filter(
        (script) => before.scripts.get(script.path)?.revision !== script.revision,
      )
      const texts = new Map([...content.texts, ...(await this.#readElsewhere())])
      const texted = [...new Set([...texts.keys(), ...before.texts.keys()])].filter(
        (path) => texts.get(path) !== before.texts.get(path),
      )
      const gone = [...before.scripts.keys()].filter((path) => !content.scripts.has(path))
      this.#content = { ...content, texts }
      for (const script of touched) await this.#devices.reload(script.path, script.text)
      this.#setDevices()
      await this.#devices.filesChanged([...touched.map((script) => script.path), ...texted, ...gone, ...paths])
      if (content.seed !== before.seed) this.#log('the seed has changed: it counts from the next start on')
      this.#changed.fire({
        scripts: this.scripts(),
        touched: [...touched.map((script) => script.path), ...texted, ...gone],
      })
      if (this.#mistake !== undefined) this.#log('the workspace has that mistake no more')
      this.#mistake = undefined
    } catch (error) {
      const mistake = messageOf(error)
      // What is written in several steps is read after each of them.
      if (mistake !== this.#mistake) this.#log(`the workspace has a mistake, so it runs on as it was: ${mistake}`)
      this.#mistake = mistake
    }
  }

  /** Its settings may name other files than before. */
  #followBroker(watching: Watching | undefined): void {
    const now = new Set(this.#broker.files)
    for (const path of now) if (!this.#ofBroker.has(path)) watching?.follow(path)
    for (const path of this.#ofBroker) if (!now.has(path)) watching?.leave(path)
    this.#ofBroker = now
  }

  #setDevices(): void {
    const { fleets, scripts } = this.#content
    this.#targetsChanged.fire(this.targets())
    this.#fleets.set(
      fleets.map(({ target, ...fleet }): FleetEntry => {
        const { text } = scripts.get(fleet.script) as Script
        return { ...fleet, source: text, ...this.connectsTo(target) }
      }),
    )
  }

  /** The brokers that devices connect to and that are not the workbench's own: the one for all devices first. */
  targets(): TargetSnapshot[] {
    const used = [this.#common, ...this.#content.fleets.map(({ target }) => target)]
    return this.#targets.describe(used.filter((each) => each !== undefined))
  }

  /** What devices connect to that have no target of their own. */
  get #common(): TargetSettings | undefined {
    return this.#target ?? this.#content.target
  }

  /** @param own the target that an entry of `faultline.json` names for its devices. */
  connectsTo(own: TargetSettings | undefined): { target?: DeviceTarget } {
    const target = own ?? this.#common
    return target === undefined ? {} : { target: this.#targets.get(target) }
  }
}

/** Every target that the devices of a workspace may connect to. */
export function targetsOf({ target, devices }: WorkspaceContent): TargetSettings[] {
  return [target, ...devices.map((device) => device.target)].filter((each) => each !== undefined)
}
