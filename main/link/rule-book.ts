import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { compileFilter } from '../../app/capture/filter.ts'
import type { CompiledFilter } from '../../app/capture/subject.ts'
import type { NewRule, WireRule } from '../../app/contract/wire.ts'
import { checkRule } from '../../app/faults/check-rule.ts'
import { matchesClient } from '../../app/faults/client-pattern.ts'
import type { Fault } from '../../app/faults/fault.ts'
import { findFault } from '../../app/faults/faults.ts'
import type { Direction } from '../../app/mqtt/network-connection.ts'
import { ActiveRule } from './active-rule.ts'
import { Alarm } from './alarm.ts'
import type { Identity } from './identity.ts'
import { notFound } from './not-found.ts'

/** A rule, and which one it is in the order in which they act. */
interface Placed {
  readonly rule: ActiveRule
  readonly place: number
}

/** All rules, in the order in which they act. */
export class RuleBook implements Disposable {
  readonly #clock: Clock
  readonly #seed: string | number
  readonly #changed: () => void
  readonly #counted: (done: boolean) => void
  /** Rings when the window of a rule opens or closes. */
  readonly #edge: Alarm
  #rules: readonly ActiveRule[] = []
  /** Those whose pattern may fit more than one client, and all others by the one Client Identifier that they are for. */
  #shared: readonly Placed[] = []
  #own = new Map<string, Placed[]>()
  #last = 0

  /** @param on.changed other rules are in force than before, @param on.counted the count of one has changed. */
  constructor(clock: Clock, seed: string | number, on: { changed(): void; counted(done: boolean): void }) {
    this.#clock = clock
    this.#seed = seed
    this.#changed = on.changed
    this.#counted = on.counted
    this.#edge = new Alarm(clock, () => this.#replace(this.#rules))
  }

  /**
   * Those that concern what goes one way through the link of this client, in the order in which they act. Where each
   * client has a rule of its own, a link is not to be asked about all of them.
   */
  concerning(identity: Identity, direction: Direction): ActiveRule[] {
    const clientId = identity.clientId()
    const own = clientId === undefined ? undefined : this.#own.get(clientId)
    const concerns = ({ rule }: Placed) => rule.concerns(identity, direction)
    const shared = this.#shared.filter(concerns)
    const placed = own === undefined ? shared : [...shared, ...own.filter(concerns)].sort((a, b) => a.place - b.place)
    return placed.map(({ rule }) => rule)
  }

  /** @throws FaultlineError `invalid-argument` that lists every mistake. */
  add(draft: NewRule): string {
    const { rule, filter } = check(draft)
    const id = `rule-${++this.#last}`
    const twins = this.#rules.filter(({ name }) => name === rule.name).length
    const added = new ActiveRule({
      rule: { ...rule, id },
      fault: findFault(rule.fault) as Fault,
      filter,
      clock: this.#clock,
      // By its name, not its number: a scenario that runs again in the same workbench decides the same.
      seed: [this.#seed, 'rule', rule.name, twins],
      counted: this.#counted,
    })
    this.#replace([...this.#rules, added])
    return id
  }

  /** @throws FaultlineError `not-found` */
  enable(id: string, enabled: boolean): void {
    const rule = this.#rules.find((other) => other.id === id)
    if (rule === undefined) throw notFound('rule', id)
    rule.enable(enabled)
    this.#replace(this.#rules)
  }

  /** @throws FaultlineError `not-found` */
  remove(id: string): void {
    const others = this.#rules.filter((rule) => rule.id !== id)
    if (others.length === this.#rules.length) throw notFound('rule', id)
    this.#replace(others)
  }

  /** Removes all rules whose clients all fit the pattern; gives their number. */
  heal(clients: string): number {
    // A `*` in the pattern of a rule is only fitted by a `*`, so this says that one pattern is part of the other.
    const others = this.#rules.filter((rule) => !matchesClient(clients, rule.clients))
    const healed = this.#rules.length - others.length
    if (healed > 0) this.#replace(others)
    return healed
  }

  forget(connection: number): void {
    for (const rule of this.#rules) rule.forget(connection)
  }

  state(): WireRule[] {
    return this.#rules.map((rule) => rule.state())
  }

  dispose(): void {
    this.#edge.dispose()
  }

  #replace(rules: readonly ActiveRule[]): void {
    // Packets that are leaving may still know a rule that is removed.
    const kept = new Set(rules)
    for (const rule of this.#rules) if (!kept.has(rule)) rule.enable(false)
    this.#rules = rules
    this.#sort()
    const edges = rules.flatMap(({ nextEdge }) => nextEdge ?? [])
    this.#edge.set(edges.length === 0 ? undefined : Math.min(...edges))
    this.#changed()
  }

  #sort(): void {
    const shared: Placed[] = []
    this.#own = new Map()
    for (const [place, rule] of this.#rules.entries()) {
      const own = this.#own.get(rule.clients)
      if (rule.clients.includes('*')) shared.push({ rule, place })
      else if (own === undefined) this.#own.set(rule.clients, [{ rule, place }])
      else own.push({ rule, place })
    }
    this.#shared = shared
  }
}

/** Finds the mistakes of the rule and those of its filter together. */
function check(draft: NewRule): { rule: NewRule; filter: CompiledFilter } {
  const problems: FaultlineError[] = []
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error
      problems.push(error)
      return undefined
    }
  }
  const rule = attempt(() => checkRule(draft))
  const filter = attempt(() => compileFilter(draft.filter))
  const [first, second] = problems
  if (first !== undefined && second !== undefined) {
    const details = { ...second.details, ...first.details }
    throw new FaultlineError({ code: 'invalid-argument', message: `${messageOf(first)}; ${second.message}`, details })
  }
  if (rule === undefined || filter === undefined) throw first
  return { rule, filter }
}
