import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { ModelClient } from './model-client.ts'
import type { ModelLink } from './model-link.ts'
import type { ConnectOptions, Filter, Message, Will } from './model-words.ts'
import type { ModelWorld } from './model-world.ts'

/** One step, as fast-check makes them: what it does, to whom, and numbers that it takes its details from. */
export interface Step {
  readonly what: StepName
  readonly client: number
  readonly detail: number
}

const topics = ['a', 'a/b', 'a/b/c', 'b', 'b/c'] as const
const filters = ['a', 'a/b', 'a/+', 'a/#', '+', '+/b', '#', 'b/#', 'b/c'] as const
const expiries = [0, 5, 60, Number.POSITIVE_INFINITY] as const
const keepAlives = [0, 0, 1, 4, 15] as const
const delays = [0, 0, 3, 7, 30] as const
/** More than may wait for a reader that is slow. */
const largePayload = 40_000
const everything = 1 << 20
/**
 * Milliseconds between any two things that are done. Everything else takes whole half seconds, so that no two things are
 * ever due at the same time; and sums of it are exact.
 */
const tick = 1 / 1024

/** Takes details out of a number, one after the other. */
export class Details {
  #rest: number

  constructor(detail: number) {
    this.#rest = detail
  }

  /** 0 to count - 1 */
  next(count: number): number {
    const value = this.#rest % count
    this.#rest = Math.floor(this.#rest / count)
    return value
  }

  one<T>(of: readonly T[]): T {
    return of[this.next(of.length)] as T
  }
}

type Doing = (world: ModelWorld, client: ModelClient, details: Details) => void

export const doings = {
  connect: (world, client, details) => {
    if (client.link === undefined) world.connect(client, connectOptions(world, client, details))
  },
  publish: (_, client, details) => client.publish(messageOf(client, details)),
  subscribe: (_, client, details) => {
    if (!client.isConnected) return
    const is5 = client.options?.version === 5
    const count = 1 + details.next(2)
    const wanted = Array.from({ length: count }, () => filterOf(details, is5))
    client.subscribe(wanted, is5 && details.next(2) === 1 ? 1 + details.next(200) : undefined)
  },
  unsubscribe: (_, client, details) => {
    if (client.isConnected) client.unsubscribe(details.one(filters))
  },
  'to broker': (world, client, details) => {
    if (client.link !== undefined)
      bring(
        details,
        (most) => world.toBroker(client.link as ModelLink, most),
        () => client.link,
      )
  },
  'to client': (world, client, details) => {
    bring(
      details,
      (most) => world.toClient(client, most),
      () => client.link,
    )
  },
  flow: (world) => flow(world, 3),
  late: (world, _, details) => {
    const link = world.abandoned[details.next(Math.max(1, world.abandoned.length))]
    if (link === undefined) return
    if (details.next(3) === 0) world.cut(link)
    else
      bring(
        details,
        (most) => world.toBroker(link, most),
        () => link,
      )
  },
  cut: (world, client, details) => {
    const { link } = client
    if (link === undefined) return
    const who = details.next(3)
    // Only the client notices, both do, or only the broker does.
    if (who < 2) world.abandon(client)
    if (who > 0) world.cut(link)
  },
  disconnect: (world, client, details) => {
    const { link, options } = client
    if (!client.isConnected || link === undefined) return
    const is5 = options?.version === 5
    const expiry = is5 && options.expiry > 0 && details.next(3) === 0 ? details.one(expiries) : undefined
    client.disconnect(is5 && details.next(3) === 0, expiry)
    world.abandon(client)
  },
  'lose power': (world, client, details) => {
    world.abandon(client)
    world.forget(client, details.next(2) === 0)
  },
  repeat: (_, client, details) => {
    // MQTT 5 forbids it [MQTT-4.4.0-1].
    if (client.isConnected && client.options?.version === 4) client.repeat(details.next(8))
  },
  'lose a packet': (world, client, details) => world.lose(client, details.next(2) === 0),
  wait: (world, _, details) => world.advance(1000 * details.one([1, 1, 2, 5, 20, 61])),
  stall: (_, client) => client.link?.stall(),
  ping: (_, client) => {
    if (client.isConnected) client.ping()
  },
} as const satisfies Record<string, Doing>

