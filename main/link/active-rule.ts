import type { Clock } from '../../app/base/clock.ts'
import type { Random } from '../../app/base/random.ts'
import type { CapturedPacket } from '../../app/capture/captured.ts'
import type { CompiledFilter } from '../../app/capture/subject.ts'
import type { WireRule } from '../../app/contract/wire.ts'
import { matchesClient } from '../../app/faults/client-pattern.ts'
import type { Fault, Piece, Verdict } from '../../app/faults/fault.ts'
import type { Rule } from '../../app/faults/rule.ts'
import { RuleCounter } from '../../app/faults/rule-counter.ts'
import type { Direction } from '../../app/mqtt/network-connection.ts'
import { isDue } from './alarm.ts'
import type { Identity } from './identity.ts'
import { Streams } from './streams.ts'

const pass: Verdict = { kind: 'pass' }

/** A rule at work: its count, its window and its randomness, for all the links that it concerns. */
export class ActiveRule {
  readonly id: string
  readonly fault: Fault
  readonly #rule: Rule
  readonly #filter: CompiledFilter
  readonly #clock: Clock
  readonly #seed: readonly (string | number)[]
  readonly #counted: (done: boolean) => void
  #enabled = false
  #enabledAt = 0
  #counter: RuleCounter
  #streams: Streams
  /** Of a fault of whole connections: those that were offered to it, and whether it took them. */
  #taken = new Map<number, boolean>()

  constructor(options: {
    readonly rule: Rule
    readonly fault: Fault
    readonly filter: CompiledFilter
    readonly clock: Clock
    readonly seed: readonly (string | number)[]
    /** Its count has changed; `done` when it will not act any more. */
    readonly counted: (done: boolean) => void
  }) {
    this.id = options.rule.id
    this.fault = options.fault
    this.#rule = options.rule
    this.#filter = options.filter
    this.#clock = options.clock
    this.#seed = options.seed
    this.#streams = new Streams(options.seed)
    this.#counted = options.counted
    this.#counter = new RuleCounter(this.#rule)
    this.enable(options.rule.enabled)
  }

  get name(): string {
    return this.#rule.name
  }

  /** A pattern of Client Identifiers. */
  get clients(): string {
    return this.#rule.clients
  }

  get settings(): Rule['settings'] {
    return this.#rule.settings
  }

  /** Enabling starts its count, its time and its randomness anew. */
  enable(enabled: boolean): void {
    this.#enabled = enabled
    if (!enabled) return
    this.#enabledAt = this.#clock.monotonic()
    this.#counter = new RuleCounter(this.#rule, this.#enabledAt / 1e6)
    this.#streams = new Streams(this.#seed)
    this.#taken = new Map()
  }

  /** It is enabled, and its window is open. */
  get inForce(): boolean {
    const { fromMs, untilMs } = this.#rule
    if (!this.#enabled || (fromMs > 0 && !isDue(this.#clock, this.#at(fromMs)))) return false
    return untilMs === 0 || !isDue(this.#clock, this.#at(untilMs))
  }

  /** It may act on what comes. */
  get acts(): boolean {
    return this.inForce && !this.#counter.done
  }

  /** The monotonic time at which its window opens or closes next; undefined when it will not. */
  get nextEdge(): number | undefined {
    if (!this.#enabled) return undefined
    const edges = [this.#rule.fromMs, this.#rule.untilMs].filter((ms) => ms > 0).map((ms) => this.#at(ms))
    return edges.find((edge) => !isDue(this.#clock, edge))
  }

  /** Whether it is about what goes this way through the link of this client. */
  concerns(identity: Identity, direction: Direction): boolean {
    const { from, clients, connection } = this.#rule
    if (connection !== 0 && connection !== identity.connection) return false
    if (from !== 'any' && from !== (direction === 'to broker' ? 'client' : 'broker')) return false
    return matchesClient(clients, identity.clientId())
  }

  /** What it does with a packet that it concerns. */
  decide(record: CapturedPacket, octets: Uint8Array, identity: Identity): Verdict {
    if (this.fault.level !== 'packet' || !this.acts || !this.#filter.matches(record, identity)) return pass
    const random = this.#streams.of(identity, record.direction)
    if (!this.#offer(random)) return pass
    const verdict = this.fault.decide(this.#rule.settings, octets, random, identity.version() ?? 4)
    if (verdict.kind === 'pass') this.#counter.takeBack()
    return verdict
  }

  /** What it decided last was not done: it does not count. */
  takeBack(): void {
    this.#counter.takeBack()
  }

  /** Whether it shapes the octets of the packet that is to leave. */
  shapes(identity: Identity, direction: Direction): boolean {
    if (this.fault.level !== 'octets' || !this.acts) return false
    return this.#offer(this.#streams.of(identity, direction))
  }

  shape(length: number, identity: Identity, direction: Direction): readonly Piece[] {
    if (this.fault.level !== 'octets') return [{ octets: length, waitMs: 0 }]
    return this.fault.shape(this.#rule.settings, length, this.#streams.of(identity, direction))
  }

  /** Whether it acts on this Network Connection as a whole. That is decided once, and stays. */
  takes(identity: Identity): boolean {
    if (!this.inForce) return false
    let taken = this.#taken.get(identity.connection)
    if (taken === undefined) {
      taken = this.#offer(this.#streams.of(identity, 'to broker'))
      this.#taken.set(identity.connection, taken)
    }
    return taken
  }

  /** The Network Connection is gone. */
  forget(connection: number): void {
    this.#taken.delete(connection)
    this.#streams.leave(connection)
  }

  state(): WireRule {
    const { settings, ...rule } = this.#rule
    const progress = this.#enabled ? this.#counter.progress(this.#now()) : this.#counter.progress(this.#enabledAt / 1e6)
    return { ...rule, settings: { ...settings }, enabled: this.#enabled, ...progress }
  }

  #offer(random: Random): boolean {
    const acts = this.#counter.offer(this.#now(), random)
    this.#counted(this.#counter.done)
    return acts
  }

  #at(ms: number): number {
    return this.#enabledAt + ms * 1e6
  }

  #now(): number {
    return this.#clock.monotonic() / 1e6
  }
}
