import type { FaultHandle, LinkHandle } from 'faultline'
import { closest } from '../../../base/closest.ts'
import { packetTypes } from '../../../mqtt/control-packet.ts'
import { mistake, shown } from '../../mistake.ts'
import type { Which } from '../../scenario-crossing.ts'
import { checkTopicFilter } from '../../topics.ts'
import { filled, type Given } from '../properties.ts'
import { type Asks, nothing } from './asks.ts'
import { oneOf, optionalWhole, optionsOf, textOf, timeOf, wholeNumber } from './options.ts'

type Settings = Record<string, number | string>

/** Type 0 is reserved. */
const packetNames = packetTypes.filter((type) => type !== undefined)
const whichKeys = ['packet', 'from', 'topic', 'packetId', 'nth', 'times', 'probability']

/** @param clients the pattern of Client Identifiers that it is about */
export function createLink(asks: Asks, clients: string): LinkHandle {
  const handleOf = (answer: unknown) => faultHandle(asks, (answer as { rule: string }).rule)
  /** `check` reads the arguments: they are wrong before anything is asked for. */
  const fault = (name: string, check: () => { settings?: Settings; which: Which }): Promise<FaultHandle> =>
    asks.ask(() => {
      const { settings = {}, which } = check()
      return { do: 'fault', clients, fault: name, settings, which }
    }, handleOf)
  const timed = (name: string) => (time: unknown, which?: unknown) =>
    fault(name, () => ({ settings: { ms: timeOf(time, `the time of ${name}`) }, which: readWhich(name, which) }))
  const plain = (name: string) => (which?: unknown) => fault(name, () => ({ which: readWhich(name, which) }))
  const onWay = (name: string, which: unknown) => readWhich(name, which, ['from'])
  return Object.freeze({
    latency: timed('latency'),
    jitter: timed('jitter'),
    delay: timed('delay'),
    drop: plain('drop'),
    reorder: plain('reorder'),
    corrupt: plain('corrupt'),
    bandwidth: (rate: unknown, which?: unknown) =>
      fault('bandwidth', () => ({
        settings: { rate: wholeNumber(rate, 'the octets a second of bandwidth', 1, 1_000_000_000) },
        which: onWay('bandwidth', which),
      })),
    loss: (share: unknown, which?: unknown) =>
      fault('loss', () => ({ settings: { rate: chance(share, 'the chance of loss') }, which: onWay('loss', which) })),
    duplicate: (which?: unknown) =>
      fault('duplicate', () =>
        withSetting('duplicate', which, 'copies', (value, what) => wholeNumber(value, what, 2, 100)),
      ),
    truncate: (which?: unknown) =>
      fault('truncate', () => withSetting('truncate', which, 'octets', (value, what) => wholeNumber(value, what, 1))),
    slice: (octets: unknown, which?: unknown) =>
      fault('slice', () => {
        const size = wholeNumber(octets, 'the octets of slice', 1, 65_535)
        return { settings: { min: size, max: size }, which: onWay('slice', which) }
      }),
    cut: (options?: unknown) => cut(asks, clients, options, fault),
    halfOpen: (which?: unknown) => fault('halfOpen', () => ({ which: onWay('halfOpen', which) })),
    refuse: (which?: unknown) => fault('refuse', () => ({ which: readWhich('refuse', which, ['times']) })),
    heal: () => asks.ask(() => ({ do: 'heal', clients }), nothing),
  })
}

type Fault = (name: string, check: () => { settings?: Settings; which: Which }) => Promise<FaultHandle>

/** Now, or at a packet. What is cut now is over as soon as it is done: there is nothing to remove. */
function cut(asks: Asks, clients: string, options: unknown, fault: Fault): Promise<FaultHandle> {
  const read = () => {
    const { by = 'RST', at } = optionsOf(options, ['by', 'at'], 'cut(...)')
    const how = oneOf(by, ['RST', 'FIN'], 'by of cut') === 'RST' ? ('rst' as const) : ('fin' as const)
    return { how, at }
  }
  if (typeof options === 'object' && options !== null && 'at' in options && options.at !== undefined) {
    return fault('cut', () => {
      const { at, how } = read()
      return { settings: { how }, which: readWhich('at of cut', at) }
    })
  }
  return asks.ask(
    () => ({ do: 'cut', clients, how: read().how }),
    (answer) => {
      const { connections } = answer as { connections: number }
      return Object.freeze({ remove: async () => {}, hits: async () => connections })
    },
  )
}

function faultHandle(asks: Asks, rule: string): FaultHandle {
  return Object.freeze({
    remove: () => asks.ask(() => ({ do: 'remove fault', rule }), nothing),
    hits: () => asks.ask(() => ({ do: 'read', what: 'hits', of: rule }), Number),
  })
}

function withSetting(
  name: string,
  given: unknown,
  key: string,
  check: (value: unknown, what: string) => number,
): { settings: Settings; which: Which } {
  const { [key]: value, ...which } = optionsOf(given, [...whichKeys, key], `${name}(...)`)
  return {
    settings: value === undefined ? {} : { [key]: check(value, `${key} of ${name}`) },
    which: readWhich(name, which),
  }
}

function readWhich(name: string, value: unknown, keys: readonly string[] = whichKeys): Which {
  const given = optionsOf(value, keys, name.includes(' ') ? name : `${name}(...)`)
  const what = (key: string) => `${key} of ${name}`
  const { from, topic, probability } = given
  return (
    filled({
      packets: packetsOf(given, what('packet')),
      from: from === undefined ? undefined : oneOf(from, ['client', 'broker'], what('from')),
      topic: topic === undefined ? undefined : checkTopicFilter(topic, what('topic')),
      packetId: optionalWhole(given['packetId'], what('packetId'), 1, 65_535),
      nth: optionalWhole(given['nth'], what('nth'), 1),
      times: optionalWhole(given['times'], what('times'), 1),
      probability: probability === undefined ? undefined : chance(probability, what('probability')),
    }) ?? {}
  )
}

function packetsOf({ packet }: Given, what: string): string[] | undefined {
  if (packet === undefined) return undefined
  const names: readonly unknown[] = Array.isArray(packet) ? packet : [packet]
  if (names.length === 0) throw mistake(`${what} must not be an empty list`)
  return names.map((value) => {
    const name = textOf(value, what)
    if (packetNames.some((known) => known === name)) return name
    const meant = closest(name, packetNames)
    throw mistake(
      `${what}: there is no packet ${shown(name)}; ${meant === undefined ? `there are ${packetNames.join(', ')}` : `did you mean '${meant}'?`}`,
    )
  })
}

function chance(value: unknown, what: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw mistake(`${what} must be a number from 0 to 1, not ${shown(value)}`)
}
