import type { Clock } from '../../app/base/clock.ts'
import type { FleetSnapshot } from '../../app/device/fleet.ts'
import { nextStep, type Ramp, rampedTo } from '../../app/device/ramp.ts'
import type { DeviceDefinition } from './devices.ts'
import { FleetCounters } from './fleet-counters.ts'
import type { LoadFleet } from './load/load-fleet.ts'

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
  /** Undefined for a scripted fleet, or before its script was looked at. */
  load: LoadFleet | undefined
  error: string | undefined
  /** Its script fails: one device is enough to show how. */
  onlyFirst = false
  /** What was looked at last, and whether it has been: nothing is started before. */
  started = false
  /** Ids of the devices that are online, of a scripted fleet. */
  readonly online = new Set<string>()
  #clock: Clock
  #ramp: Ramp
  #rampStart: number
  /** How many there are, and what their numbers are: the first `present` of the shard. */
  present = 0

  constructor(entry: FleetEntry, clock: Clock) {
    this.entry = entry
    this.counters = new FleetCounters(clock)
    this.#clock = clock
    this.#rampStart = this.#now()
    this.#ramp = { from: 0, to: this.#share(entry.count), ms: entry.rampMs }
  }

  get wanted(): number {
    return this.#ramp.to
  }

  /** Begins a ramp from what there is now. @param count of the whole fleet */
  rampTo(count: number, ms: number): void {
    this.#rampStart = this.#now()
    this.#ramp = { from: this.present, to: this.#share(count), ms }
  }

  /** All of them are gone and are to come again, as at first. */
  rampAnew(): void {
    this.present = 0
    this.#rampStart = this.#now()
    this.#ramp = { from: 0, to: this.wanted, ms: this.entry.rampMs }
  }

  /** So many are gone, and the others go on. */
  lose(count: number): void {
    this.present -= count
    this.#ramp = { from: this.present, to: this.present, ms: 0 }
  }

  /** How many there should be by now. */
  get due(): number {
    const due = rampedTo(this.#ramp, this.#now() - this.#rampStart)
    return this.onlyFirst ? Math.min(1, due) : due
  }

  /** When that changes, in milliseconds from now; undefined when it does not. */
  get nextStep(): number | undefined {
    const elapsed = this.#now() - this.#rampStart
    const next = nextStep(this.#ramp, elapsed)
    return next === undefined ? undefined : Math.max(0, next - elapsed)
  }

  /** The number of the k-th that there is here, from 1. */
  numberOf(k: number): number {
    const { shard } = this.entry
    return shard === undefined ? k : shard.index + (k - 1) * shard.of
  }

  /** The devices of a scripted fleet that there should be. */
  definitions(): DeviceDefinition[] {
    const { id: fleet, count: _count, idOf, rampMs: _rampMs, shard: _shard, ...definition } = this.entry
    return Array.from({ length: this.present }, (_, k) => ({ ...definition, fleet, id: idOf(this.numberOf(k + 1)) }))
  }

  snapshot(): FleetSnapshot {
    const { id, script, target } = this.entry
    const { load } = this
    return {
      id,
      kind: load === undefined ? 'scripted' : 'load',
      script,
      target: target?.url ?? '',
      wanted: this.wanted,
      present: this.present,
      online: load === undefined ? this.online.size : load.online,
      settings: load?.settings,
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
