import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import type { CapturedPacket } from '../../app/capture/captured.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { Direction } from '../../app/mqtt/network-connection.ts'
import type { ActiveRule } from './active-rule.ts'
import { Breakpoints, type Holder } from './breakpoints.ts'
import { HeldPackets } from './held-packets.ts'
import type { Identity } from './identity.ts'
import { idlePlan, type Plan } from './plan.ts'
import { RuleBook } from './rule-book.ts'

/** What is told to all Links together: breakpoints, rules, speed. */
export class Controls implements Disposable {
  readonly clock: Clock
  readonly tap: Tap
  readonly breakpoints = new Breakpoints()
  readonly rules: RuleBook
  readonly held: HeldPackets
  readonly #onCounted: (rulesDone: boolean) => void
  /** The monotonic time at which the capture's time is 0. */
  readonly #captureStart: number
  #speed = 1

  /**
   * @param on.plansChanged every Link must ask for its plans anew, @param on.counted something that is shown has changed;
   * `rulesDone` says that plans may have become simpler.
   */
  constructor(options: {
    readonly clock: Clock
    readonly seed: string | number
    readonly tap: Tap
    /** Wall time at which the capture's time is 0. */
    readonly captureStart: number
    readonly on: { plansChanged(): void; counted(rulesDone: boolean): void }
  }) {
    const { clock, seed, tap, captureStart, on } = options
    this.#captureStart = clock.monotonic() - (clock.now() - captureStart) * 1e6
    this.clock = clock
    this.tap = tap
    this.#onCounted = (rulesDone) => on.counted(rulesDone)
    this.rules = new RuleBook(clock, seed, { changed: () => on.plansChanged(), counted: this.#onCounted })
    this.held = new HeldPackets(() => on.counted(false))
  }

  get speed(): number {
    return this.#speed
  }

  set speed(speed: number) {
    this.#speed = speed
  }

  /** What is to be done with what goes this way through the link of this client. */
  plan(identity: Identity, direction: Direction): Plan {
    const holds = this.breakpoints.armed
    const rules = this.rules.concerning(identity, direction)
    if (!holds && this.#speed === 1 && rules.length === 0) return idlePlan
    const plan: Plan = {
      holds,
      faults: rules.filter((rule) => rule.fault.level === 'packet' && rule.acts),
      shapers: rules.filter((rule) => rule.fault.level === 'octets' && rule.acts),
      halfOpen: rules.find((rule) => isOf(rule, 'half-open') && rule.takes(identity)),
      speed: this.#speed,
    }
    const idle = !holds && plan.speed === 1 && plan.faults.length === 0 && plan.shapers.length === 0 && !plan.halfOpen
    return idle ? idlePlan : plan
  }

  /** The rule that refuses a Network Connection that has opened, or that has said who its client is. */
  refusal(identity: Identity, moment: 'opened' | 'connect'): ActiveRule | undefined {
    return this.rules
      .concerning(identity, 'to broker')
      .find((rule) => isOf(rule, 'refuse') && (rule.clients === '*') === (moment === 'opened') && rule.takes(identity))
  }

  heldBy(record: CapturedPacket, identity: Identity): Holder | undefined {
    return this.breakpoints.heldBy(record, identity)
  }

  /** Nanoseconds since the capture began, of a monotonic time. */
  captureTime(monotonic: number): number {
    return monotonic - this.#captureStart
  }

  /** More packets wait behind a held one. */
  waitingChanged(): void {
    this.#onCounted(false)
  }

  dispose(): void {
    this.rules.dispose()
  }
}

function isOf(rule: ActiveRule, effect: 'half-open' | 'refuse'): boolean {
  return rule.fault.level === 'connection' && rule.fault.effect === effect
}
