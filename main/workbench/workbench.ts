import type { Clock } from '../../app/base/clock.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { messageOf } from '../../app/base/errors.ts'
import { joinTaps, type Tap } from '../../app/capture/tap.ts'
import type { Transport } from '../../app/contract/transport.ts'
import { createConnectionPair } from '../../app/mqtt/connection-pair.ts'
import { createEngine } from '../broker/engine/engine.ts'
import type { Broker } from '../broker/broker.ts'
import type { Listener } from '../broker/listeners/listener.ts'
import { listenTcp } from '../broker/listeners/tcp-listener.ts'
import { copyCode } from '../devices/code-copy.ts'
import type { Devices } from '../devices/devices.ts'
import type { FleetEntry } from '../devices/fleet-group.ts'
import { createFleets, type Fleets } from '../devices/fleets.ts'
import { createDevices } from '../devices/supervisor.ts'
import { createWire, type Wire } from '../link/wire.ts'
import { ConnectionTable } from '../recorder/connection-table.ts'
import { Recorder } from '../recorder/recorder.ts'
import { readCertificateFile } from '../workspace/certificate-files.ts'
import { Workspace } from '../workspace/workspace.ts'
import { connectionOf } from './arrivals.ts'
import type { CaptureSource } from './capture-source.ts'
import { Captures } from './captures.ts'
import type { Parts } from './parts.ts'
import { Project, targetsOf } from './project.ts'
import { RecordingDesk } from './recording-desk.ts'
import { Screen } from './screen.ts'
import { StatsMeter } from './stats-meter.ts'
import { Targets } from './targets.ts'
import { WillOrder } from './will-order.ts'

/** How many octets of captured records stay in memory. */
const captureBudget = 64 * 1024 * 1024

export interface WorkbenchOptions {
  /** Path of the workspace folder. */
  readonly workspace: string
  /** Where clients connect; port 0 takes any that is free. */
  readonly mqtt: { readonly host: string; readonly port: number }
  /** What devices connect to instead of the workspace's target: a URL, see `parseTarget`. */
  readonly target?: string | undefined
  /** The bundles that run in the devices' worker threads and in their sandboxes. */
  readonly assets: { readonly worker: URL; readonly guest: URL }
  /** The folder of what a new script can begin with; ends in `/`. */
  readonly templates: URL
  readonly onlyFleet?: OnlyFleet
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
  /** What is drawn comes from it. */
  readonly seed: string | number
  /** Serves one screen over a transport until the transport closes or the result is disposed. */
  attach(transport: Transport): Disposable
  /** Disconnects the devices, ends the broker and frees the port. */
  close(): Promise<void>
}

