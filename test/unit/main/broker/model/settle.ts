import type { ModelClient } from './model-client.ts'
import { flow } from './model-steps.ts'
import { demand } from './model-words.ts'
import type { ModelWorld } from './model-world.ts'
import type { ReferenceSession } from './reference-session.ts'

/**
 * Heals every link, brings back every client that has a Session, lets everything through, and demands what is promised:
 * QoS 1 at least once, QoS 2 exactly once, QoS 0 at most once, nothing that was taken over is lost, nothing is left over.
 */
export function settle(world: ModelWorld): void {
  for (const link of [...world.abandoned]) world.cut(link)
  for (const client of world.clients) {
    if (client.link?.isLossy) {
      const { link } = client
      world.abandon(client)
      world.cut(link)
    }
  }
  do {
    for (const client of world.clients) comeBack(world, client)
  } while (flow(world, 2))
  world.check()
  const owed = world.reference.owed()
  demand(owed.length === 0, () => `never sent: ${owed.join('; ')}`)
  for (const client of world.clients) compareReceived(world, client)
  compareSessions(world)
  compareRetained(world)
  const { expired, queueFull, tooLarge } = world.engine.counters
  demand(expired + queueFull + tooLarge === 0, () => 'messages were dropped')
}

function comeBack(world: ModelWorld, client: ModelClient): void {
  const session = world.reference.sessions.get(client.clientId)
  if (client.link !== undefined || session === undefined || client.options === undefined) return
  const clean = client.mustBeginAnew || world.isExpired(client)
  const expiry = client.options.version === 4 && clean ? 0 : Number.POSITIVE_INFINITY
  world.connect(client, { ...client.options, clean, expiry, keepAlive: 0, will: undefined })
}

function compareReceived({ reference }: ModelWorld, { clientId, received }: ModelClient): void {
  const session = reference.sessions.get(clientId)
  for (const [incarnation, counts] of received) {
    const known = reference.incarnation(incarnation)
    demand(known !== undefined, () => `${clientId} was served in a Session that never was`)
    for (const [key, count] of counts) {
      const due = known.due.get(key) ?? 0
      const most = key.endsWith('QoS 1') ? Number.POSITIVE_INFINITY : due + (known.tolerated.get(key) ?? 0)
      demand(due > 0 && count <= most, () => `${clientId} has '${key}' ${count} times, due were ${due}`)
    }
  }
  if (session === undefined) return
  const counts = received.get(session.incarnation)
  for (const [key, due] of session.due) {
    if (key.endsWith('QoS 0')) continue
    const count = counts?.get(key) ?? 0
    demand(count >= due, () => `${clientId} has '${key}' ${count} times, due were ${due}: it is lost`)
  }
}

function compareSessions({ engine, reference }: ModelWorld): void {
  const there = [...engine.keeper.all()].filter(({ session }) => session.clientId !== 'watcher')
  const ids = there.map(({ session }) => session.clientId)
  demand(ids.sort().join() === [...reference.sessions.keys()].sort().join(), () => `there are Sessions of ${ids}`)
  for (const { session } of there) compareSession(session, reference.sessions.get(session.clientId) as ReferenceSession)
}

interface Kept {
  readonly clientId: string
  readonly subscriptions: ReadonlyMap<string, unknown>
  readonly incoming: { readonly size: number }
  readonly outgoing: { readonly waiting: number; readonly inflight: { readonly size: number } }
}

function compareSession({ clientId, incoming, outgoing, subscriptions }: Kept, reference: ReferenceSession): void {
  const filters = [...subscriptions.keys()].sort().join()
  demand(filters === [...reference.subscriptions.keys()].sort().join(), () => `${clientId} is subscribed to ${filters}`)
  demand(incoming.size === reference.incoming.size, () => `${clientId} has ${incoming.size} unreleased`)
  const left = outgoing.waiting + outgoing.inflight.size
  demand(left === 0, () => `${left} messages are left for ${clientId}, which is there`)
}

function compareRetained({ engine, reference }: ModelWorld): void {
  const there = engine.retained
    .all()
    .map(({ payload, qos, topic }) => `${topic} q${qos} ${Buffer.from(payload).toString('latin1')}`)
  const due = [...reference.retained.values()].map(
    ({ payload, qos, topic }) => `${topic} q${qos} ${Buffer.from(payload).toString('latin1')}`,
  )
  const short = (all: string[]) => all.map((line) => line.slice(0, 40).trim()).join(', ')
  demand(there.sort().join() === due.sort().join(), () => `retained is ${short(there)}; it has to be ${short(due)}`)
}
