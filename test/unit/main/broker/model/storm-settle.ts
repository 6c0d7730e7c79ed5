import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { ModelClient } from './model-client.ts'
import { demand } from './model-words.ts'
import { countedAs } from './reference-session.ts'
import { isShared } from './storm-ledger.ts'
import { flow, optionsOf, qosOf } from './storm-steps.ts'
import type { StormWorld } from './storm-world.ts'

/** Of everything, both ways; all that there is takes a few. */
const mostRounds = 1000

/** Heals every link, lets the store write, brings every client back, lets everything through; then the ledger is read. */
export async function settleStorm(world: StormWorld): Promise<void> {
  world.wire.heal('*')
  if (world.setting.hasStore) world.disk.store.flow()
  // A write that has failed is tried again by then.
  world.advance(1000)
  await world.breathe()
  for (const link of [...world.abandoned]) world.cut(link)
  for (const client of world.clients) {
    const { link } = client
    world.abandon(client)
    if (link !== undefined) world.cut(link)
  }
  let quiet = 0
  for (let round = 0; quiet < 3; round++) {
    demand(round < mostRounds, () => 'it never comes to rest')
    for (const client of world.clients) {
      if (client.link === undefined) world.connect(client, optionsOf(world, client, false))
    }
    quiet = (await flow(world, 2)) ? 0 : quiet + 1
  }
  for (const { session } of world.engine.keeper.all()) {
    const left = session.outgoing.waiting + session.outgoing.inflight.size
    demand(left === 0, () => `${left} messages are left for ${session.clientId}, which is there`)
  }
  const missing = readLedger(world)
  const { expired, queueFull, tooLarge } = world.lost()
  demand(tooLarge === 0, () => `${tooLarge} messages were too large`)
  demand(missing <= expired, () => `${missing} messages never came and have expired; ${expired} were counted`)
  if (world.setting.queue === undefined) demand(queueFull === 0, () => `${queueFull} messages found no room`)
  else if (world.kills === 0) countDropped(world)
}

/** @returns how many copies never came because they have expired */
function readLedger(world: StormWorld): number {
  const { clients, ledger, setting } = world
  for (const client of clients) neverTwice(world, client)
  let missing = 0
  for (const known of ledger.known.values()) {
    const { isAcknowledged, message } = known
    const { key, qos, topic } = message
    if (qos === 0) continue
    const isDropped = setting.queue !== undefined
    const mayMiss = !isAcknowledged || isDropped
    if (isShared(topic)) {
      const count = clients.reduce((sum, client) => sum + ledger.received(client, key, qos), 0)
      const { least, most } = ledger.copies(known)
      demand(qos === 1 || count <= most, () => `'${key}' came ${count} times to ${most} groups`)
      if (mayMiss || count >= least) continue
      demand(ledger.hasExpired(known), () => `'${key}' came ${count} times to ${least} groups: it is lost`)
      missing += least - count
      continue
    }
    for (const client of clients) {
      const due = Math.min(qos, qosOf(client)) as QoS
      if (mayMiss || !ledger.isDue(client.clientId, known) || ledger.received(client, key, due) > 0) continue
      demand(ledger.hasExpired(known), () => `'${key}' never came to ${client.clientId}: it is lost`)
      missing++
    }
  }
  return missing
}

/** QoS 2 comes once to each Session, but for what is retained; that comes with each new Subscription. */
function neverTwice({ ledger }: StormWorld, { clientId, received }: ModelClient): void {
  for (const counts of received.values()) {
    for (const [counted, count] of counts) {
      const [key = ''] = counted.split(' ')
      const topic = ledger.known.get(key)?.message.topic
      demand(topic !== undefined, () => `${clientId} has '${key}', which nobody published`)
      // Of Shared Subscriptions one client may be in several.
      if (counted !== countedAs(key, 2) || topic.startsWith('kept/') || isShared(topic)) continue
      demand(count === 1, () => `${clientId} has '${key}' ${count} times`)
    }
  }
}

/** What was routed to the clients came, or was dropped and counted. */
function countDropped(world: StormWorld): void {
  const { clients, ledger } = world
  let came = 0
  for (const client of clients) {
    for (const { message } of ledger.known.values()) {
      if (ledger.received(client, message.key, qosOf(client)) > 0) came++
    }
  }
  const routed = [...ledger.routed.values()].reduce((sum, count) => sum + count, 0)
  const { expired, queueFull } = world.lost()
  const told = () => `${routed} copies were routed, ${came} came, ${expired} expired and ${queueFull} found no room`
  demand(came + expired + queueFull === routed, told)
}
