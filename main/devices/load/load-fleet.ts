import type { Clock } from '../../../app/base/clock.ts'
import type { LoadSettings } from '../../../app/device/fleet.ts'
import type { LoadPlan } from '../../../app/script-api/crossing.ts'
import type { FleetCounters } from '../fleet-counters.ts'
import { aheadOf } from '../node-clock.ts'
import type { LoadMember, LoadReport } from './load-messages.ts'
import type { LoadListener, LoadPool } from './load-pool.ts'
import type { LoadProcess } from './load-process.ts'

export interface LoadFleetOptions {
  readonly pool: LoadPool
  readonly clock: Clock
  readonly seed: string | number
  readonly plan: LoadPlan
  readonly address: { readonly host: string; readonly port: number }
  readonly counters: FleetCounters
  /** Something of it is another now. */
  readonly changed: () => void
  /** Clients are gone with their process. */
  readonly lost: (numbers: readonly number[], why: string) => void
}

/** A load fleet as the workbench sees it: which client is in which process, and what they have done. */
export class LoadFleet implements LoadListener {
  readonly #options: LoadFleetOptions
  readonly #number: number
  readonly #places = new Map<number, LoadProcess>()
  readonly #states = new Map<LoadProcess, { readonly online: number; readonly inFlight: number }>()
  /** Where it was closed, and the last report has not come. */
  readonly #closing = new Set<LoadProcess>()
  #plan: LoadPlan
  /** Those of the plan, or what somebody has made of them since. */
  #settings: LoadSettings

  constructor(options: LoadFleetOptions) {
    this.#options = options
    this.#plan = options.plan
    this.#settings = options.plan.settings
    this.#number = options.pool.open(this)
  }

  /** What its script says. */
  get plan(): LoadPlan {
    return this.#plan
  }

  get settings(): LoadSettings {
    return this.#settings
  }

  get online(): number {
    return this.#sum(({ online }) => online)
  }

  /** Messages whose handshake is not finished. */
  get inFlight(): number {
    return this.#sum(({ inFlight }) => inFlight)
  }

  add(members: readonly LoadMember[]): void {
    const placed = new Map<LoadProcess, LoadMember[]>()
    for (const member of members) {
      const process = this.#options.pool.pick()
      process.clients++
      this.#places.set(member.n, process)
      const others = placed.get(process)
      if (others === undefined) placed.set(process, [member])
      else others.push(member)
    }
    for (const [process, placedHere] of placed) {
      if (!this.#states.has(process)) this.#openIn(process)
      process.send({ type: 'add', fleet: this.#number, members: placedHere })
    }
  }

  remove(numbers: readonly number[]): void {
    const leaving = new Map<LoadProcess, number[]>()
    for (const n of numbers) {
      const process = this.#places.get(n)
      if (process === undefined) continue
      process.clients--
      this.#places.delete(n)
      const others = leaving.get(process)
      if (others === undefined) leaving.set(process, [n])
      else others.push(n)
    }
    for (const [process, there] of leaving) process.send({ type: 'remove', fleet: this.#number, numbers: there })
  }

  change(settings: LoadSettings): void {
    this.#settings = settings
    for (const process of this.#states.keys()) process.send({ type: 'change', fleet: this.#number, settings })
  }

  /** Its script says something else now, and not about how clients connect. */
  follow(plan: LoadPlan): void {
    this.#plan = plan
    this.change(plan.settings)
  }

  /** No new messages; what is in flight is completed. */
  pause(): void {
    for (const process of this.#states.keys()) process.send({ type: 'pause', fleet: this.#number })
  }

  /** All of its clients disconnect in order. */
  close(): void {
    for (const process of this.#places.values()) process.clients--
    this.#places.clear()
    for (const process of this.#states.keys()) {
      this.#closing.add(process)
      process.send({ type: 'close', fleet: this.#number })
    }
    this.#states.clear()
    this.#forgetWhenClosed()
  }

  report(process: LoadProcess, { online, inFlight, reading }: LoadReport): void {
    if (reading !== undefined) this.#options.counters.add(reading)
    // After `close`, the last reading still counts.
    if (this.#states.has(process)) this.#states.set(process, { online, inFlight })
    this.#options.changed()
  }

  lost(process: LoadProcess, why: string): void {
    this.closed(process)
    if (!this.#states.delete(process)) return
    const gone = [...this.#places].filter(([, place]) => place === process)
    for (const [n] of gone) this.#places.delete(n)
    this.#options.lost(
      gone.map(([n]) => n),
      why,
    )
  }

  closed(process: LoadProcess): void {
    if (this.#closing.delete(process)) this.#forgetWhenClosed()
  }

  #forgetWhenClosed(): void {
    if (this.#closing.size === 0) this.#options.pool.forget(this.#number)
  }

  #openIn(process: LoadProcess): void {
    const { address, clock, seed } = this.#options
    this.#states.set(process, { online: 0, inFlight: 0 })
    process.send({
      type: 'open',
      fleet: this.#number,
      plan: { ...this.#plan, settings: this.#settings },
      seed,
      address,
      clockAhead: aheadOf(clock),
    })
  }

  #sum(of: (state: { readonly online: number; readonly inFlight: number }) => number): number {
    let sum = 0
    for (const state of this.#states.values()) sum += of(state)
    return sum
  }
}
