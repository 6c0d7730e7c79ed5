import { ChangeFeed } from '../../app/base/change-feed.ts'
import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { Event } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import {
  type FleetChange,
  type FleetSnapshot,
  type LoadCounters,
  type LoadSettings,
  ownReasons,
} from '../../app/device/fleet.ts'
import type { LoadPlan } from '../../app/script-api/crossing.ts'
import type { Devices } from './devices.ts'
import { type FleetEntry, FleetGroup } from './fleet-group.ts'
import { checkCount, judge, notLoad } from './fleet-judgement.ts'
import { Inspector } from './inspector.ts'
import { checkSettings } from './load/check-plan.ts'
import { LoadFleet } from './load/load-fleet.ts'
import { LoadPool } from './load/load-pool.ts'
import type { Inspection } from './messages.ts'
import { RestartLimits } from './restart-limit.ts'

export interface FleetsOptions {
  readonly clock: Clock
  readonly seed: string | number
  /** The workspace's folder, absolute; undefined where scripts may read nothing. */
  readonly workspace: string | undefined
  /** What the clients of load fleets connect to, where their entry has no target. */
  readonly broker: { readonly host: string; readonly port: number }
  /** The bundles of the devices; that of the load clients, `load-worker.js`, lies beside them. */
  readonly assets: { readonly worker: URL; readonly guest: URL }
  /** Where the members of scripted fleets live. */
  readonly devices: Devices
  /** Processes that share the load clients among them. @default one for each core but one, from 1 to 4 */
  readonly loadProcesses?: number
}

export interface Fleets {
  /**
   * Makes the fleets those of the list. New ones begin to ramp up; those that are gone disconnect in order; one whose
   * count is another one now ramps to it; a load fleet whose script says something else follows it.
   */
  set(entries: readonly FleetEntry[]): void
  list(): FleetSnapshot[]
  /**
   * Changes a running fleet.
   *
   * @throws FaultlineError `not-found`; `invalid-argument`; `wrong-state` for what only a load fleet has
   */
  change(id: string, change: FleetChange): void
  /** Tells the load client of this Client Identifier why the connection that it asks for is about to be closed. */
  explain(clientId: string, reason: string): Promise<void>
  /** What a fleet has done, with the latencies since it began. @throws FaultlineError `not-found` */
  totals(id: string): LoadCounters
  /**
   * Load fleets publish nothing more; resolves when all handshakes are finished and what was done until now is counted, or
   * after so many milliseconds.
   */
  settle(within: number): Promise<void>
  /** Resolves when all that load clients have done until now is counted. */
  sync(): Promise<void>
  /** At most every 250 ms; the last state of each fleet is always told. */
  readonly onChanged: Event<{ changed: FleetSnapshot[]; removed: string[] }>
  /** Disconnects all load clients in order and ends their processes. Devices are left to `Devices.close`. */
  close(): Promise<void>
}

/** How long changes are gathered before they are told, and how often rates are taken, in milliseconds. */
const gather = 250
/** Steps of a ramp that come closer together than this are made together, in milliseconds. */
const shortestStep = 20

export function createFleets(options: FleetsOptions): Fleets {
  return new FleetKeeper(options)
}

class FleetKeeper implements Fleets {
  readonly #options: FleetsOptions
  readonly #groups = new Map<string, FleetGroup>()
  readonly #inspector: Inspector
  readonly #pool: LoadPool
  /** Of load processes, by fleet. */
  readonly #restarts: RestartLimits
  readonly #changes: ChangeFeed<string, FleetSnapshot>
  readonly #listening: Disposable[]
  /** To which fleet each device belongs that was ever online. */
  readonly #fleetOf = new Map<string, string>()
  #ramping: Disposable | undefined
  #sampling: Disposable | undefined
  #closed = false

  readonly onChanged: Fleets['onChanged']

