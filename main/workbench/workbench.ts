import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import type { Transport } from '../../app/contract/transport.ts'
import { SysTopics } from '../broker/engine/sys-topics.ts'
import type { StoreChoice } from '../broker/stores/open-store.ts'
import { type CodeCopy, copyCode } from '../devices/code-copy.ts'
import type { Devices } from '../devices/devices.ts'
import type { FleetEntry } from '../devices/fleet-group.ts'
import type { Fleets } from '../devices/fleets.ts'
import type { BrokerSettings } from '../workspace/broker-settings.ts'
import { isDeviceScript, scriptName, Workspace, type WorkspaceContent } from '../workspace/workspace.ts'
import type { ListenerPorts } from './broker-parts.ts'
import { Captures } from './captures.ts'
import { Deeds } from './deeds.ts'
import { Metrics } from './metrics.ts'
import { OwnBroker } from './own-broker.ts'
import type { Parts } from './parts.ts'
import { Project, targetsOf } from './project.ts'
import { RecordingDesk } from './recording-desk.ts'
import { addressOf, layRoads, type Roads, settleDevices } from './roads.ts'
import { runOnScreen } from './run-on-screen.ts'
import { ScenarioDesk } from './scenario-desk.ts'
import { Screen } from './screen.ts'
import { StatsMeter } from './stats-meter.ts'

export interface WorkbenchOptions {
  /** Path of the workspace folder. */
  readonly workspace: string
  /** The address of this machine that the broker listens on. @default what the workspace's settings say, or 127.0.0.1 */
  readonly host?: string | undefined
  /** Where clients connect; the workspace's settings say what is not given here, but for MQTT over TCP. */
  readonly ports: ListenerPorts
  /** What devices connect to instead of the workspace's target: a URL, see `parseTarget`. */
  readonly target?: string | undefined
  /** The bundles that run in the devices' worker threads and in their sandboxes. */
  readonly assets: { readonly worker: URL; readonly guest: URL }
  /** The folder of what a new script can begin with; ends in `/`. */
  readonly templates: URL
  /** The folder of the script API's `.d.ts` files, ends in `/`. @default types of scenarios are not looked at before they run */
  readonly types?: URL
  readonly onlyFleet?: OnlyFleet
  /** Where the broker keeps Sessions and retained messages. @default in memory, until it stops */
  readonly store?: StoreChoice
  readonly clock: Clock
  readonly version: string
  /** Hears, a line at a time, what a user should know and no screen asked for. */
  log(line: string): void
}

/** Runs this fleet and nothing else: the workspace's own devices stay off, and nobody follows its files. */
export interface OnlyFleet extends Omit<FleetEntry, 'target'> {
  /** Instead of the workspace's. */
  readonly seed: string | number | undefined
  /** Whether its script may read the workspace's files. */
  readonly readsFiles: boolean
}

export interface Workbench {
  readonly fleets: Fleets
  /** Of the fleets that are scripted. */
  readonly devices: Devices
  /** Such as `mqtt://127.0.0.1:1883`, with the port that was taken. */
  readonly mqttUrl: string
  /** The same for each listener of the broker, MQTT over TCP first. */
  readonly urls: readonly string[]
  /** What is drawn comes from it. */
  readonly seed: string | number
  /** Serves one screen over a transport until the transport closes or the result is disposed. */
  attach(transport: Transport): Disposable
  /** Figures for Prometheus, until the workbench closes. Called once. */
  metrics(): Metrics
  /** Disconnects the devices, ends the broker and frees the port. */
  close(): Promise<void>
}

/** What stands before anything can be seen of it: the broker listens, the roads lead to it, and the devices are off. */
interface Ground {
  readonly workspace: Workspace
  readonly content: WorkspaceContent
  readonly seed: string | number
  readonly own: OwnBroker
  readonly roads: Roads
  /** Ends the way of clients to the broker. */
  readonly links: Disposable
  readonly deeds: Deeds
  readonly code: CodeCopy
  readonly settled: ReturnType<typeof settleDevices>
}

/**
 * Puts the parts of the house together: listener → Link → broker, with the recorder at the tap, and the devices as
 * clients like any other.
 *
 * @throws FaultlineError what `Workspace.open`, `Workspace.read` and `OwnBroker.start` throw, such as `port-in-use`.
 */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const ground = await layGround(options)
  const parts = furnish(options, ground)
  const disposables = gather(options, ground, parts)
  begin(options, parts)
  return new RunningWorkbench(ground, parts, disposables, options.log)
}

async function layGround(options: WorkbenchOptions): Promise<Ground> {
  const { clock, log, target } = options
  const workspace = await Workspace.open(options.workspace)
  const content = await workspace.read()
  const seed = options.onlyFleet?.seed ?? content.seed
  const own = await startBroker(options, workspace, content)
  const explain = (clientId: string, reason: string) =>
    Promise.all([settled.devices.explain(clientId, reason), settled.fleets.explain(clientId, reason)])
  const deeds = new Deeds(() => clock.now())
  const roads = layRoads({ clock, seed, workspace: workspace.path, explain, log, hears: deeds.tap })
  const links = own.lead(roads)
  const known = [...(target === undefined ? [] : [target]), ...targetsOf(content)]
  await roads.targets.prepare(known).catch(async (error) => {
    await Promise.all([own.stopListening(), own.engine.close()])
    throw error
  })
  const readable = options.onlyFleet?.readsFiles === false ? undefined : workspace.path
  const code = await copyCode(options.assets, log)
  const broker = addressOf(urlOf(own))
  const settled = settleDevices(roads, { seed, broker, assets: code, workspace: readable })
  return { workspace, content, seed, own, roads, links, deeds, code, settled }
}

