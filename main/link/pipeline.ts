import type { Clock } from '../../app/base/clock.ts'
import type { CapturedPacket } from '../../app/capture/captured.ts'
import type { Direction, Origin } from '../../app/mqtt/network-connection.ts'
import type { Controls } from './controls.ts'
import { Flight } from './flight.ts'
import { HoldQueue } from './hold-queue.ts'
import type { Identity } from './identity.ts'
import { judge } from './judge.ts'
import { Outlet } from './outlet.ts'
import type { Cargo, Ending, Traffic } from './passage.ts'
import type { Plan } from './plan.ts'

export interface PipelineHost {
  readonly controls: Controls
  readonly identity: Identity
  readonly direction: Direction
  /** What is to be done at this moment. */
  readonly plan: Plan
  write(octets: Uint8Array, origin: Origin | undefined): void
  tell(ending: Ending): void
  torn(by: string): void
  keepAliveEndsAt(): number | undefined
  /** Less waits than before, perhaps nothing. */
  moved(): void
}

/** The stages of one direction, where packets do not simply pass: breakpoints -> faults -> wire -> out. */
export class Pipeline {
  readonly #host: PipelineHost
  readonly #holds: HoldQueue
  readonly #flight: Flight
  readonly #outlet: Outlet
  #weight = 0
  #closedBy: string | undefined

  constructor(host: PipelineHost) {
    const { controls, identity, direction } = host
    const { clock } = controls
    const common = {
      clock: clock as Clock,
      drop: (cargo: Cargo, by: string) => this.#finish(cargo, by),
      moved: () => host.moved(),
    }
    this.#host = host
    this.#holds = new HoldQueue({
      ...common,
      held: controls.held,
      heldBy: (record: CapturedPacket) => (host.plan.holds ? controls.heldBy(record, identity) : undefined),
      now: () => clock.now(),
      keepAliveEndsAt: () => host.keepAliveEndsAt(),
      pass: (traffic) => this.#judge(traffic),
    })
    this.#flight = new Flight({ ...common, land: (traffic) => this.#land(traffic) })
    this.#outlet = new Outlet({
      ...common,
      get halfOpen() {
        return host.plan.halfOpen
      },
      shapers: () => host.plan.shapers.filter((rule) => rule.shapes(identity, direction)),
      shape: (rule, length) => rule.shape(length, identity, direction),
      write: (octets, origin) => host.write(octets, origin),
      left: (cargo) => this.#finish(cargo),
      torn: (by) => host.torn(by),
      tell: (ending) => host.tell(ending),
    })
  }

  /** How much waits, in octets; what belongs to a packet besides its octets included. */
  get weight(): number {
    return this.#weight
  }

  get empty(): boolean {
    return this.#holds.empty && this.#flight.empty && this.#outlet.empty
  }

  /** A breakpoint holds a packet. */
  get holds(): boolean {
    return !this.#holds.empty
  }

  arrive(traffic: Traffic): void {
    if (traffic.kind === 'cargo') this.#weight += traffic.weight
    this.#holds.arrive(traffic)
  }

  planChanged(): void {
    this.#outlet.rulesChanged()
  }

  /** Nothing that waits is to go on any more, and nothing that comes. */
  close(by: string): void {
    if (this.#closedBy !== undefined) return
    this.#closedBy = by
    // From the front to the back, so that the capture hears of it in order.
    this.#outlet.drop(by)
    this.#flight.drop(by)
    this.#holds.drop(by)
  }

  dispose(): void {
    this.#flight.dispose()
    this.#outlet.dispose()
  }

  #judge(traffic: Traffic): void {
    if (this.#refuses(traffic)) return
    const record = traffic.kind === 'cargo' ? traffic.passage.record : undefined
    if (traffic.kind !== 'cargo' || record === undefined) {
      this.#flight.depart(traffic)
      return
    }
    const { plan, identity } = this.#host
    const { droppedBy, delayMs, postpone, cut } = judge(traffic, record, plan, identity, this.#flight.isOvertaken)
    if (droppedBy === undefined) this.#flight.depart(traffic, delayMs, postpone)
    else this.#finish(traffic, droppedBy)
    if (cut) this.#flight.depart({ kind: 'cut', how: cut.how, by: cut.by })
  }

  #land(traffic: Traffic): void {
    if (!this.#refuses(traffic)) this.#outlet.send(traffic)
  }

  /** Closed while the traffic was between two stages. */
  #refuses(traffic: Traffic): boolean {
    if (this.#closedBy === undefined) return false
    if (traffic.kind === 'cargo') this.#finish(traffic, this.#closedBy)
    return true
  }

  #finish(cargo: Cargo, droppedBy?: string): void {
    this.#weight -= cargo.weight
    if (droppedBy !== undefined) cargo.passage.drop(droppedBy)
    if (cargo.part !== 'middle') cargo.passage.over()
  }
}
