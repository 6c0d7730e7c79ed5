import type { Clock } from '../../app/base/clock.ts'
import type { FleetError, FleetKind, FleetSnapshot } from '../../app/device/fleet.ts'
import { nextStep, type Ramp, rampedTo } from '../../app/device/ramp.ts'
import type { DeviceDefinition } from './devices.ts'
import { FleetCounters } from './fleet-counters.ts'
import type { LoadFleet } from './load/load-fleet.ts'
import type { Inspection } from './messages.ts'

/** A part of a fleet that one of several machines takes: each `of`-th number, beginning with `index` (from 1). */
export interface Shard {
  readonly index: number
  readonly of: number
}

/** An entry of `faultline.json`: so many devices, or clients, of one script. */
export interface FleetEntry extends Omit<DeviceDefinition, 'id' | 'fleet'> {
  /** Unique in the workspace. */
  readonly id: string
  /** Of the whole fleet, also where this is a shard of it. */
  readonly count: number
  /** Time in which all of them are started, evenly, in milliseconds. */
  readonly rampMs: number
  /** The id of number `n`, from 1. */
  readonly idOf: (n: number) => string
  readonly shard?: Shard
}

/** What the workbench knows of one fleet. */
export class FleetGroup {
  entry: FleetEntry
  readonly counters: FleetCounters
  kind: FleetKind = 'scripted'
  /** Undefined for a scripted fleet, or while the script of a load fleet has not been right yet. */
  load: LoadFleet | undefined
  error: FleetError | undefined
  /** There are no more than so many, however many are wanted. */
  most = Number.POSITIVE_INFINITY
  /** What came of the last look at its script; undefined before the first: nothing is started until then. */
  inspection: Inspection | undefined
  /** What was looked at then. Devices keep it until what is new has been looked at too. */
  inspected: Pick<FleetEntry, 'script' | 'source'>
  /** Ids of the devices that are online, of a scripted fleet. */
  readonly online = new Set<string>()
  #clock: Clock
  #ramp: Ramp
  #rampStart: number
  /** So many have been started and not taken away: the first ones of the shard. */
  #started = 0
  /** Numbers of those that are gone with their process, and whether they stay away. */
  readonly #lost = new Map<number, { readonly forGood: boolean }>()
  #lossForGood: string | undefined

  constructor(entry: FleetEntry, clock: Clock) {
    this.entry = entry
    this.inspected = entry
    this.counters = new FleetCounters(clock)
    this.#clock = clock
    this.#rampStart = this.#now()
    this.#ramp = { from: 0, to: this.#share(entry.count), ms: entry.rampMs }
  }

  get wanted(): number {
    return this.#ramp.to
  }

  /** How many there are. */
  get present(): number {
    return this.#started - this.#lost.size
  }

  /** Why some are gone that do not come again by themselves. */
  get lossForGood(): string | undefined {
    return this.#lossForGood
  }

  /** Begins a ramp from what there is now; those that were lost come again. @param count of the whole fleet */
  rampTo(count: number, ms: number): void {
    this.#rampStart = this.#now()
    this.#ramp = { from: this.#started, to: this.#share(count), ms }
    for (const n of this.#lost.keys()) this.#lost.set(n, { forGood: false })
    this.#lossForGood = undefined
  }

  /** All of them are gone and are to come again, as at first. */
  rampAnew(): void {
    this.#started = 0
    this.#lost.clear()
    this.#lossForGood = undefined
    this.#rampStart = this.#now()
    this.#ramp = { from: 0, to: this.wanted, ms: this.entry.rampMs }
  }

  /** These are gone, and the others go on. @param why they do not come again; undefined where they do */
  lose(numbers: readonly number[], why: string | undefined): void {
    for (const n of numbers) this.#lost.set(n, { forGood: why !== undefined })
    this.#lossForGood ??= why
  }

  /** Makes them so many. @returns the numbers of those that are to be started, and of those that are to go */
  resize(due: number): { readonly start: number[]; readonly stop: number[] } {
    const stop: number[] = []
    for (let k = due + 1; k <= this.#started; k++) {
      const n = this.numberOf(k)
      if (!this.#lost.delete(n)) stop.push(n)
    }
    const start = [...this.#lost].filter(([, { forGood }]) => !forGood).map(([n]) => n)
    for (const n of start) this.#lost.delete(n)
    for (let k = this.#started + 1; k <= due; k++) start.push(this.numberOf(k))
    this.#started = due
    return { start, stop }
  }

  /**
   * How many there should be by now, and when that changes, in milliseconds from now; undefined when it does not. Both
   * from one look at the clock: a step that fell between two looks would be neither made nor waited for.
   */
  plan(): { readonly due: number; readonly next: number | undefined } {
    const elapsed = this.#now() - this.#rampStart
    const next = nextStep(this.#ramp, elapsed)
    return {
      due: Math.min(this.most, rampedTo(this.#ramp, elapsed)),
      next: next === undefined ? undefined : Math.max(0, next - elapsed),
    }
  }

  /** The number of the k-th that there is here, from 1. */
  numberOf(k: number): number {
    const { shard } = this.entry
    return shard === undefined ? k : shard.index + (k - 1) * shard.of
  }

  /** The devices of a scripted fleet that there should be. */
  definitions(): DeviceDefinition[] {
    const { id: fleet, count: _count, idOf, rampMs: _rampMs, shard: _shard, ...rest } = this.entry
    const { script, source } = this.inspected
    const definition = { ...rest, script, source, fleet }
    return Array.from({ length: this.#started }, (_, k) => ({ ...definition, id: idOf(this.numberOf(k + 1)) }))
  }

  snapshot(): FleetSnapshot {
    const { id, script, target } = this.entry
    const { kind, load } = this
    return {
      id,
      kind,
      script,
      target: target?.url ?? '',
      wanted: this.wanted,
      present: this.present,
      online: load?.online ?? this.online.size,
      settings: load?.settings,
      written: { count: this.#share(this.entry.count), settings: load?.plan.settings },
      counters: this.counters.snapshot(),
      error: this.error,
    }
  }

  #share(count: number): number {
    const { shard } = this.entry
    if (shard === undefined) return count
    return count < shard.index ? 0 : Math.floor((count - shard.index) / shard.of) + 1
  }

  #now(): number {
    return this.#clock.monotonic() / 1e6
  }
}
