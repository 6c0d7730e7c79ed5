import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError, toErrorData } from '../../app/base/errors.ts'
import { Caller } from '../../app/contract/caller.ts'
import type { SpillState } from '../../app/contract/captures.ts'
import {
  type ConnectionSnapshot,
  contractVersion,
  type EventName,
  type EventValue,
  type MethodName,
  type Params,
  type Result,
  type ScriptSnapshot,
  type Stats,
} from '../../app/contract/contract.ts'
import type { TargetSnapshot } from '../../app/contract/targets.ts'
import type { WireState } from '../../app/contract/wire.ts'
import type { Connect } from '../connection/connect.ts'
import { type CaptureView, liveView, recordingView } from './capture-view.ts'
import { ClientRates } from './client-rates.ts'
import type { Device, Session } from './clients.ts'
import { ConsoleStore } from './console-store.ts'
import { type Fleet, type Population, populate } from './fleets.ts'
import { Paced } from './paced.ts'
import { Polled } from './polled.ts'
import { Scenarios } from './scenarios.ts'
import { ScriptDocuments } from './script-documents.ts'
import { ScriptModules } from './script-modules.ts'
import { Store } from './store.ts'
import { TopicBrowser } from './topic-browser.ts'

export type About = Result<'workbench.hello'>

/**
 * - `lost`: gone, or never reached; tried again at `retryAt` (wall time in milliseconds)
 * - `refused`: the workbench answers and does not want this page: nothing is tried again by itself
 */
export type ConnectionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open' }
  | { readonly phase: 'lost'; readonly error: FaultlineError; readonly retryAt: number }
  | { readonly phase: 'refused'; readonly error: FaultlineError }

/** Waits between attempts, in milliseconds; the last one is for all further ones. */
const retryDelays = [500, 1000, 2000, 4000]

/** The workbench as the screen sees it: the connection to it, and stores that its events feed. */
export class Workbench {
  readonly #connect: Connect
  readonly #clock: Clock
  #caller: Caller | undefined
  #retry: Disposable | undefined
  #attempts = 0
  #attempting = false

  readonly connection = new Store<ConnectionState>({ phase: 'connecting' })
  readonly about = new Store<About | undefined>(undefined)
  readonly devices = new Store<ReadonlyMap<string, Device>>(new Map())
  readonly sessions = new Store<ReadonlyMap<string, Session>>(new Map())
  readonly connections = new Store<ReadonlyMap<number, ConnectionSnapshot>>(new Map())
  /** Entries of the workspace, in its order. */
  readonly fleets = new Store<ReadonlyMap<string, Fleet>>(new Map())
  /** Brokers that devices connect to and that are not the workbench's own. */
  readonly targets = new Store<readonly TargetSnapshot[]>([])
  /** Everybody at the broker, by fleet. */
  readonly population: Paced<Population>
  readonly scripts = new Store<readonly ScriptSnapshot[] | undefined>(undefined)
  readonly stats = new Store<Stats | undefined>(undefined)
  /** What the workbench or this screen did that neither could make sense of; shown, never dropped. */
  readonly problem = new Store<FaultlineError | undefined>(undefined)
  readonly consoles = new ConsoleStore()
  readonly rates = new ClientRates()
  /** Breakpoints, held packets and rules. */
  readonly wire = new Store<WireState | undefined>(undefined)
  /** The recording that is being written. */
  readonly recording = new Store<SpillState | undefined>(undefined)
  readonly live: CaptureView
  /** What can be looked at: the running capture first, then the recordings that were opened. */
  readonly views: Store<readonly CaptureView[]>
  /** The Session that is looked at, in full. */
  readonly sessionDetail: Polled<string, Result<'sessions.show'>>
  readonly topics: TopicBrowser
  /** The broker itself: its listeners, store, limits and refusals. */
  readonly broker: Polled<Record<string, never>, Result<'broker.state'>>
  readonly documents: ScriptDocuments
  readonly modules: ScriptModules
  readonly scenarios: Scenarios

  constructor(options: { connect: Connect; clock: Clock }) {
    this.#connect = options.connect
    this.#clock = options.clock
    this.live = liveView(this.call, (error) => this.report(error))
    this.views = new Store<readonly CaptureView[]>([this.live])
    const { devices, sessions, connections, fleets } = this
    this.population = new Paced(options.clock, [devices, sessions, connections, fleets], () =>
      populate({
        devices: devices.value,
        sessions: sessions.value,
        connections: connections.value,
        fleets: fleets.value,
      }),
    )
    this.sessionDetail = new Polled(options.clock, (clientId) => this.call('sessions.show', { clientId }))
    this.broker = new Polled(options.clock, () => this.call('broker.state', {}))
    this.topics = new TopicBrowser(options.clock, this.call, (error) => this.report(error))
    this.documents = new ScriptDocuments((method, params) => this.call(method, params))
    this.modules = new ScriptModules(this.call, (error) => this.report(error))
    this.scenarios = new Scenarios(this.call, (error) => this.report(error))
  }