function startBroker(options: WorkbenchOptions, workspace: Workspace, content: WorkspaceContent): Promise<OwnBroker> {
  const { clock, host, log, onlyFleet, ports, store } = options
  return OwnBroker.start({
    clock,
    workspace: workspace.path,
    // A fleet by itself has its broker for itself: other ports may be in use by the workbench that it is tried beside.
    settings: onlyFleet === undefined ? content.broker : rulesOf(content.broker),
    host,
    ports,
    store,
    log,
  })
}

/** All that the handlers of the contract work with; nothing of it runs yet. */
function furnish(options: WorkbenchOptions, ground: Ground): Parts {
  const { clock, log, target, templates, version } = options
  const { content, deeds, own, roads, settled, workspace } = ground
  const { connections, live, recorder, targets, wire } = roads
  const { devices, fleets } = settled
  const project = new Project({ workspace, content, devices, fleets, targets, broker: own, target, templates, log })
  const captures = new Captures({ clock, live, log })
  const { path } = workspace
  const recordings = new RecordingDesk({ clock, recorder, live, captures, workspace: path, program: version })
  deeds.follow({ wire, devices })
  return {
    clock,
    version,
    mqttUrl: urlOf(own),
    broker: own.engine,
    own,
    recorder,
    captures,
    recordings,
    wire,
    connections,
    devices,
    fleets,
    project,
    stats: new StatsMeter({ clock, recorder, connections }),
    scenarios: scenarioDesk(options, ground, project),
    deeds,
  }
}

function scenarioDesk(options: WorkbenchOptions, ground: Ground, project: Project): ScenarioDesk {
  const { clock, log, types, version } = options
  const { code, deeds, seed, workspace } = ground
  return new ScenarioDesk({
    clock,
    workspace,
    assets: code,
    carryOut: runOnScreen({
      clock,
      assets: code,
      version,
      workspace: workspace.path,
      scripts: () => project.scripts().flatMap(({ path }) => (isDeviceScript(path) ? [scriptName(path)] : [])),
      types,
      log,
    }),
    deeds,
    drafted: () => ({ seed, groups: project.draftGroups() }),
    log,
  })
}

/** What ends at once when the workbench closes, before what takes its time. */
function gather({ clock, version }: WorkbenchOptions, ground: Ground, parts: Parts): DisposableStore {
  const { content, deeds, links, own, settled } = ground
  const disposables = new DisposableStore()
  for (const each of [links, parts.project, parts.stats, deeds]) disposables.add(each)
  const { sysInterval } = content.broker ?? {}
  if (sysInterval !== 0) {
    const source = own.engine
    disposables.add(new SysTopics({ clock, source, version: `faultline version ${version}`, interval: sysInterval }))
  }
  disposables.add(settled.faults)
  return disposables
}

/** The workspace's devices, or the one fleet instead of them. */
function begin({ onlyFleet }: WorkbenchOptions, { fleets, project, scenarios }: Parts): void {
  if (onlyFleet === undefined) {
    project.start()
    scenarios.start()
  } else {
    const { readsFiles: _files, seed: _seed, ...entry } = onlyFleet
    fleets.set([{ ...entry, ...project.connectsTo(undefined) }])
  }
}

class RunningWorkbench implements Workbench {
  readonly mqttUrl: string
  readonly urls: readonly string[]
  readonly seed: string | number
  readonly fleets: Fleets
  readonly devices: Devices
  readonly #ground: Ground
  readonly #parts: Parts
  readonly #disposables: DisposableStore
  readonly #log: (line: string) => void
  readonly #screens = new Set<Screen>()

  constructor(ground: Ground, parts: Parts, disposables: DisposableStore, log: (line: string) => void) {
    this.mqttUrl = parts.mqttUrl
    this.urls = ground.own.urls
    this.seed = ground.seed
    this.fleets = parts.fleets
    this.devices = parts.devices
    this.#ground = ground
    this.#parts = parts
    this.#disposables = disposables
    this.#log = log
  }

  attach(transport: Transport): Disposable {
    const screen = new Screen(transport, this.#parts, this.#log)
    this.#screens.add(screen)
    transport.onClose(() => {
      this.#screens.delete(screen)
      screen.dispose()
    })
    return screen
  }

  metrics(): Metrics {
    const { clock, own, recorder, version } = this.#parts
    return this.#disposables.add(new Metrics({ clock, version, broker: own.engine, recorder }))
  }

  async close(): Promise<void> {
    const { broker, captures, devices, fleets, own, recordings, scenarios, wire } = this.#parts
    const { code, roads } = this.#ground
    this.#disposables.dispose()
    // What is held would keep devices and broker from ending.
    wire.dispose()
    // Devices say DISCONNECT while there is still a broker to hear it.
    for (const end of [
      () => scenarios.close(),
      () => Promise.all([fleets.close(), devices.close()]),
      () => code.dispose(),
      () => own.stopListening(),
      () => roads.targets.close(),
      () => broker.close(),
      () => recordings.dispose(),
    ]) {
      await end().catch((error) => this.#log(`while stopping: ${messageOf(error)}`))
    }
    captures.dispose()
    for (const screen of this.#screens) screen.dispose()
  }
}

/** Of MQTT over TCP, which is always there. */
function urlOf({ urls: [url = ''] }: OwnBroker): string {
  return url
}

function rulesOf(settings: BrokerSettings | undefined): BrokerSettings | undefined {
  return settings && { access: settings.access, limits: settings.limits }
}
