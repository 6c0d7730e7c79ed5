import { FaultlineError } from '../../app/base/errors.ts'
import type { HeldPacket } from '../../app/contract/wire.ts'
import { packetTypeOf } from '../../app/mqtt/control-packet.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import { mostAtOnce } from '../../app/scenario/bounds.ts'
import type { WireOrder } from '../../app/script-api/scenario-crossing.ts'
import type { Bench } from './bench.ts'
import { tooMany } from './refusals.ts'
import type { OpenWaits } from './wait-for.ts'

/** As `HeldPacket` of scenario.d.ts. */
export interface HeldForScript {
  readonly number: number
  readonly type: string
  readonly client: string
  readonly from: 'client' | 'broker'
}

/** Holds packets in mid-air, as a scenario asks. */
export class WireDesk {
  readonly #bench: Pick<Bench, 'capture' | 'wire'>
  readonly #waits: OpenWaits
  /** The breakpoint of each hold, by its number less one. */
  readonly #holds: { readonly id: string; released: boolean }[] = []

  constructor(bench: Pick<Bench, 'capture' | 'wire'>, waits: OpenWaits) {
    this.#bench = bench
    this.#waits = waits
  }

  /**
   * All but `held`.
   *
   * @throws FaultlineError `invalid-argument` for a filter that cannot be read, `not-found` for a packet that is not held
   */
  carryOut(order: Exclude<WireOrder, { order: 'held' }>): { readonly hold: number } | undefined {
    const { wire } = this.#bench
    switch (order.order) {
      case 'hold':
        if (wire.state().breakpoints.length >= mostAtOnce.holds)
          throw tooMany(mostAtOnce.holds, 'holds', 'end some with release()')
        this.#holds.push({ id: wire.addBreakpoint(order.filter), released: false })
        return { hold: this.#holds.length }
      case 'release hold':
        this.#release(order.hold)
        return undefined
      case 'release':
        for (const hold of this.#holds) this.#remove(hold)
        wire.letGo()
        return undefined
      case 'deliver':
      case 'drop':
        wire.decide(order.packet, order.order)
        return undefined
      case 'double':
        wire.decide(order.packet, 'twice')
        return undefined
      case 'speed':
        wire.speed(order.factor)
        return undefined
    }
  }

  /** The first that is held, as soon as one is; undefined where none was in time. */
  async held(order: Extract<WireOrder, { order: 'held' }>): Promise<HeldForScript | undefined> {
    const { wire } = this.#bench
    const packet = await this.#waits.until(() => wire.state().held[0], [wire.onChanged], order.within)
    if (packet === undefined) return undefined
    const held = this.#describe(packet)
    if (order.deliver) wire.decide(packet.packet, 'deliver')
    return held
  }

  #release(number: number): void {
    const hold = this.#holds[number - 1]
    if (hold === undefined) throw new FaultlineError({ code: 'not-found', message: `there is no hold ${number}` })
    this.#remove(hold)
    this.#bench.wire.letGo(hold.id)
  }

  #remove(hold: { readonly id: string; released: boolean }): void {
    if (!hold.released) this.#bench.wire.removeBreakpoint(hold.id)
    hold.released = true
  }

  #describe({ connection, direction, octets, packet }: HeldPacket): HeldForScript {
    const said = direction === 'to broker' ? summarize(octets, 4).clientId : undefined
    return {
      number: packet,
      type: packetTypeOf(octets[0] ?? 0) ?? 'unknown',
      client: this.#bench.capture.clientId(connection) ?? said ?? '',
      from: direction === 'to broker' ? 'client' : 'broker',
    }
  }
}