  /** Connects, and connects again whenever the connection is lost. */
  start(): void {
    void this.#attempt()
  }

  /** Does not wait for the next attempt. */
  retryNow(): void {
    if (this.connection.value.phase === 'open') return
    this.#retry?.dispose()
    void this.#attempt()
  }

  /** @throws FaultlineError as the workbench raised it, or `connection-closed`. */
  readonly call = <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> =>
    this.#caller === undefined ? Promise.reject(notConnected()) : this.#caller.call(method, params)

  /** Shows an error that nothing on the screen is waiting for. A lost connection is shown as such already. */
  report(error: unknown): void {
    const problem = error instanceof FaultlineError ? error : new FaultlineError(toErrorData(error), { cause: error })
    if (problem.code !== 'connection-closed') this.problem.set(problem)
  }

  /** Opens a recording beside the running capture; gives its view. Errors as the workbench raises them. */
  async openRecording(path: string): Promise<CaptureView> {
    return this.#show(await this.call('recordings.open', { path }))
  }

  /** As `openRecording`, of a run of a scenario. */
  async openRun(run: string): Promise<CaptureView> {
    return this.#show(await this.call('scenarios.openRecording', { run }))
  }

  #show(recording: Result<'recordings.open'>): CaptureView {
    // The workbench gives the same id for a file that is open and has not changed.
    const open = this.views.value.find(({ id }) => id === recording.id)
    if (open !== undefined) return open
    const view = recordingView(recording, this.call, (error) => this.report(error))
    this.views.set([...this.views.value, view])
    return view
  }

  async closeRecording(view: CaptureView): Promise<void> {
    this.views.set(this.views.value.filter((other) => other !== view))
    await this.call('recordings.close', { capture: view.id })
  }

  async loadConsole(device: string): Promise<void> {
    this.consoles.of(device)
    try {
      this.consoles.replace(device, await this.call('devices.console', { id: device }))
    } catch (error) {
      this.report(error)
    }
  }

  async #attempt(): Promise<void> {
    // Two attempts at once would leave two connections that both feed the screen.
    if (this.#attempting) return
    this.#attempting = true
    const opened = await this.#tryOnce()
    this.#attempting = false
    if (opened) await Promise.all([this.documents.refresh(), this.scenarios.documents.refresh()])
  }

  /** True when the connection is open; never rejects. */
  async #tryOnce(): Promise<boolean> {
    let caller: Caller | undefined
    try {
      const transport = await this.#connect()
      caller = new Caller(transport)
      await this.#open(caller)
      const opened = caller
      transport.onClose(() => this.#lost(opened, notConnected()))
      return true
    } catch (error) {
      this.#lost(caller, error)
      return false
    }
  }

  async #open(caller: Caller): Promise<void> {
    this.#caller = caller
    this.#listen(caller)
    await this.#greet(caller)
    await this.#load(caller)
    this.#attempts = 0
    this.connection.set({ phase: 'open' })
  }

  async #greet(caller: Caller): Promise<void> {
    const about = await caller.call('workbench.hello', { contractVersion })
    if (about.captureStart !== this.about.value?.captureStart) this.#startAnew()
    this.about.set(about)
  }

  /** Another run of the workbench: its numbers mean other things. */
  #startAnew(): void {
    this.live.capture.clear()
    this.live.directory.clear()
    this.live.messages.clear()
    // Recordings are opened by the workbench that is gone.
    this.views.set([this.live])
    this.wire.set(undefined)
    this.recording.set(undefined)
    this.rates.reset([])
    this.consoles.clear()
    this.stats.set(undefined)
    this.topics.clear()
  }

  /** Each list is set as soon as it comes, so that events which come after it find it in place. */
  async #load(caller: Caller): Promise<void> {
    await Promise.all([
      caller.call('devices.list', {}).then((list) => this.devices.set(byKey(list, (device) => device.id))),
      caller.call('fleets.list', {}).then((list) => this.fleets.set(byKey(list, (fleet) => fleet.id))),
      caller.call('targets.list', {}).then((targets) => this.targets.set(targets)),
      caller.call('sessions.list', {}).then((list) => {
        this.sessions.set(byKey(list, (session) => session.clientId))
        this.live.directory.learn(list.flatMap(toConnection))
      }),
      caller.call('connections.list', {}).then((list) => {
        this.connections.set(byKey(list, (connection) => connection.id))
        this.live.directory.learn(list)
        this.rates.reset(list)
      }),
      caller.call('scripts.list', {}).then((list) => {
        this.scripts.set(list)
        void this.modules.follow(list)
      }),
      caller.call('capture.follow', {}).then(({ next }) => this.live.capture.follow(next)),
      caller.call('wire.state', {}).then((wire) => this.wire.set(wire)),
      caller.call('recording.state', {}).then((recording) => this.recording.set(recording)),
      this.topics.resume(),
      this.scenarios.load(),
      ...this.views.value.map(({ messages }) => messages.resume()),
    ])
  }

  #lost(caller: Caller | undefined, cause: unknown): void {
    // Disposing of it must not make the lost connection count twice.
    if (caller !== this.#caller) return
    this.#caller = undefined
    caller?.dispose()
    const error = cause instanceof FaultlineError ? cause : new FaultlineError(toErrorData(cause), { cause })
    if (error.code === 'forbidden' || error.code === 'unsupported-version') {
      this.connection.set({ phase: 'refused', error })
      return
    }
    const delay = retryDelays[Math.min(this.#attempts++, retryDelays.length - 1)] ?? 0
    this.connection.set({ phase: 'lost', error, retryAt: this.#clock.now() + delay })
    this.#retry = this.#clock.after(delay, () => void this.#attempt())
  }

  #listen(caller: Caller): void {
    caller.onProblem((error) => this.report(error))
    // An event's handler is ours; a fault in it is shown, because the caller has nobody to tell.
    const on = <E extends EventName>(event: E, take: (value: EventValue<E>) => void) =>
      caller.on(event, (value) => {
        try {
          take(value)
        } catch (error) {
          this.report(error)
        }
      })
    on('devices.changed', ({ changed, removed }) =>
      this.devices.set(merge(this.devices.value, changed, (device) => device.id, removed)),
    )
    on('fleets.changed', ({ changed, removed }) =>
      this.fleets.set(merge(this.fleets.value, changed, (fleet) => fleet.id, removed)),
    )
    on('targets.changed', ({ targets }) => this.targets.set(targets))
    on('sessions.changed', ({ changed, removed }) => {
      this.sessions.set(merge(this.sessions.value, changed, (session) => session.clientId, removed))
      this.live.directory.learn(changed.flatMap(toConnection))
      this.sessionDetail.again(
        (looked) => removed.includes(looked) || changed.some(({ clientId }) => clientId === looked),
      )
    })
    on('topics.changed', (counts) => this.topics.take(counts))
    on('connections.changed', ({ changed, removed }) => {
      this.connections.set(merge(this.connections.value, changed, (connection) => connection.id, removed))
      this.live.directory.learn(changed)
      this.rates.update(changed, removed, this.#clock.now())
    })
    on('scripts.changed', ({ scripts, touched }) => {
      this.scripts.set(scripts)
      void this.modules.follow(scripts, touched)
      void this.documents.touched(touched)
    })
    on('devices.console', ({ lines }) => this.consoles.append(lines))
    on('workbench.stats', (stats) => {
      this.stats.set(stats)
      this.live.capture.setEvicted(stats.ringEvicted)
    })
    on('wire.changed', (wire) => this.wire.set(wire))
    on('recording.changed', (recording) => this.recording.set(recording))
    on('messages.changed', (change) => {
      this.views.value.find(({ id }) => id === change.capture)?.messages.take(change)
    })
    on('scenarios.changed', ({ files }) => this.scenarios.takeFiles(files))
    on('scenarios.progress', (report) => this.scenarios.takeProgress(report))
    on('scenarios.queue', (queue) => this.scenarios.queue.set(queue))
    on('capture.batch', ({ batch, block }) => {
      // Said first: what cannot be read must not stop those after it.
      caller.call('capture.acknowledge', { batch }).catch((error: unknown) => this.report(error))
      this.live.capture.append(block)
    })
  }
}

/** What a session tells of the connection it is served over, where that is known. */
function toConnection({ connection, clientId, protocolVersion }: Session) {
  return connection === 0 ? [] : [{ id: connection, clientId, protocolVersion }]
}

function byKey<K, T>(items: readonly T[], key: (item: T) => K): ReadonlyMap<K, T> {
  return new Map(items.map((item) => [key(item), item]))
}

function merge<K, T>(
  before: ReadonlyMap<K, T>,
  changed: readonly T[],
  key: (item: T) => K,
  removed: readonly K[],
): ReadonlyMap<K, T> {
  const merged = new Map(before)
  for (const gone of removed) merged.delete(gone)
  for (const item of changed) merged.set(key(item), item)
  return merged
}

function notConnected(): FaultlineError {
  return new FaultlineError({
    code: 'connection-closed',
    message: 'the workbench does not answer',
    hint: 'look whether it still runs where you started it',
  })
}
