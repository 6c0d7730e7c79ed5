import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import type { Transport } from '../../app/contract/transport.ts'
import { SysTopics } from '../broker/engine/sys-topics.ts'
import type { StoreChoice } from '../broker/stores/open-store.ts'
import { copyCode } from '../devices/code-copy.ts'
import type { Devices } from '../devices/devices.ts'
import type { FleetEntry } from '../devices/fleet-group.ts'
import type { Fleets } from '../devices/fleets.ts'
import type { BrokerSettings } from '../workspace/broker-settings.ts'
import { isDeviceScript, scriptName, Workspace } from '../workspace/workspace.ts'
import type { ListenerPorts } from './broker-parts.ts'
import { Captures } from './captures.ts'
import { Deeds } from './deeds.ts'
import { Metrics } from './metrics.ts'
import { OwnBroker } from './own-broker.ts'
import type { Parts } from './parts.ts'
import { Project, targetsOf } from './project.ts'
import { RecordingDesk } from './recording-desk.ts'
import { addressOf, layRoads, settleDevices } from './roads.ts'
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

/**
 * Puts the parts of the house together: listener → Link → broker, with the recorder at the tap, and the devices as
 * clients like any other.
 *
 * @throws FaultlineError what `Workspace.open`, `Workspace.read` and `OwnBroker.start` throw, such as `port-in-use`.
 */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { clock, log } = options
  const workspace = await Workspace.open(options.workspace)
  const content = await workspace.read()
  const seed = options.onlyFleet?.seed ?? content.seed
  const own = await OwnBroker.start({
    clock,
    workspace: workspace.path,
    // A fleet by itself has its broker for itself: other ports may be in use by the workbench that it is tried beside.
    settings: options.onlyFleet === undefined ? content.broker : rulesOf(content.broker),
    host: options.host,
    ports: options.ports,
    store: options.store,
    log,
  })
  const { engine: broker, urls } = own
  const [mqttUrl = ''] = urls
  const explain = (clientId: string, reason: string) =>
    Promise.all([devices.explain(clientId, reason), fleets.explain(clientId, reason)])
  const deeds = new Deeds(() => clock.now())
  const roads = layRoads({ clock, seed, workspace: workspace.path, explain, log, hears: deeds.tap })
  const { connections, live, recorder, targets, wire } = roads
  const links = own.lead(roads)
  const { target, templates } = options
  await targets.prepare([...(target === undefined ? [] : [target]), ...targetsOf(content)]).catch(async (error) => {
    await Promise.all([own.stopListening(), broker.close()])
    throw error
  })
  const readable = options.onlyFleet?.readsFiles === false ? undefined : workspace.path
  const code = await copyCode(options.assets, log)
  const settled = settleDevices(roads, { seed, broker: addressOf(mqttUrl), assets: code, workspace: readable })
  const { devices, fleets } = settled
  const project = new Project({ workspace, content, devices, fleets, targets, broker: own, target, templates, log })
  const captures = new Captures({ clock, live, log })
  const recordings = new RecordingDesk({
    clock,
    recorder,
    live,
    captures,
    workspace: workspace.path,
    program: options.version,
  })
  deeds.follow({ wire, devices })
  const scenarios = new ScenarioDesk({
    clock,
    workspace,
    assets: code,
    carryOut: runOnScreen({
      clock,
      assets: code,
      version: options.version,
      workspace: workspace.path,
      scripts: () => project.scripts().flatMap(({ path }) => (isDeviceScript(path) ? [scriptName(path)] : [])),
      types: options.types,
      log,
    }),
    deeds,
    drafted: () => ({ seed, groups: project.draftGroups() }),
    log,
  })
  const stats = new StatsMeter({ clock, recorder, connections })
  const disposables = new DisposableStore()
  disposables.add(links)
  disposables.add(project)
  disposables.add(stats)
  disposables.add(deeds)
  const { sysInterval } = content.broker ?? {}
  if (sysInterval !== 0) {
    const version = `faultline version ${options.version}`
    disposables.add(new SysTopics({ clock, source: broker, version, interval: sysInterval }))
  }
  disposables.add(settled.faults)

  const parts: Parts = {
    clock,
    version: options.version,
    mqttUrl,
    broker,
    own,
    recorder,
    captures,
    recordings,
    wire,
    connections,
    devices,
    fleets,
    project,
    stats,
    scenarios,
    deeds,
  }
  const screens = new Set<Screen>()
  if (options.onlyFleet === undefined) {
    project.start()
    scenarios.start()
  } else {
    const { readsFiles: _files, seed: _seed, ...entry } = options.onlyFleet
    fleets.set([{ ...entry, ...project.connectsTo(undefined) }])
  }
  return {
    mqttUrl,
    urls,
    seed,
    fleets,
    devices,
    attach(transport) {
      const screen = new Screen(transport, parts, log)
      screens.add(screen)
      transport.onClose(() => {
        screens.delete(screen)
        screen.dispose()
      })
      return screen
    },
    metrics: () => disposables.add(new Metrics({ clock, version: options.version, broker, recorder })),
    async close() {
      disposables.dispose()
      // What is held would keep devices and broker from ending.
      wire.dispose()
      // Devices say DISCONNECT while there is still a broker to hear it.
      for (const end of [
        () => scenarios.close(),
        () => Promise.all([fleets.close(), devices.close()]),
        () => code.dispose(),
        () => own.stopListening(),
        () => targets.close(),
        () => broker.close(),
        () => recordings.dispose(),
      ]) {
        await end().catch((error) => log(`while stopping: ${messageOf(error)}`))
      }
      captures.dispose()
      for (const screen of screens) screen.dispose()
    },
  }
}

function rulesOf(settings: BrokerSettings | undefined): BrokerSettings | undefined {
  return settings && { access: settings.access, limits: settings.limits }
}
