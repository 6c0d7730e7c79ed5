import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionSnapshot } from '../../../app/session/session-snapshot.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { until } from '../../helpers/until.ts'

let road: Road
/** Sessions as somebody sees them who has only heard the changes. */
let mirror: Map<string, SessionSnapshot>
const clients: RawClient[] = []

beforeEach(async () => {
  road = await Road.open()
  mirror = new Map()
  road.broker.onSessions(({ changed, removed }) => {
    for (const session of changed) mirror.set(session.clientId, session)
    for (const clientId of removed) mirror.delete(clientId)
  })
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  await road.close()
})

const will = { topic: 'status', payload: Buffer.from('offline'), qos: 1 as const, retain: true }

async function connect(clientId: string, options: Parameters<typeof RawClient.connect>[2] = {}): Promise<RawClient> {
  const client = await RawClient.connect(road.port, clientId, options)
  clients.push(client)
  return client
}

function sessionOf(clientId: string): SessionSnapshot | undefined {
  return road.broker.sessions().find((session) => session.clientId === clientId)
}

/** Waits until a session is so; gives it, after those who hear of changes see the same. */
async function session(clientId: string, what: string, isSo: (session: SessionSnapshot) => boolean) {
  await until(`session ${clientId} is ${what}`, () => {
    const found = sessionOf(clientId)
    return found && isSo(found)
  })
  await until('the mirror shows the same', () => {
    return (
      JSON.stringify([...mirror.values()].toSorted(byClient)) ===
      JSON.stringify(road.broker.sessions().toSorted(byClient))
    )
  })
  return sessionOf(clientId) as SessionSnapshot
}

function byClient(a: SessionSnapshot, b: SessionSnapshot): number {
  return a.clientId < b.clientId ? -1 : 1
}

const offline = ({ connected }: SessionSnapshot) => !connected

describe('a session', () => {
  it('shows what its CONNECT said, and what was granted', async () => {
    const before = Date.now()
    const client = await connect('pump-01', { keepalive: 10, will, clean: false })
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: 'a/#', qos: 2 },
        { topic: 'b', qos: 0 },
      ],
    })
    await client.receive('suback')
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['b'] })
    await client.receive('unsuback')
    const shown = await session('pump-01', 'subscribed', ({ subscriptions }) => subscriptions.length === 1)
    expect(shown).toEqual({
      clientId: 'pump-01',
      connected: true,
      connection: 1,
      since: expect.any(Number),
      protocolVersion: 4,
      clean: false,
      sessionPresent: false,
      keepAlive: 10,
      userName: undefined,
      expiry: undefined,
      expiresAt: undefined,
      subscriptions: [
        {
          filter: 'a/#',
          qos: 2,
          noLocal: false,
          retainAsPublished: false,
          retainHandling: 0,
          identifier: undefined,
        },
      ],
      will: {
        ...will,
        payload: new Uint8Array(will.payload),
        delay: 0,
        state: 'armed',
        reason: undefined,
        since: expect.any(Number),
        until: undefined,
      },
      queued: 0,
      inflight: 0,
      incoming: 0,
      lost: { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0 },
    })
    expect(shown.since).toBeGreaterThanOrEqual(before - 1)
  })

  it('ends with its connection when it is a clean one', async () => {
    const client = await connect('brief')
    await session('brief', 'there', ({ connected }) => connected)
    client.socket.end()
    await until('it is gone', () => sessionOf('brief') === undefined && !mirror.has('brief'))
  })

  it('has a message in flight from when it is sent, though it is never answered', async () => {
    const silent = await connect('silent')
    await silent.subscribe('queue', 2)
    await session('silent', 'subscribed', ({ subscriptions }) => subscriptions.length === 1)
    const publisher = await connect('publisher')
    for (const inflight of [1, 2]) {
      publisher.send({ cmd: 'publish', topic: 'queue', payload: 'x', qos: 0, retain: false, dup: false })
      publisher.send({ cmd: 'publish', topic: 'queue', payload: 'x', qos: 1, messageId: 1, retain: false, dup: false })
      await session('silent', `sent ${inflight}`, (shown) => shown.inflight === inflight)
    }
  })

  it('is kept when it is not, and is taken up again by the next connection', async () => {
    const first = await connect('kept', { clean: false })
    await first.subscribe('queue', 1)
    first.reset()
    const gone = await session('kept', 'offline', offline)
    expect(gone).toMatchObject({
      connection: 1,
      subscriptions: [expect.objectContaining({ filter: 'queue', qos: 1 })],
      queued: 0,
    })
    await connect('kept', { clean: false })
    const back = await session('kept', 'online', ({ connected }) => connected)
    expect(back).toMatchObject({
      connection: 2,
      sessionPresent: true,
      subscriptions: [expect.objectContaining({ filter: 'queue', qos: 1 })],
    })
  })

  it('is forgotten when its client comes back with Clean Session', async () => {
    const first = await connect('kept', { clean: false })
    await first.subscribe('queue', 1)
    first.reset()
    await session('kept', 'offline', offline)
    await connect('kept', { clean: true })
    const fresh = await session('kept', 'online', ({ connected }) => connected)
    expect(fresh).toMatchObject({ clean: true, sessionPresent: false, subscriptions: [] })
  })

  it('counts the messages that wait, until they are taken', async () => {
    const reader = await connect('sleeper', { clean: false })
    await reader.subscribe('queue', 1)
    const publisher = await connect('writer')
    const send = async (messageId: number, qos: 1 | 2) => {
      publisher.send({
        cmd: 'publish',
        topic: 'queue',
        payload: `${messageId}`,
        qos,
        messageId,
        retain: false,
        dup: false,
      })
      if (qos === 1) return publisher.receive('puback')
      await publisher.receive('pubrec')
      publisher.send({ cmd: 'pubrel', messageId })
      return publisher.receive('pubcomp')
    }
    // One that was sent and not acknowledged waits as well.
    await send(1, 1)
    await reader.receive('publish')
    expect(sessionOf('sleeper')).toMatchObject({ queued: 0, inflight: 1 })
    reader.reset()
    await session('sleeper', 'offline with 1', ({ connected, queued }) => !connected && queued === 1)
    for (let n = 2; n <= 20; n++) await send(n, n % 2 === 0 ? 1 : 2)
    publisher.send({ cmd: 'publish', topic: 'queue', payload: 'not kept', qos: 0, retain: false, dup: false })
    await session('sleeper', 'offline with 20', ({ queued }) => queued === 20)

    const again = await connect('sleeper', { clean: false })
    for (let n = 1; n <= 20; n++) {
      const { messageId } = await again.receive('publish')
      if (n <= 5) again.send({ cmd: 'puback', messageId: messageId as number })
    }
    expect((await session('sleeper', 'online', ({ connected }) => connected)).queued).toBe(0)
    again.reset()
    await session('sleeper', 'offline with 15', ({ connected, queued }) => !connected && queued === 15)
  })

  it('gets a name from the broker when its client has none', async () => {
    await connect('')
    expect(await session('anonymous-1', 'there', ({ connected }) => connected)).toMatchObject({ connection: 1 })
  })
})

