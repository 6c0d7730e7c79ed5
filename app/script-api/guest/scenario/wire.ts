import type { HeldPacket, HoldHandle, WireHandle } from 'faultline'
import { mistake, shown } from '../../mistake.ts'
import type { Ask, WireOrder } from '../../scenario-crossing.ts'
import { type Asks, nothing } from './asks.ts'
import { optionsOf, textOf, timeOf } from './options.ts'

const usualWait = 5000

/** Packets stopped in mid-air. */
export function createWire(asks: Asks): WireHandle {
  const order = (what: () => WireOrder) => asks.ask(() => wire(what()), nothing)
  const held = (deliver: boolean, call: string, options: unknown) =>
    asks.ask(
      () => {
        const { within = usualWait } = optionsOf(options, ['within'], `${call}(...)`)
        return wire({ order: 'held', within: timeOf(within, `within of ${call}`), deliver })
      },
      (answer) => Object.freeze(answer as HeldPacket),
    )
  const decide = (what: 'deliver' | 'drop' | 'double') => (packet: unknown) =>
    order(() => ({ order: what, packet: numberOf(packet, what) }))
  return Object.freeze({
    hold: (filter = '') =>
      asks.ask(
        () => wire({ order: 'hold', filter: textOf(filter, 'the filter of hold') }),
        (answer) => holdHandle(order, (answer as { hold: number }).hold),
      ),
    held: (options) => held(false, 'held', options),
    next: (options) => held(true, 'next', options),
    deliver: decide('deliver'),
    drop: decide('drop'),
    double: decide('double'),
    release: () => order(() => ({ order: 'release' })),
    speed: (factor) => order(() => ({ order: 'speed', factor: speedOf(factor) })),
  } satisfies WireHandle)
}

function wire(what: WireOrder): Ask {
  return { do: 'wire', what }
}

function holdHandle(order: (what: () => WireOrder) => Promise<void>, hold: number): HoldHandle {
  return Object.freeze({ release: () => order(() => ({ order: 'release hold', hold })) })
}

function numberOf(packet: unknown, call: string): number {
  const number = typeof packet === 'object' && packet !== null && 'number' in packet ? packet.number : undefined
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number
  throw mistake(`${call} needs a packet that wire.held() or wire.next() gave, not ${shown(packet)}`)
}

function speedOf(factor: unknown): number {
  if (typeof factor === 'number' && factor >= 0.01 && factor <= 1) return factor
  throw mistake(`the factor of speed must be a number from 0.01 to 1, not ${shown(factor)}; 0.1 is ten times slower`)
}