  constructor(options: FleetsOptions) {
    const { assets, clock, devices, loadProcesses, seed, workspace } = options
    this.#options = options
    this.#inspector = new Inspector({
      clock,
      worker: assets.worker,
      setup: { seed, workspace, guest: assets.guest.href },
    })
    this.#pool = new LoadPool(clock, new URL('load-worker.js', assets.worker), loadProcesses)
    this.#restarts = new RestartLimits(clock)
    this.#changes = new ChangeFeed(clock, (id) => this.#groups.get(id)?.snapshot())
    this.onChanged = this.#changes.onChanged
    this.#listening = [
      devices.onChanged(({ changed, removed }) => {
        for (const { id, fleet, state } of changed) this.#deviceIs(id, fleet, state === 'online')
        for (const id of removed) this.#deviceIs(id, this.#fleetOf.get(id) ?? '', false)
      }),
      devices.onMetered(({ fleet, reading }) => {
        this.#groups.get(fleet)?.counters.add(reading)
        this.#counted(fleet)
      }),
    ]
  }

  set(entries: readonly FleetEntry[]): void {
    const wanted = new Map(entries.map((entry) => [entry.id, entry]))
    for (const group of [...this.#groups.values()]) if (!wanted.has(group.entry.id)) this.#drop(group)
    for (const entry of entries) {
      const group = this.#groups.get(entry.id)
      if (group === undefined) this.#add(entry)
      else this.#replace(group, entry)
    }
    this.#step()
  }

  list(): FleetSnapshot[] {
    return [...this.#groups.values()].map((group) => group.snapshot())
  }

  change(id: string, { count, rampMs = 0, ...given }: FleetChange): void {
    const group = this.#get(id)
    const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const { load } = group
    if (Object.keys(settings).length > 0) {
      if (load === undefined) throw notLoad(group)
      const changed: LoadSettings = { ...load.settings, ...settings }
      checkSettings(changed)
      checkCount(group, count)
      load.change(changed)
    } else checkCount(group, count)
    if (count !== undefined) {
      group.rampTo(count, rampMs)
      judge(group)
    }
    this.#changes.touch(id, gather)
    this.#step()
  }

  explain(clientId: string, reason: string): Promise<void> {
    return this.#pool.explain(clientId, reason)
  }

  totals(id: string): LoadCounters {
    return this.#get(id).counters.total()
  }

  async settle(within: number): Promise<void> {
    const loads = [...this.#groups.values()].flatMap(({ load }) => load ?? [])
    for (const load of loads) load.pause()
    const { clock } = this.#options
    const deadline = clock.monotonic() + within * 1e6
    // A report that was on its way knows nothing of the pause yet; scripts are counted as seldom as that.
    for (let quiet = 0; quiet < 2 && clock.monotonic() < deadline; ) {
      await new Promise<void>((resolve) => clock.after(gather, resolve))
      quiet = loads.every(({ inFlight }) => inFlight === 0) ? quiet + 1 : 0
    }
  }

  sync(): Promise<void> {
    return this.#pool.sync()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const listening of this.#listening) listening.dispose()
    this.#ramping?.dispose()
    this.#sampling?.dispose()
    await Promise.all([this.#inspector.close(), this.#pool.close()])
    this.#changes.flush()
    this.#changes.dispose()
  }

  #get(id: string): FleetGroup {
    const group = this.#groups.get(id)
    if (group !== undefined) return group
    throw new FaultlineError({ code: 'not-found', message: `there is no fleet '${id}'` })
  }

  #add(entry: FleetEntry): void {
    const group = new FleetGroup(entry, this.#options.clock)
    this.#groups.set(entry.id, group)
    this.#changes.touch(entry.id, gather)
    this.#look(group)
  }

  #replace(group: FleetGroup, entry: FleetEntry): void {
    const before = group.entry
    group.entry = entry
    if (entry.count !== before.count) {
      group.rampTo(entry.count, entry.rampMs)
      judge(group)
    }
    const address = addressOf(entry, this.#options)
    const moved = JSON.stringify(address) !== JSON.stringify(addressOf(before, this.#options))
    if (moved && group.load !== undefined) this.#closeLoad(group)
    this.#changes.touch(entry.id, gather)
    this.#look(group)
  }

  #drop(group: FleetGroup): void {
    this.#groups.delete(group.entry.id)
    group.load?.close()
    this.#changes.touch(group.entry.id, gather)
  }

  /** Learns what the script describes. Devices whose script has not the word are started before this returns. */
  #look(group: FleetGroup): void {
    const { script, source } = group.entry
    if (!mayBeFleet(source)) {
      this.#take(group, { kind: 'scripted' })
      return
    }
    void this.#inspector.inspect(script, source).then((inspection) => {
      const isCurrent = this.#groups.get(group.entry.id) === group && group.entry.source === source
      if (this.#closed || !isCurrent) return
      this.#take(group, inspection)
      this.#step()
    })
  }

  #take(group: FleetGroup, inspection: Inspection): void {
    const { most } = group
    group.inspection = inspection
    group.inspected = group.entry
    if (inspection.kind !== 'failed') group.kind = inspection.kind
    else if (inspection.isFleet) group.kind = 'load'
    // A load fleet that runs goes on while its script is being mended.
    else if (group.load === undefined) group.kind = 'scripted'
    if (inspection.kind === 'load') this.#follow(group, inspection.plan)
    else if (inspection.kind === 'scripted' && group.load !== undefined) this.#closeLoad(group)
    judge(group)
    // Those that could not come until now ramp up like any others.
    if (most < group.most) group.rampAnew()
    this.#changes.touch(group.entry.id, gather)
  }

  /** Opens a load fleet, or makes it do what its script says now. */
  #follow(group: FleetGroup, plan: LoadPlan): void {
    const { load } = group
    if (load !== undefined) {
      if (JSON.stringify(load.plan) === JSON.stringify(plan)) return
      if (JSON.stringify(load.plan.client) === JSON.stringify(plan.client)) {
        load.follow(plan)
        return
      }
      this.#closeLoad(group)
    } else if (group.present > 0) group.rampAnew()
    const { clock, seed } = this.#options
    group.load = new LoadFleet({
      pool: this.#pool,
      clock,
      seed,
      plan,
      address: addressOf(group.entry, this.#options),
      counters: group.counters,
      changed: () => this.#counted(group.entry.id),
      lost: (numbers, why) => this.#lost(group, numbers, why),
    })
  }

  #closeLoad(group: FleetGroup): void {
    group.load?.close()
    group.load = undefined
    group.rampAnew()
  }

  /** They come again in other processes, unless that has happened too often. */
  #lost(group: FleetGroup, numbers: readonly number[], why: string): void {
    group.counters.add({
      published: 0,
      acknowledged: 0,
      latency: [],
      errors: { [`${ownReasons.processGone}${why}`]: numbers.length },
    })
    const comeAgain = numbers.length === 0 || this.#restarts.mayRestart(group.entry.id)
    group.lose(numbers, comeAgain ? undefined : why)
    judge(group)
    this.#changes.touch(group.entry.id, gather)
    this.#step()
  }

  /** Adds and takes away what the ramps want by now. */
  #step(): void {
    this.#ramping?.dispose()
    this.#ramping = undefined
    if (this.#closed) return
    let wait = Number.POSITIVE_INFINITY
    for (const group of this.#groups.values()) {
      if (group.inspection === undefined) continue
      const { due, next = Number.POSITIVE_INFINITY } = group.plan()
      this.#resize(group, due)
      wait = Math.min(wait, next)
    }
    const scripted = [...this.#groups.values()].filter(({ kind }) => kind === 'scripted')
    this.#options.devices.set(scripted.flatMap((group) => group.definitions()))
    if (wait === Number.POSITIVE_INFINITY) return
    this.#ramping = this.#options.clock.after(Math.max(shortestStep, wait), () => this.#step())
  }

  #resize(group: FleetGroup, due: number): void {
    const { entry, load } = group
    const { start, stop } = group.resize(due)
    if (start.length + stop.length === 0) return
    if (stop.length > 0) load?.remove(stop)
    if (start.length > 0) load?.add(start.map((n) => ({ n, id: entry.idOf(n) })))
    this.#changes.touch(entry.id, gather)
  }

  #deviceIs(id: string, fleet: string, online: boolean): void {
    const group = this.#groups.get(fleet)
    if (online) {
      this.#fleetOf.set(id, fleet)
      group?.online.add(id)
    } else if (this.#fleetOf.delete(id)) group?.online.delete(id)
    this.#changes.touch(fleet, gather)
  }

  #counted(id: string): void {
    this.#changes.touch(id, gather)
    this.#sampling ??= this.#options.clock.after(gather, () => this.#sample())
  }

  /** Goes on until all rates are 0. */
  #sample(): void {
    this.#sampling = undefined
    let moving = false
    for (const [id, { counters }] of this.#groups) {
      const wasMoving = counters.isMoving
      counters.sample()
      if (!wasMoving && !counters.isMoving) continue
      moving = true
      this.#changes.touch(id, gather)
    }
    if (moving && !this.#closed) this.#sampling = this.#options.clock.after(gather, () => this.#sample())
  }
}

/** Without the word there is no way to a fleet that a person would write, and most scripts are devices'. */
function mayBeFleet(source: string): boolean {
  return /\bfleet\b/.test(source)
}

function addressOf({ target }: FleetEntry, { broker }: FleetsOptions): { host: string; port: number } {
  return target === undefined ? { ...broker } : { host: target.host, port: target.port }
}