describe('a will', () => {
  it('is published when the connection is lost, and stays in view until the device is back', async () => {
    const device = await connect('pump-01', { will })
    device.reset()
    const lost = await session('pump-01', 'offline', offline)
    expect(lost.will).toMatchObject({ state: 'published', reason: 'connection lost' })
    const event = { type: 'will published', clientId: 'pump-01', topic: 'status', reason: 'connection lost' }
    expect(road.events(1)).toContainEqual(event)
    await connect('pump-01', { will: { ...will, topic: 'other' } })
    const back = await session('pump-01', 'online', ({ connected }) => connected)
    expect(back.will).toMatchObject({ topic: 'other', state: 'armed', reason: undefined })
  })

  it('is shown before anybody is given it', async () => {
    const reader = await connect('reader')
    await reader.subscribe('status', 0)
    const device = await connect('pump-01', { will })
    device.reset()
    await reader.receive('publish')
    const records = road.records()
    const cause = records.findIndex((record) => record.kind === 'event' && record.event.type === 'will published')
    const delivery = records.findIndex((record) => record.kind === 'packet' && record.origin?.kind === 'will')
    expect(cause).toBeGreaterThan(0)
    expect(delivery).toBeGreaterThan(cause)
  })

  it('is dropped when the client disconnects in order', async () => {
    const reader = await connect('reader')
    await reader.subscribe('status', 0)
    const device = await connect('pump-01', { will, clean: false })
    device.send({ cmd: 'disconnect' })
    const shown = await session('pump-01', 'offline', offline)
    expect(shown.will).toMatchObject({ state: 'dropped', reason: 'the client sent DISCONNECT' })
    expect(road.events(2)).toContainEqual({
      type: 'will dropped',
      clientId: 'pump-01',
      reason: 'the client sent DISCONNECT',
    })
    reader.send({ cmd: 'publish', topic: 'status', payload: 'the next', qos: 0, retain: false, dup: false })
    expect(String((await reader.receive('publish')).payload)).toBe('the next')
  })

  it('says why it was published', async () => {
    const silent = await connect('silent', { will, keepalive: 1 })
    const broken = await connect('broken', { will })
    const taken = await connect('taken', { will })
    broken.send(Uint8Array.of(0x36, 4, 0, 1, 0x61, 0))
    await connect('taken')
    const reasons = () =>
      road.events().flatMap((event) => (event.type === 'will published' ? [[event.clientId, event.reason]] : []))
    await until('all wills are published', () => reasons().length === 3)
    expect(Object.fromEntries(reasons())).toEqual({
      silent: 'keep alive ran out',
      broken: 'protocol error: [MQTT-3.3.1-4] both QoS bits of PUBLISH are 1',
      taken: 'taken over by another connection',
    })
    for (const client of [silent, broken, taken]) expect(client.closed).toBe(false)
  })

  it('is dropped when nobody may publish to its topic', async () => {
    const device = await connect('sly', { will: { ...will, topic: '$SYS/faultline/heartbeat' }, clean: false })
    device.reset()
    const shown = await session('sly', 'offline', offline)
    expect(shown.will).toMatchObject({ state: 'dropped', reason: 'topics under $SYS/ are reserved' })
  })

  it('is published when the broker stops, to those who are still there', async () => {
    await connect('pump-01', { will })
    const reader = await connect('reader')
    await reader.subscribe('status', 0)
    const closing = road.broker.close()
    expect(String((await reader.receive('publish')).payload)).toBe('offline')
    await closing
    expect(road.events(1)).toContainEqual({
      type: 'will published',
      clientId: 'pump-01',
      topic: 'status',
      reason: 'the broker was stopped',
    })
  })
})
