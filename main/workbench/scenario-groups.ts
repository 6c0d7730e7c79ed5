import type { Clock } from '../../app/base/clock.ts'
import { closest } from '../../app/base/closest.ts'
import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import { createRandom } from '../../app/base/random.ts'
import { deviceId, deviceIds } from '../../app/device/device-id.ts'
import type { FleetSnapshot } from '../../app/device/fleet.ts'
import type { DeviceGroup, ScenarioPlan } from '../../app/scenario/plan.ts'
import type { Devices, DeviceTarget } from '../devices/devices.ts'
import type { FleetEntry } from '../devices/fleet-group.ts'
import type { Fleets } from '../devices/fleets.ts'
import { Inspector, type InspectorOptions } from '../devices/inspector.ts'
import { listTextFiles, readTextFile, scriptFolder, type TextFile } from '../workspace/text-files.ts'
import { scriptEnding } from '../workspace/workspace.ts'
import { failureOf, type Limit, notOnline, refusedFleet } from './not-ready.ts'

/** How long nothing may come online before the environment has failed, in milliseconds. */
const onlineWithin = 30_000
/** How long what its `connected` began may go on when a device is online, before the scenario begins all the same. */
const readyWithin = 3000

/** A group, with the text of its script. */
interface ReadGroup extends DeviceGroup {
  readonly path: string
  readonly source: string
}

/**
 * Reads the scripts of a plan's groups.
 *
 * @throws FaultlineError `not-found` that names every script that is not there; what `readTextFile` throws
 */
export async function readGroups({ groups }: ScenarioPlan, workspace: string): Promise<ReadGroup[]> {
  if (groups.length === 0) return []
  const known = (await listTextFiles(workspace)).filter((path) => path.endsWith(scriptEnding))
  const missing = new Set(groups.map(pathOf).filter((path) => !known.includes(path)))
  if (missing.size > 0) throw notThere([...missing], known)
  const texts = new Map<string, Promise<TextFile>>()
  return Promise.all(
    groups.map(async (group) => {
      const path = pathOf(group)
      const reading = texts.get(path) ?? readTextFile(workspace, path)
      texts.set(path, reading)
      return { ...group, path, source: (await reading).text }
    }),
  )
}

function pathOf({ script }: DeviceGroup): string {
  return `${scriptFolder}/${script}${scriptEnding}`
}

function notThere(missing: readonly string[], known: readonly string[]): FaultlineError {
  const meant = missing.flatMap((path) => closest(path, known) ?? [])
  return new FaultlineError({
    code: 'not-found',
    message: `there is no ${missing.join(', and no ')}`,
    hint: meant.length === 0 ? 'put it there, or name another script' : `did you mean ${meant.join(', ')}?`,
  })
}

export interface ScenarioGroupsOptions {
  readonly clock: Clock
  readonly seed: string | number
  readonly devices: Devices
  readonly fleets: Fleets
  readonly target: DeviceTarget
  /** Finds out what a script is before it runs. */
  readonly inspect: InspectorOptions
  /** Aborted, with the reason, when it has become vain to wait for any of them. */
  readonly vain: AbortSignal
}

/** The devices of a scenario, by group. */
export class ScenarioGroups {
  readonly #options: ScenarioGroupsOptions
  readonly #groups: readonly ReadGroup[]
  /** Load fleets that are not to be started: without clients, until somebody ramps them up. */
  readonly #idle = new Set<string>()

  constructor(groups: readonly ReadGroup[], options: ScenarioGroupsOptions) {
    this.#groups = groups
    this.#options = options
  }

