import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { ModelClient } from './model-client.ts'
import type { ModelLink } from './model-link.ts'
import { Details } from './model-steps.ts'
import type { ConnectOptions, Filter, Message } from './model-words.ts'
import type { StormWorld } from './storm-world.ts'

export interface StormStep {
  readonly what: StormStepName
  readonly client: number
  readonly detail: number
}

const topics = ['a', 'a', 'a/b', 'b', 's/a', 's/b'] as const
const plainFilters = ['a', 'a/+', 'a/#', 'b', 'kept/#'] as const
const filters = [...plainFilters, '$share/g/s/a', '$share/h/s/a', '$share/g/s/+', '$share/g/s/#'] as const
const everything = 1 << 20
const tick = 1 / 1024
/** So many messages at once take more than a turn of the event loop: it asks for the time once for 32 packets. */
const flood = 35

type Doing = (world: StormWorld, client: ModelClient, details: Details) => void | Promise<void>

const doings = {
  connect: (world, client, details) => {
    if (client.link === undefined) world.connect(client, optionsOf(world, client, details.next(12) === 0))
  },
  publish: (world, client, details) => client.publish(messageOf(world, client, details)),
  flood: (world, client, details) => {
    if (!client.isConnected) return
    for (let count = 0; count < flood; count++) client.publish(messageOf(world, client, details))
    const { link } = client
    while (link !== undefined && !link.isOver && !link.toBroker.isEmpty) {
      world.clock.stall(1)
      world.toBroker(link, everything)
    }
  },
  subscribe: (world, client, details) => {
    if (!client.isConnected) return
    client.subscribe(
      Array.from({ length: 1 + details.next(3) }, () => filterOf(world, client, details)),
      undefined,
    )
  },
  'to broker': (world, client, details) => {
    if (client.link !== undefined) bring(details, (most) => world.toBroker(client.link as ModelLink, most), client)
  },
  'to client': (world, client, details) => bring(details, (most) => world.toClient(client, most), client),
  flow: async (world) => {
    await flow(world, 3)
  },
  late: (world, _, details) => {
    const link = world.abandoned[details.next(Math.max(1, world.abandoned.length))]
    if (link === undefined) return
    if (details.next(3) === 0) world.cut(link)
    else world.toBroker(link, everything)
  },
  cut: (world, client, details) => {
    const { link } = client
    if (link === undefined) return
    const who = details.next(3)
    // Only the client notices, both do, or only the broker does.
    if (who < 2) world.abandon(client)
    if (who > 0) world.cut(link)
  },
  disconnect: (world, client) => {
    if (!client.isConnected) return
    client.disconnect(false, undefined)
    world.abandon(client)
  },
  wait: (world, _, details) => world.advance(1000 * details.one([1, 1, 2, 5, 20])),
  'slow store': (world) => {
    if (world.setting.hasStore) world.disk.store.slow()
  },
  'quick store': (world) => {
    if (world.setting.hasStore) world.disk.store.flow()
  },
  'full store': (world) => {
    if (world.setting.hasStore) world.disk.store.fail()
  },
  kill: (world, _, details) => world.kill(details.next(2) === 0),
  stop: (world) => world.stop(),
} as const satisfies Record<string, Doing>

export type StormStepName = keyof typeof doings

/** How often each step is taken. */
export const stormWeights: Readonly<Record<StormStepName, number>> = {
  connect: 16,
  publish: 30,
  flood: 2,
  subscribe: 8,
  'to broker': 24,
  'to client': 24,
  flow: 10,
  late: 2,
  cut: 4,
  disconnect: 1,
  wait: 2,
  'slow store': 4,
  'quick store': 2,
  'full store': 4,
  kill: 4,
  stop: 1,
}

/** Takes one step. */
export async function takeStorm(world: StormWorld, { what, client: index, detail }: StormStep): Promise<void> {
  world.advance(tick)
  const client = world.clients[index % world.clients.length] as ModelClient
  await doings[what](world, client, new Details(detail))
  await world.breathe()
}

/**
 * Every Session is kept. In 3.1.1 none begins anew, because it would end with its connection; and where queues are bounded
 * none does, so that all that is dropped can be counted.
 *
 * @param wantsNew whether the Session is to begin anew where it may
 */
export function optionsOf(world: StormWorld, client: ModelClient, wantsNew: boolean): ConnectOptions {
  const { clients, setting } = world
  const version = clients.indexOf(client) % 2 === 0 ? 5 : 4
  const mustBeginAnew = client.mustBeginAnew || world.isUsurped(client)
  return {
    version,
    clean: mustBeginAnew || (wantsNew && version === 5 && setting.queue === undefined),
    expiry: Number.POSITIVE_INFINITY,
    keepAlive: 0,
    receiveMaximum: 65_535,
    topicAliasMaximum: 0,
    will: undefined,
  }
}

function messageOf({ setting }: StormWorld, client: ModelClient, details: Details): Message {
  const seq = client.nextSeq()
  const publisher = client.clientId
  // Where what is dropped is counted, each message is to come exactly once.
  const qos = setting.queue === undefined ? (details.next(3) as QoS) : 2
  if (details.next(8) === 0 && setting.queue === undefined) {
    const key = `${publisher}:${seq}:kept:${qos}`
    return { key, seq, publisher, topic: `kept/${publisher}`, qos, retain: true, payload: Buffer.from(`${key}\n`) }
  }
  const key = `${publisher}:${seq}:${qos}`
  const expiry = details.next(4) === 0 ? { expiry: details.one([1, 3, 10, 60]) } : {}
  const topic = details.one(topics)
  return { key, seq, publisher, topic, qos, retain: false, payload: Buffer.from(`${key}\n`), ...expiry }
}

/** One client has one QoS, so that it is known with which it is sent what several filters match. */
export function qosOf(client: ModelClient): 1 | 2 {
  return client.clientId.endsWith('2') ? 1 : 2
}

/** Where what is dropped is counted, a copy is for one client that is known. */
function filterOf({ setting }: StormWorld, client: ModelClient, details: Details): Filter {
  const filter = details.one(setting.queue === undefined ? filters : plainFilters)
  const qos = filter.startsWith('$share/') ? 2 : qosOf(client)
  return { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 }
}

/** A few octets, a few packets, or all there is. */
function bring(details: Details, step: (most: number) => void, client: ModelClient): void {
  const how = details.next(4)
  if (how === 0) step(1 + details.next(12))
  else
    for (let packets = how === 1 ? 1 : how * how; packets > 0 && client.link !== undefined; packets--) step(everything)
}

/** Everything goes both ways, some times over. @returns whether anything moved */
export async function flow(world: StormWorld, rounds: number): Promise<boolean> {
  let moved = false
  for (let round = 0; round < rounds; round++) {
    world.advance(tick)
    for (const client of world.clients) {
      const { link } = client
      while (link !== undefined && !link.toBroker.isEmpty && !link.isOver) {
        world.toBroker(link, everything)
        moved = true
      }
      await world.breathe()
      while (client.link !== undefined && (client.link.isOver || !client.link.toClient.isEmpty)) {
        world.toClient(client, everything)
        moved = true
      }
    }
    await world.breathe()
  }
  return moved
}
