import type { Clock } from '../../app/base/clock.ts'
import type { Disposable } from '../../app/base/disposable.ts'
import { Emitter, type Event } from '../../app/base/emitter.ts'
import { FaultlineError } from '../../app/base/errors.ts'
import type { Tap } from '../../app/capture/tap.ts'
import type { NewRule, WireState } from '../../app/contract/wire.ts'
import { matchesClient } from '../../app/faults/client-pattern.ts'
import { Controls } from './controls.ts'
import type { Decision, Held } from './held-packets.ts'
import { ControlledLink, type Link, type LinkEnds } from './link.ts'

/** Changes are told at most every so many milliseconds. */
const changedMs = 50

/** So many held packets are listed. */
const mostListed = 200

/** Who is said to have done what nobody but a person asked for. */
const somebody = 'you'

/** All Links, and what is done to what goes through them. Beside `open` and `identify` it is what the contract says. */
export interface Wire extends Disposable {
  /** Joins a client and the broker; octets flow at once. */
  open(ends: LinkEnds): Link
  /** The broker has named a client that came without a Client Identifier; other connections are left alone. */
  identify(connection: number, clientId: string): void
  /**
   * Calls back when the capture says that the connection, or the end of it that went first, is closed; at once where it
   * says so already, or there is no such connection.
   */
  whenClosed(connection: number, then: () => void): void
  state(): WireState
  /** Something of the state has changed. Gathered: at most every 50 ms. */
  readonly onChanged: Event<WireState>
  /** Holds every packet from now on, or no longer; what is held already stays so. */
  hold(on: boolean): void
  /**
   * Ends holding everything, and lets all that waits go on without asking the breakpoints again; rules still act on it.
   * Breakpoints stay for what comes later. Works always. Gives the number of packets.
   *
   * @param breakpoint only what this one holds goes on, also where it is removed already. What waits behind is asked about
   * as ever, and holding everything goes on.
   */
  letGo(breakpoint?: string): number
  /**
   * All octets of a held packet.
   *
   * @throws FaultlineError `not-found` when it is not held any more.
   */
  heldOctets(packet: number): Uint8Array
  /** Delivers the held packet that is first in the capture, and gives its number; undefined when nothing is held. */
  next(): number | undefined
  /**
   * @param octets go on instead, whatever they are.
   * @throws FaultlineError `not-found` when the packet is not held any more.
   */
  decide(packet: number, action: Decision['action'], octets?: Uint8Array): void
  /**
   * @param speed from 0.01 (a hundred times slower) to 1.
   * @throws FaultlineError `invalid-argument`
   */
  speed(speed: number): void
  /**
   * Gives its id.
   *
   * @throws FaultlineError `invalid-argument` where the filter cannot be read.
   */
  addBreakpoint(filter: string): string
  /** @throws FaultlineError `not-found` */
  enableBreakpoint(id: string, enabled: boolean): void
  /** @throws FaultlineError `not-found` */
  removeBreakpoint(id: string): void
  /**
   * Gives its id.
   *
   * @throws FaultlineError `invalid-argument` that lists every mistake.
   */
  addRule(rule: NewRule): string
  /**
   * Enabling starts its counts, its time and its randomness anew.
   *
   * @throws FaultlineError `not-found`
   */
  enableRule(id: string, enabled: boolean): void
  /** @throws FaultlineError `not-found` */
  removeRule(id: string): void
  /** Ends the open Network Connections whose Client Identifier fits the pattern; gives their number. */
  cut(clients: string, how: 'rst' | 'fin'): number
  /** Ends those of the open Network Connections whose Client Identifiers these are, in one pass; gives their number. */
  cutAll(clientIds: ReadonlySet<string>, how: 'rst' | 'fin'): number
  /** Removes all rules that concern these clients and no others; gives their number. */
  heal(clients: string): number
  /** Lets everything go and ends every rule. The Links stay. */
  dispose(): void
}

/**
 * @param options.seed what randomness is drawn from: the same seed gives the same decisions for each client, whatever
 * others do.
 * @param options.captureStart wall time at which the capture's time is 0; by default now.
 */
export function createWire(options: {
  readonly clock: Clock
  readonly seed: string | number
  readonly tap: Tap
  readonly captureStart?: number
}): Wire {
  return new LinkedWire(options)
}

class LinkedWire implements Wire {
  readonly #clock: Clock
  readonly #controls: Controls
  readonly #links = new Map<number, ControlledLink>()
  readonly #changed = new Emitter<WireState>()
  readonly onChanged: Event<WireState> = this.#changed.event
  #announcement: Disposable | undefined
  /** A rule will not act any more, so that plans may have become simpler. */
  #rulesDone = false
  #disposed = false

  constructor({ clock, seed, tap, captureStart = clock.now() }: Parameters<typeof createWire>[0]) {
    this.#clock = clock
    const on = {
      plansChanged: () => this.#plansChanged(),
      counted: (rulesDone: boolean) => {
        this.#rulesDone ||= rulesDone
        this.#touch()
      },
    }
    this.#controls = new Controls({ clock, seed, tap, captureStart, on })
  }