  /**
   * Makes them, and powers on those that are to be on, in an order that the seed draws; resolves when they are online, and what
   * their scripts do first is done.
   *
   * @throws DeviceFailed `script-threw` with its place, or `connection-closed` where the broker refuses one: at once where it
   * would be refused again; FaultlineError `connection-closed` where none more comes online for long; the reason of `vain`
   */
  async start(): Promise<void> {
    if (this.#groups.length === 0) return
    const { devices, fleets, seed } = this.#options
    await this.#findIdle()
    fleets.set(this.#groups.map((group) => this.#entry(group, true)))
    // Those whose script may be that of a load fleet are there when it has been looked at.
    await this.#wait((fleet) => fleet.present >= fleet.wanted, failureOf)
    const on = this.#groups.filter((group) => group.on).flatMap(({ count, name }) => deviceIds(name, count))
    const there = new Set(devices.list().map(({ id }) => id))
    // Whoever comes later, on a ramp, starts at its time.
    fleets.set(this.#groups.map((group) => this.#entry(group, !group.on)))
    const order = orderOfStarts(on, seed).filter((id) => there.has(id))
    const isOnline = (fleet: FleetSnapshot) => !this.#isOn(fleet.id) || fleet.online >= fleet.wanted
    const ready = new Set<string>()
    const listening = devices.onReady((id) => ready.add(id))
    try {
      await Promise.all([...order.map((id) => devices.act(id, 'powerOn')), this.#wait(isOnline, this.#failureOfStart)])
      await this.#settle(order, ready)
    } finally {
      listening.dispose()
    }
  }

  /** What is to be told where `start` has not ended in its time. */
  late(limit: Limit): FaultlineError {
    const { devices, fleets } = this.#options
    return notOnline(devices.list(), fleets.list(), limit)
  }

  /** @throws FaultlineError `not-found`, `invalid-argument`; `script-threw` where the script is to blame that they do not come */
  async rampTo(name: string, count: number, overMs: number): Promise<void> {
    this.#options.fleets.change(name, { count, rampMs: overMs })
    const isRamped = (fleet: FleetSnapshot) => fleet.id !== name || fleet.present === fleet.wanted
    // What is wrong with devices that there are is no fault of the ramp.
    const failure = (_devices: unknown, all: readonly FleetSnapshot[]) =>
      failureOf(
        [],
        all.filter(({ id }) => id === name),
      )
    await this.#wait(isRamped, failure, overMs)
  }

  /**
   * Waits until the `connected` of all of them is done: what a device subscribes to there is no race with the scenario. One
   * whose `connected` waits for something that the scenario is to do is not waited for longer than a while.
   */
  async #settle(ids: readonly string[], ready: ReadonlySet<string>): Promise<void> {
    const { clock, devices, vain } = this.#options
    const disposables = new DisposableStore()
    try {
      await new Promise<void>((resolve, reject) => {
        disposables.add(onAborted(vain, reject))
        const missing = new Set(ids.filter((id) => !ready.has(id)))
        const look = () => {
          const failed = failureOf(devices.list(), [])
          if (failed !== undefined) reject(failed)
          else if (missing.size === 0) resolve()
        }
        disposables.add(clock.after(readyWithin, resolve))
        disposables.add(
          devices.onReady((id) => {
            missing.delete(id)
            // What fails meanwhile is told by `onChanged`: nobody looks at all of them for each of them.
            if (missing.size === 0) look()
          }),
        )
        disposables.add(devices.onChanged(look))
        look()
      })
    } finally {
      disposables.dispose()
    }
  }

  /** Clients of a load fleet that are refused for good never come online; one that is off asks nobody. */
  readonly #failureOfStart: typeof failureOf = (devices, fleets) => {
    return failureOf(devices, fleets) ?? refusedFleet(fleets.filter(({ id }) => this.#isOn(id)))
  }

  #isOn(name: string): boolean {
    return this.#groups.some((group) => group.name === name && group.on)
  }

  async #findIdle(): Promise<void> {
    const candidates = this.#groups.filter(({ on, source }) => !on && /\bfleet\b/.test(source))
    if (candidates.length === 0) return
    const { inspect, vain } = this.#options
    const inspector = new Inspector(inspect)
    // One that does not come back is waited for long.
    const listening = onAborted(vain, () => void inspector.close())
    try {
      for (const { name, path, source } of candidates) {
        if ((await inspector.inspect(path, source)).kind === 'load') this.#idle.add(name)
      }
      vain.throwIfAborted()
    } finally {
      listening.dispose()
      await inspector.close()
    }
  }

  #entry({ count, name, path, source }: ReadGroup, startsOff: boolean): FleetEntry {
    const { target } = this.#options
    return {
      id: name,
      script: path,
      source,
      count: this.#idle.has(name) ? 0 : count,
      rampMs: 0,
      idOf: (n) => deviceId(name, count, n),
      target,
      ...(startsOff ? { startsOff } : {}),
    }
  }

  /**
   * Waits until all fleets are as they should be.
   *
   * @param failure looks for what makes it vain to wait
   * @param longer how much longer than usual it may be before there is more of anything, in milliseconds
   */
  async #wait(isDone: (fleet: FleetSnapshot) => boolean, failure: typeof failureOf, longer = 0): Promise<void> {
    const { clock, devices, fleets, vain } = this.#options
    const disposables = new DisposableStore()
    try {
      await new Promise<void>((resolve, reject) => {
        disposables.add(onAborted(vain, reject))
        let best = -1
        let patience: Disposable | undefined
        const look = () => {
          const snapshots = fleets.list()
          const failed = failure(devices.list(), snapshots)
          if (failed !== undefined) return reject(failed)
          if (snapshots.every(isDone)) return resolve()
          const progress = snapshots.reduce((sum, { online, present }) => sum + online + present, 0)
          if (progress <= best) return
          best = progress
          patience?.dispose()
          patience = disposables.add(
            clock.after(onlineWithin + longer, () =>
              reject(notOnline(devices.list(), fleets.list(), { over: 'patience', ms: onlineWithin })),
            ),
          )
        }
        disposables.add(devices.onChanged(look))
        disposables.add(fleets.onChanged(look))
        look()
      })
    } finally {
      disposables.dispose()
    }
  }
}

/** Tells once that it is aborted, with the reason; at once where it is already. */
function onAborted(signal: AbortSignal, listener: (reason: unknown) => void): Disposable {
  const tell = () => listener(signal.reason)
  if (signal.aborted) tell()
  signal.addEventListener('abort', tell, { once: true })
  return { dispose: () => signal.removeEventListener('abort', tell) }
}

/** The same devices, in an order that is drawn from the seed. */
export function orderOfStarts(ids: readonly string[], seed: string | number): string[] {
  const random = createRandom(seed, 'order of starts')
  const order = [...ids]
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.integer(0, last)
    const moved = order[last] as string
    order[last] = order[other] as string
    order[other] = moved
  }
  return order
}