/**
 * Puts the parts of the house together: listener → Link → broker, with the recorder at the tap, and the devices as
 * clients like any other.
 *
 * @throws FaultlineError `port-in-use`, and what `Workspace.open` and `Workspace.read` throw.
 */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { clock, log } = options
  const workspace = await Workspace.open(options.workspace)
  const content = await workspace.read()
  const seed = options.onlyFleet?.seed ?? content.seed
  // The broker first: a client that comes with the first tick must find it.
  const broker = await createEngine({ clock })
  const listener = await listenTcp(options.mqtt).catch(async (error) => {
    await broker.close()
    throw error
  })
  const mqttUrl = `mqtt://${options.mqtt.host}:${listener.port}`

  const recorder = new Recorder({ clock, budget: captureBudget })
  const connections = new ConnectionTable({ clock, ring: recorder })
  const problems = listener.onProblem((error) => log(`a client could not be taken in: ${messageOf(error)}`))
  const tap = joinTaps(recorder, connections)
  const wire = createWire({ clock, seed, tap, captureStart: recorder.startedAt })
  const nextConnection = counter()
  const links = connectRoad({ clock, listener, broker, wire, tap, connections, nextConnection })
  const targets = new Targets({
    clock,
    wire,
    tap,
    nextConnection,
    readFile: (path) => readCertificateFile(workspace.path, path),
    explain: async (connection, reason) => {
      // Without an identifier nobody knows which of several devices it was.
      const clientId = connections.clientId(connection)
      if (clientId) await Promise.all([devices.explain(clientId, reason), fleets.explain(clientId, reason)])
    },
    onProblem: (error) => log(`a device could not be taken in: ${messageOf(error)}`),
  })
  const { target, templates } = options
  await targets.prepare([...(target === undefined ? [] : [target]), ...targetsOf(content)]).catch(async (error) => {
    await Promise.all([listener.close(), broker.close()])
    throw error
  })
  const readable = options.onlyFleet?.readsFiles === false ? undefined : workspace.path
  const code = await copyCode(options.assets, log)
  const devices = createDevices({
    clock,
    seed,
    broker: { host: options.mqtt.host, port: listener.port },
    assets: code,
    workspace: readable,
    connectWith: (target, certificate) => targets.connectWith(target, certificate),
  })
  const fleets = createFleets({
    clock,
    seed,
    broker: { host: options.mqtt.host, port: listener.port },
    assets: code,
    workspace: readable,
    devices,
  })
  const project = new Project({ workspace, content, devices, fleets, targets, target, templates, log })
  const live: CaptureSource = liveSource(recorder, connections)
  const captures = new Captures({ clock, live, log })
  const recordings = new RecordingDesk({
    clock,
    recorder,
    live,
    captures,
    workspace: workspace.path,
    program: options.version,
  })
  const stats = new StatsMeter({ clock, recorder, connections })
  const disposables = new DisposableStore()
  disposables.add(problems)
  disposables.add(links)
  disposables.add(project)
  disposables.add(stats)
  disposables.add(
    devices.onFault(({ by, clientId, fault, id, phase, what }) =>
      tap.event(connections.openOf(clientId)?.id ?? 0, {
        type: 'fault',
        what,
        by,
        device: { id, clientId, fault, phase },
      }),
    ),
  )

  const parts: Parts = {
    clock,
    version: options.version,
    mqttUrl,
    broker,
    recorder,
    captures,
    recordings,
    wire,
    connections,
    devices,
    fleets,
    project,
    stats,
  }
  const screens = new Set<Screen>()
  if (options.onlyFleet === undefined) project.start()
  else {
    const { readsFiles: _files, seed: _seed, ...entry } = options.onlyFleet
    fleets.set([{ ...entry, ...project.connectsTo(undefined) }])
  }
  return {
    mqttUrl,
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
    async close() {
      disposables.dispose()
      // What is held would keep devices and broker from ending.
      wire.dispose()
      // Devices say DISCONNECT while there is still a broker to hear it.
      for (const end of [
        () => Promise.all([fleets.close(), devices.close()]),
        () => code.dispose(),
        () => listener.close(),
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

/** The running capture, as everything sees it that can also look at a recording. */
function liveSource(recorder: Recorder, connections: ConnectionTable): CaptureSource {
  return {
    captureStart: recorder.startedAt,
    names: connections,
    onRecorded: recorder.onRecorded,
    get first() {
      return recorder.first
    },
    get next() {
      return recorder.next
    },
    get connections() {
      return connections.list()
    },
    read: (from, limit) => recorder.read(from, limit),
  }
}

/** Network Connections are numbered from 1, whatever they lead to. */
function counter(): () => number {
  let last = 0
  return () => ++last
}

/** Every socket that the listener takes gets a Link to the broker; nothing reaches the broker otherwise. */
function connectRoad(road: {
  clock: Clock
  listener: Listener
  broker: Broker
  wire: Wire
  tap: Tap
  connections: ConnectionTable
  nextConnection: () => number
}): Disposable {
  const { clock, listener, broker, wire, tap, connections, nextConnection } = road
  const disposables = new DisposableStore()
  const wills = disposables.add(new WillOrder({ clock, wire, tap }))
  disposables.add(
    listener.onArrival((arrival) => {
      const connection = nextConnection()
      const [linkEnd, brokerEnd] = createConnectionPair()
      broker.accept(brokerEnd, connection)
      wire.open({ connection, client: connectionOf(arrival), broker: linkEnd })
    }),
  )
  disposables.add(broker.onEvent(({ connection, event }) => wills.take(connection, event)))
  disposables.add(
    broker.onSessions(({ changed }) => {
      for (const { connection, clientId } of changed) {
        connections.identify(connection, clientId)
        wire.identify(connection, clientId)
      }
    }),
  )
  return disposables
}