  open(ends: LinkEnds): Link {
    const link = new ControlledLink(this.#controls, ends)
    this.#links.set(link.connection, link)
    link.onClosed(() => this.#links.delete(link.connection))
    link.start()
    return link
  }

  identify(connection: number, clientId: string): void {
    this.#links.get(connection)?.identify(clientId)
  }

  whenClosed(connection: number, then: () => void): void {
    const link = this.#links.get(connection)
    if (link === undefined) then()
    else link.whenClosed(then)
  }

  state(): WireState {
    const { breakpoints, rules, held, speed } = this.#controls
    return {
      holding: breakpoints.holding,
      speed,
      breakpoints: breakpoints.state(),
      rules: rules.state(),
      held: held
        .list()
        .slice(0, mostListed)
        .map((packet) => packet.snapshot()),
      heldCount: held.count,
      waitingCount: held.waiting,
    }
  }

  hold(on: boolean): void {
    this.#controls.breakpoints.holding = on
    this.#plansChanged()
  }

  letGo(breakpoint?: string): number {
    if (breakpoint !== undefined) return this.#letGoOf(breakpoint)
    this.hold(false)
    // What is held meanwhile has come meanwhile.
    return this.#controls.held.list().reduce((packets, held) => packets + held.letGo(), 0)
  }

  #letGoOf(breakpoint: string): number {
    const held = this.#controls.held.list().filter((packet) => packet.breakpoint === breakpoint)
    // One that goes on may end the connection of another.
    const gone = held.filter((packet) => {
      if (this.#controls.held.get(packet.packet) !== packet) return false
      packet.decide({ action: 'deliver' })
      return true
    })
    return gone.length
  }

  next(): number | undefined {
    const held = this.#controls.held.first()
    held?.decide({ action: 'deliver' })
    return held?.packet
  }

  heldOctets(packet: number): Uint8Array {
    return this.#held(packet).octets
  }

  decide(packet: number, action: Decision['action'], octets?: Uint8Array): void {
    this.#held(packet).decide({ action, octets })
  }

  #held(packet: number): Held {
    const held = this.#controls.held.get(packet)
    if (held === undefined) {
      throw new FaultlineError({
        code: 'not-found',
        message: `packet ${packet} is not held`,
        hint: 'it may have gone on meanwhile, or its connection has closed',
        details: { packet },
      })
    }
    return held
  }

  speed(speed: number): void {
    if (!(speed >= 0.01 && speed <= 1)) {
      const message = `speed is ${speed}; it must be a number from 0.01 to 1`
      const hint = '1 is real time, 0.1 ten times slower'
      throw new FaultlineError({ code: 'invalid-argument', message, hint, details: { speed } })
    }
    this.#controls.speed = speed
    this.#plansChanged()
  }

  addBreakpoint(filter: string): string {
    const id = this.#controls.breakpoints.add(filter)
    this.#plansChanged()
    return id
  }

  enableBreakpoint(id: string, enabled: boolean): void {
    this.#controls.breakpoints.enable(id, enabled)
    this.#plansChanged()
  }

  removeBreakpoint(id: string): void {
    this.#controls.breakpoints.remove(id)
    this.#plansChanged()
  }

  addRule(rule: NewRule): string {
    return this.#controls.rules.add(rule)
  }

  enableRule(id: string, enabled: boolean): void {
    this.#controls.rules.enable(id, enabled)
  }

  removeRule(id: string): void {
    this.#controls.rules.remove(id)
  }

  cut(clients: string, how: 'rst' | 'fin'): number {
    return this.#cutWhere((clientId) => matchesClient(clients, clientId), how)
  }

  cutAll(clientIds: ReadonlySet<string>, how: 'rst' | 'fin'): number {
    return this.#cutWhere((clientId) => clientId !== undefined && clientIds.has(clientId), how)
  }

  #cutWhere(isMeant: (clientId: string | undefined) => boolean, how: 'rst' | 'fin'): number {
    const links = [...this.#links.values()].filter(({ identity }) => isMeant(identity.clientId()))
    return links.filter((link) => link.cut(how, somebody)).length
  }

  heal(clients: string): number {
    return this.#controls.rules.heal(clients)
  }

  dispose(): void {
    if (this.#disposed) return
    this.#controls.speed = 1
    this.#controls.breakpoints.clear()
    this.#controls.rules.heal('*')
    this.letGo()
    this.#disposed = true
    this.#announcement?.dispose()
    this.#controls.dispose()
    this.#changed.dispose()
  }

  #plansChanged(): void {
    this.#rulesDone = false
    for (const link of [...this.#links.values()]) link.plansChanged()
    this.#touch()
  }

  #touch(): void {
    if (this.#disposed) return
    this.#announcement ??= this.#clock.after(changedMs, () => {
      this.#announcement = undefined
      if (this.#rulesDone) this.#plansChanged()
      if (this.#changed.hasListeners) this.#changed.fire(this.state())
    })
  }
}