export type StepName = keyof typeof doings

/** How often each step is taken. */
export const weights: Readonly<Record<StepName, number>> = {
  connect: 10,
  publish: 24,
  subscribe: 6,
  unsubscribe: 1,
  'to broker': 20,
  'to client': 20,
  flow: 8,
  late: 3,
  cut: 4,
  disconnect: 1,
  'lose power': 1,
  repeat: 3,
  'lose a packet': 1,
  wait: 2,
  stall: 1,
  ping: 1,
}

/** Takes one step. */
export function take(world: ModelWorld, { what, client: index, detail }: Step): void {
  world.advance(tick)
  const client = world.clients[index % world.clients.length] as ModelClient
  doings[what](world, client, new Details(detail))
  world.check()
}

function connectOptions(world: ModelWorld, client: ModelClient, details: Details): ConnectOptions {
  const clean = client.mustBeginAnew || world.isExpired(client) || details.next(8) === 0
  // A Session is not carried from one version to the other: what a client has forgotten means different things in them.
  const last = client.options
  const version = clean || last === undefined ? details.one([4, 5] as const) : last.version
  const is5 = version === 5
  return {
    version,
    clean,
    expiry: is5 ? details.one(expiries) : clean ? 0 : Number.POSITIVE_INFINITY,
    keepAlive: details.one(keepAlives),
    receiveMaximum: is5 ? details.one([1, 2, 3, 65_535]) : 65_535,
    topicAliasMaximum: is5 ? details.one([0, 0, 1, 3]) : 0,
    will: details.next(2) === 0 ? willOf(client, details, is5) : undefined,
  }
}

function willOf(client: ModelClient, details: Details, is5: boolean): Will {
  const delay = is5 ? details.one(delays) : 0
  const seq = client.nextSeq()
  const qos = details.next(3) as QoS
  const key = `${client.clientId}:${seq}:will:${qos}`
  const message = {
    key,
    seq,
    publisher: client.clientId,
    topic: details.one(topics),
    qos,
    payload: Buffer.from(`${key}\n`),
  }
  return { message: { ...message, retain: details.next(3) === 0 }, delay }
}

function messageOf(client: ModelClient, details: Details): Message {
  const qos = details.next(3) as QoS
  const topic = details.one(topics)
  const retain = details.next(5) === 0
  const publisher = client.clientId
  const seq = client.nextSeq()
  if (retain && details.next(3) === 0) {
    return { key: 'clear', seq, publisher, topic, qos, retain, payload: Buffer.alloc(0) }
  }
  const key = `${publisher}:${seq}:${qos}`
  const size = details.next(30) === 0 ? largePayload : 0
  return { key, seq, publisher, topic, qos, retain, payload: Buffer.from(`${key}\n`.padEnd(size)) }
}

function filterOf(details: Details, is5: boolean): Filter {
  const qos = details.next(3) as QoS
  const filter = details.one(filters)
  if (!is5) return { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 }
  return {
    filter,
    qos,
    noLocal: details.next(4) === 0,
    retainAsPublished: details.next(2) === 0,
    retainHandling: details.next(3) as 0 | 1 | 2,
  }
}

/** A few octets, a few packets, or all there is. */
function bring(details: Details, step: (most: number) => void, link: () => ModelLink | undefined): void {
  const how = details.next(4)
  if (how === 0) step(1 + details.next(12))
  else for (let packets = how === 1 ? 1 : how * how; packets > 0 && link() !== undefined; packets--) step(everything)
}

/** Everything goes both ways, some times over. @returns whether anything moved */
export function flow(world: ModelWorld, rounds: number): boolean {
  let moved = false
  for (let round = 0; round < rounds; round++) {
    for (const client of world.clients) {
      world.advance(tick)
      if (client.link?.isStalled) client.link.flow()
      while (client.link?.toBroker.isEmpty === false && !client.link.isOver) {
        world.toBroker(client.link, everything)
        moved = true
      }
      while (client.link !== undefined && (client.link.isOver || !client.link.toClient.isEmpty)) {
        world.toClient(client, everything)
        moved = true
      }
    }
  }
  return moved
}
