import { type Disposable, DisposableStore } from '../../app/base/disposable.ts'
import type { TapListener } from '../../app/capture/tap.ts'
import type { Handlers } from '../../app/contract/responder.ts'
import type { HandDeed, Sighting } from '../../app/scenario/hand-deeds.ts'
import type { Devices } from '../devices/devices.ts'
import type { Wire } from '../link/wire.ts'

/** The newest are kept: nobody makes a scenario of more. */
const mostDeeds = 500
const mostSightings = 20_000

/** The id of what holds every packet, among those of breakpoints. */
const everything = 'every packet'

/** A deed before it has its time. */
type Done = HandDeed extends infer D ? (D extends HandDeed ? Omit<D, 'at'> : never) : never

/**
 * Writes down what a user does by hand over the contract, and what is seen of devices and wills, so that a scenario can be
 * made of it. What is refused is not written down.
 */
export class Deeds implements Disposable {
  readonly #now: () => number
  readonly #disposables = new DisposableStore()
  readonly #deeds: HandDeed[] = []
  readonly #sightings: Sighting[] = []
  readonly #states = new Map<string, string>()
  #wire: Pick<Wire, 'state'> | undefined

  /** @param now wall time in milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Begins to look at devices, and at what rules the wire has. */
  follow({ devices, wire }: { wire: Pick<Wire, 'state'>; devices: Pick<Devices, 'onChanged'> }): void {
    this.#wire = wire
    this.#disposables.add(
      devices.onChanged(({ changed, removed }) => {
        for (const { id, state } of changed) {
          if (this.#states.get(id) === state) continue
          this.#states.set(id, state)
          this.#see({ at: this.#now(), saw: 'state', id, state })
        }
        for (const id of removed) this.#states.delete(id)
      }),
    )
  }

  /** Hears of wills. */
  readonly tap: TapListener = {
    packet: () => {},
    event: (_connection, event) => {
      if (event.type !== 'will published') return
      this.#see({ at: this.#now(), saw: 'will', clientId: event.clientId, reason: event.reason })
    },
  }

