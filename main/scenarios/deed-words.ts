import type { DeviceAction } from '../../app/device/device-snapshot.ts'
import { describeBreakpoint, describeRule } from '../../app/faults/describe-rule.ts'
import { inTime } from '../../app/faults/words.ts'
import type { Ask, BrokerOrder, WireOrder } from '../../app/script-api/scenario-crossing.ts'
import { linkRule } from './link-rule.ts'

export interface Deed {
  /** As the script calls it: `powerLoss`, `drop`, `broker.kill`. */
  readonly kind: string
  readonly what: string
}

/**
 * What is done on purpose, in words; undefined for what is none of that: publishing, expecting, asking.
 *
 * @param clients the pattern of Client Identifiers, of what is about links
 */
export function deedOf(ask: Ask, clients: string): Deed | undefined {
  switch (ask.do) {
    case 'device':
      return { kind: ask.action, what: ofDevice(ask) }
    case 'ramp':
      return { kind: 'rampTo', what: `fleet ${ask.group} goes to ${ask.count}${within(ask.overMs)}` }
    case 'storm':
      return { kind: 'storm', what: `all of ${ask.group} lose their connections and come back ${ask.reconnect}` }
    case 'disconnect':
      return { kind: 'disconnect', what: `${ask.id} disconnects` }
    case 'drop client':
      return { kind: 'client.drop', what: `the connection of ${ask.id} is dropped` }
    case 'connect':
      return { kind: 'connect', what: `${ask.id} connects again` }
    case 'fault':
      return { kind: ask.fault, what: describeRule(linkRule(ask, clients)) }
    case 'cut':
      return { kind: 'cut', what: `cut link of ${named(clients)}${ask.how === 'fin' ? ' by FIN' : ''}` }
    case 'heal':
      return { kind: 'heal', what: `links of ${named(clients)} are healed` }
    case 'remove fault':
      return { kind: 'remove', what: `${ask.rule} is removed` }
    case 'broker':
      return { kind: `broker.${ask.what.order}`, what: ofBroker(ask.what) }
    case 'wire': {
      const what = ofWire(ask.what)
      return what === undefined ? undefined : { kind: `wire.${ask.what.order}`, what }
    }
    default:
      return undefined
  }
}

function ofDevice({ action, certificate, id, offMs, skewMs = 0 }: Extract<Ask, { do: 'device' }>): string {
  const words: Readonly<Record<DeviceAction, string>> = {
    powerLoss: `power of ${id} is cut`,
    powerOn: `${id} is powered on`,
    reboot: `${id} reboots${offMs === undefined || offMs === 0 ? '' : `, off for ${inTime(offMs)}`}`,
    crash: `the script of ${id} crashes`,
    hang: `${id} hangs`,
    disconnect: `${id} disconnects`,
    connect: `${id} connects again`,
    takeOver: `a second client takes over ${id}`,
    wrongPassword: `${id} uses a wrong password`,
    clockSkew: `the clock of ${id} is ${inTime(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead'}`,
    useCertificate: `${id} uses the certificate ${certificate ?? ''}`,
    heal: `${id} is healed`,
  }
  return words[action]
}

function ofBroker(order: BrokerOrder): string {
  switch (order.order) {
    case 'stop':
      return 'the broker stops'
    case 'kill':
      return 'the broker is killed'
    case 'start':
      return 'the broker starts'
    case 'accept':
      return 'the broker accepts clients again'
    case 'refuse': {
      const often = order.times === undefined ? '' : `, ${order.times === 1 ? 'once' : `${order.times} times`}`
      return `the broker refuses ${named(order.clients ?? '*')}: ${order.reason}${often}`
    }
    case 'maxConnections':
      return `the broker takes ${order.count} connections at most`
    case 'expireSession':
      return `the Session of ${order.id} is expired`
    case 'publish':
      return `the broker publishes to ${order.topic}`
  }
}

function ofWire(order: WireOrder): string | undefined {
  switch (order.order) {
    case 'hold':
      return describeBreakpoint(order.filter)
    case 'release hold':
      return 'what one hold held goes on'
    case 'release':
      return 'all that is held goes on'
    case 'held':
      return undefined
    case 'deliver':
      return `packet ${order.packet} is delivered`
    case 'drop':
      return `packet ${order.packet} is dropped`
    case 'double':
      return `packet ${order.packet} is sent twice`
    case 'speed':
      return order.factor === 1 ? 'the wire has its usual speed' : `the wire is slowed down to ${order.factor}`
  }
}

function named(clients: string): string {
  return clients === '*' ? 'every client' : clients
}

function within(ms: number): string {
  return ms === 0 ? '' : ` over ${inTime(ms)}`
}
