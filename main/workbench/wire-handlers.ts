import type { Handlers } from '../../app/contract/responder.ts'
import type { wireMethods } from '../../app/contract/wire.ts'
import type { Wire } from '../link/wire.ts'

/** More than this does not go to a screen in one piece. */
const mostOctets = 8 * 1024 * 1024

/** Answers everything that a screen asks of the wire. */
export function wireHandlers(wire: Wire): Pick<Handlers, keyof typeof wireMethods> {
  return {
    'wire.state': () => wire.state(),
    'wire.hold': ({ on }) => {
      wire.hold(on)
      return {}
    },
    'wire.letGo': () => ({ packets: wire.letGo() }),
    'wire.heldOctets': ({ packet }) => {
      const octets = wire.heldOctets(packet)
      return { octets: octets.subarray(0, mostOctets), length: octets.length }
    },
    'wire.next': () => ({ packet: wire.next() }),
    'wire.decide': ({ packet, action, octets }) => {
      wire.decide(packet, action, octets)
      return {}
    },
    'wire.speed': ({ speed }) => {
      wire.speed(speed)
      return {}
    },
    'wire.addBreakpoint': ({ filter }) => ({ id: wire.addBreakpoint(filter) }),
    'wire.enableBreakpoint': ({ id, enabled }) => {
      wire.enableBreakpoint(id, enabled)
      return {}
    },
    'wire.removeBreakpoint': ({ id }) => {
      wire.removeBreakpoint(id)
      return {}
    },
    'wire.addRule': (rule) => ({ id: wire.addRule(rule) }),
    'wire.enableRule': ({ id, enabled }) => {
      wire.enableRule(id, enabled)
      return {}
    },
    'wire.removeRule': ({ id }) => {
      wire.removeRule(id)
      return {}
    },
    'wire.cut': ({ clients, how }) => ({ connections: wire.cut(clients, how) }),
    'wire.heal': ({ clients }) => ({ rules: wire.heal(clients) }),
  }
}