  /** @param at wall time from which on, in milliseconds */
  since(at: number): { readonly deeds: readonly HandDeed[]; readonly sightings: readonly Sighting[] } {
    // What was seen before tells how things stood.
    return { deeds: this.#deeds.filter((deed) => deed.at >= at), sightings: [...this.#sightings] }
  }

  dispose(): void {
    this.#disposables.dispose()
  }

  /** The same handlers, which write down what was done. */
  watching(handlers: Handlers): Handlers {
    return { ...handlers, ...this.#ofDevices(handlers), ...this.#ofWire(handlers), ...this.#ofBroker(handlers) }
  }

  #ofDevices(handlers: Handlers): Pick<Handlers, 'devices.act' | 'fleets.change'> {
    return {
      'devices.act': this.#noted(handlers['devices.act'], ({ action, id, settings = {} }) => ({
        do: 'device',
        id,
        action,
        settings,
      })),
      'fleets.change': this.#noted(handlers['fleets.change'], ({ change: { count, rampMs = 0, ...rest }, id }) =>
        count === undefined || Object.values(rest).some((value) => value !== undefined)
          ? { do: 'other', what: `what the fleet ${id} does is changed` }
          : { do: 'ramp', fleet: id, count, overMs: rampMs },
      ),
    }
  }

  #ofWire(handlers: Handlers): Partial<Handlers> {
    return {
      'wire.addRule': this.#noted(handlers['wire.addRule'], (rule, { id }) =>
        rule.enabled ? { do: 'rule', id, rule } : undefined,
      ),
      'wire.enableRule': this.#noted(handlers['wire.enableRule'], ({ enabled, id }) => {
        if (!enabled) return { do: 'remove rule', id }
        const rule = this.#wire?.state().rules.find((rule) => rule.id === id)
        return rule && { do: 'rule', id, rule }
      }),
      'wire.removeRule': this.#noted(handlers['wire.removeRule'], ({ id }) =>
        this.#isInForce(id) ? { do: 'remove rule', id } : undefined,
      ),
      'wire.addBreakpoint': this.#noted(handlers['wire.addBreakpoint'], ({ filter }, { id }) => ({
        do: 'hold',
        id,
        filter: filter.trim(),
      })),
      'wire.enableBreakpoint': this.#noted(handlers['wire.enableBreakpoint'], ({ enabled, id }) => {
        if (!enabled) return { do: 'end hold', id }
        const breakpoint = this.#wire?.state().breakpoints.find((breakpoint) => breakpoint.id === id)
        return breakpoint && { do: 'hold', id, filter: breakpoint.filter.trim() }
      }),
      'wire.removeBreakpoint': this.#noted(handlers['wire.removeBreakpoint'], ({ id }) =>
        this.#isInForce(id) ? { do: 'end hold', id } : undefined,
      ),
      'wire.hold': this.#noted(handlers['wire.hold'], ({ on }) =>
        on ? { do: 'hold', id: everything, filter: '' } : { do: 'end hold', id: everything },
      ),
      'wire.letGo': this.#noted(handlers['wire.letGo'], () => ({ do: 'let go' })),
      'wire.next': this.#noted(handlers['wire.next'], (_params, { packet }) =>
        packet === undefined ? undefined : { do: 'decide', action: 'deliver' },
      ),
      'wire.decide': this.#noted(handlers['wire.decide'], ({ action, octets }) =>
        octets === undefined
          ? { do: 'decide', action }
          : { do: 'other', what: 'a held packet is sent with other octets' },
      ),
      'wire.speed': this.#noted(handlers['wire.speed'], ({ speed }) => ({ do: 'speed', factor: speed })),
      'wire.cut': this.#noted(handlers['wire.cut'], ({ clients, how }) => ({ do: 'cut', clients, how })),
      'wire.heal': this.#noted(handlers['wire.heal'], ({ clients }) => ({ do: 'heal', clients })),
    }
  }

  #ofBroker(handlers: Handlers): Partial<Handlers> {
    return {
      'broker.refuse': this.#noted(handlers['broker.refuse'], ({ clients, code, packet = 'CONNECT', times, topic }) => {
        if (packet !== 'CONNECT' || topic !== undefined) {
          return { do: 'other', what: code === undefined ? `${packet} is taken again` : `${packet} is refused` }
        }
        return code === undefined ? { do: 'accept' } : { do: 'refuse', code, clients, times }
      }),
      'broker.letIn': this.#noted(handlers['broker.letIn'], () => ({ do: 'accept' })),
      'sessions.expire': this.#noted(handlers['sessions.expire'], ({ clientId }) => ({ do: 'expire', clientId })),
      'sessions.clearQueue': this.#noted(handlers['sessions.clearQueue'], ({ clientId }) => ({
        do: 'other',
        what: `the queue of ${clientId} is cleared`,
      })),
      'sessions.disconnect': this.#noted(handlers['sessions.disconnect'], ({ clientId }) => ({
        do: 'other',
        what: `the broker disconnects ${clientId}`,
      })),
      'topics.clearRetained': this.#noted(handlers['topics.clearRetained'], () => ({
        do: 'other',
        what: 'retained messages are cleared',
      })),
    }
  }

  #noted<P, R>(handler: (params: P) => R | Promise<R>, deedOf: (params: P, result: R) => Done | undefined) {
    return async (params: P): Promise<R> => {
      // Taken before: what comes of a deed comes after it.
      const at = this.#now()
      const result = await handler(params)
      const done = deedOf(params, result)
      if (done !== undefined) this.#note({ ...done, at })
      return result
    }
  }

  /** Whether the last that was done about a rule or a breakpoint put it in force. */
  #isInForce(id: string): boolean {
    const last = this.#deeds.findLast((deed) => 'id' in deed && deed.do !== 'device' && deed.id === id)
    return last?.do === 'rule' || last?.do === 'hold'
  }

  #note(deed: HandDeed): void {
    this.#deeds.push(deed)
    if (this.#deeds.length > mostDeeds) this.#deeds.shift()
  }

  #see(sighting: Sighting): void {
    this.#sightings.push(sighting)
    // In one go: to move so many for each new one would take its time.
    if (this.#sightings.length > mostSightings) this.#sightings.splice(0, mostSightings / 4)
  }
}
