import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import { expectDisconnect } from '../../helpers/conformance-expect.ts'
import { type Connect, disconnect } from '../../helpers/mqtt-octets.ts'
import { until } from '../../helpers/until.ts'

describe('Session Present', () => {
  rule({ v311: '3.2.2-1 3.2.2-3', v5: '3.2.2-2 3.2.2-3 3.1.2-6' }, 'is 0 where there was no Session', async (trial) => {
    for (const clean of [true, false]) {
      const { connack } = await trial.keepAndSee(trial.name(String(clean)), { clean })
      expect(connack.sessionPresent).toBe(false)
    }
  })

  rule(
    { v311: '3.2.2-2 3.1.2-4', v5: '3.2.2-3 3.1.2-23' },
    'is 1 where there is one, also an empty one',
    async (trial) => {
      const id = trial.name()
      const first = await trial.keep(id)
      await first.disconnect()
      for (let round = 0; round < 2; round++) {
        const { client, connack } = await trial.keepAndSee(id)
        expect(connack.sessionPresent).toBe(true)
        await client.disconnect()
      }
    },
  )

  rule({ v311: '3.2.2-2', v5: '3.2.2-3' }, 'is 1 however the connection ended', async (trial) => {
    const id = trial.name()
    const first = await trial.keep(id)
    first.reset()
    const second = await trial.keepAndSee(id)
    expect(second.connack.sessionPresent).toBe(true)
    await second.client.hangUp()
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(true)
  })

  rule({ v311: '3.2.2-2 3.1.4-2', v5: '3.2.2-3 3.1.4-3' }, 'is 1 where the Session is taken over', async (trial) => {
    const id = trial.name()
    await trial.keep(id)
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(true)
  })

  rule(
    { v311: '3.2.2-1 3.1.2-6 3.1.4-3', v5: '3.2.2-2 3.1.2-4 3.1.4-4' },
    'is 0 where the client wants a new one, and the old one is gone',
    async (trial) => {
      const id = trial.name()
      const first = await trial.keep(id)
      await first.subscribe([[trial.name('t'), 1]])
      await first.disconnect()
      const second = await trial.connectAndSee({ id, clean: true })
      expect(second.connack.sessionPresent).toBe(false)
      await second.client.disconnect()
      const third = await trial.keepAndSee(id)
      expect(third.connack.sessionPresent).toBe(false)
      await third.client.publish(trial.name('t'), 'unwanted')
      await third.client.expectNothing()
    },
  )

  rule(
    { v311: '3.1.2-6 3.2.2-3', v5: '4.1.0-2 3.2.2-3' },
    'is 0 after one that ends with its connection',
    async (trial) => {
      const id = trial.name()
      const first = await trial.connect({ id })
      await first.disconnect()
      expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
    },
  )

  rule({ v311: '3.1.2-6 3.2.2-3', v5: '4.1.0-2 3.2.2-3' }, 'is 0 where such a one is taken over', async (trial) => {
    const id = trial.name()
    const first = await trial.connect({ id })
    await first.subscribe([[trial.name('t'), 1]])
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })

  rule({ v5: '3.2.2-2 3.1.2-4' }, 'is 0 where a kept one is taken over with Clean Start', async (trial) => {
    const id = trial.name()
    const first = await trial.keep(id)
    await first.subscribe([[trial.name('t'), 1]])
    const { client, connack } = await trial.keepAndSee(id, { clean: true })
    expect(connack.sessionPresent).toBe(false)
    await client.publish(trial.name('t'), 'unwanted')
    await client.expectNothing()
    await client.disconnect()
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(true)
  })
})

describe('a client that comes again while it is connected', () => {
  rule({ v31: '§3.1', v311: '3.1.4-2' }, 'takes the place of the first', async (trial) => {
    const id = trial.name()
    const first = await trial.connect({ id })
    const second = await trial.connect({ id })
    expect(await first.closing()).toEqual([])
    await second.ping()
  })

  rule(
    { v5: '3.1.4-3' },
    'takes the place of the first, which is told so',
    async (trial) => {
      const id = trial.name()
      const first = await trial.connect({ id })
      const second = await trial.connect({ id })
      await expectDisconnect(first, 0x8e)
      await second.ping()
    },
    { why: 'it closes without a word' },
  )

  rule({ v311: '3.1.4-2 4.1.0-1', v5: '3.1.4-3 4.1.0-1' }, 'can do so many times, with its Session', async (trial) => {
    const id = trial.name()
    const topic = trial.name('t')
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]])
    for (let round = 0; round < 20; round++) {
      const { client, connack } = await trial.keepAndSee(id)
      expect(connack.sessionPresent).toBe(true)
      await publisher.publish(topic, String(round), { qos: 1 })
      expect((await client.take()).text).toBe(String(round))
    }
  })

  rule({ v311: '3.1.4-2', v5: '3.1.4-3' }, 'and all at once, has one connection in the end', async (trial) => {
    const id = trial.name()
    const clients = await Promise.all(Array.from({ length: 10 }, () => trial.keep(id)))
    await until('all but one are closed', () => clients.filter(({ closed }) => closed).length === 9)
    const left = clients.find(({ closed }) => !closed)
    await left?.ping()
    expect(left).toBeDefined()
  })
})

describe('a Session', () => {
  rule(
    { v31: '§3.1', v311: '3.1.2-4 3.1.2-5 4.5.0-1 4.1.0-1', v5: '3.1.2-5 3.1.2-23 4.5.0-1' },
    'keeps its Subscriptions, and messages of QoS 1 and 2 while the client is away',
    async (trial) => {
      const id = trial.name()
      const topic = trial.name('t')
      const publisher = await trial.connect()
      const first = await trial.keep(id)
      await first.subscribe([[topic, 2]])
      await first.disconnect()
      await publisher.publish(topic, 'one', { qos: 1 })
      await publisher.publish(topic, 'two', { qos: 2 })
      const second = await trial.keep(id)
      const came = await second.takeAll(2)
      expect(came.map(({ text, qos, dup, retain }) => [text, qos, dup, retain])).toEqual([
        ['one', 1, false, false],
        ['two', 2, false, false],
      ])
      await publisher.publish(topic, 'three', { qos: 1 })
      expect((await second.take()).text).toBe('three')
      await second.expectNothing(publisher)
    },
  )

  rule({ v311: '3.1.2-6', v5: '3.1.2-4' }, 'that is discarded takes its messages with it', async (trial) => {
    const id = trial.name()
    const topic = trial.name('t')
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]])
    await first.disconnect()
    await publisher.publish(topic, 'unwanted', { qos: 1 })
    const second = await trial.connect({ id, clean: true })
    await second.expectNothing(publisher)
    await second.disconnect()
    const third = await trial.keep(id)
    await publisher.publish(topic, 'unwanted too', { qos: 1 })
    await third.expectNothing(publisher)
  })

  rule({ v311: '3.1.3-2', v5: '3.1.3-2' }, 'belongs to the letters of its Client Identifier', async (trial) => {
    const id = trial.name('Case')
    const first = await trial.keep(id)
    await first.disconnect()
    expect((await trial.keepAndSee(id.toUpperCase())).connack.sessionPresent).toBe(false)
    expect((await trial.keepAndSee(`${id}x`)).connack.sessionPresent).toBe(false)
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(true)
  })

  rule({ v311: '3.1.2-7', v5: '3.3.1-5' }, 'does not own the retained messages of its client', async (trial) => {
    const topic = trial.name('t')
    const publisher = await trial.connect({ clean: true })
    await publisher.publish(topic, 'stays', { qos: 1, retain: true })
    await publisher.disconnect()
    const subscriber = await trial.connect()
    await subscriber.subscribe([[topic, 1]])
    expect(await subscriber.take()).toMatchObject({ text: 'stays', retain: true })
  })

  rule({ v311: '4.1.0-2', v5: '4.1.0-1' }, 'lasts as long as its connection', async (trial) => {
    const topic = trial.name('t')
    const expiring: Connect = trial.version === 5 ? { properties: [['sessionExpiryInterval', 1]] } : {}
    const client = await trial.connect(expiring)
    await client.subscribe([[topic, 1]])
    // Longer than the Session Expiry Interval, which counts when the connection has closed: this one closes after 1.5 s.
    const idle = await trial.connect({ keepAlive: 1 })
    await idle.closing()
    await client.publish(topic, 'still here', { qos: 1 })
    expect((await client.take()).text).toBe('still here')
  })
})

describe('Session Expiry Interval', () => {
  /** Its Will tells when the Session ends: it is delayed for longer. */
  const telling = (topic: string) =>
    ({
      will: { topic, payload: 'ended', properties: [['willDelayInterval', 1000]] },
    }) satisfies Connect

  rule({ v5: '4.1.0-2 3.1.2-8' }, 'ends a Session when it has passed', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 0]])
    const client = await trial.connect({ id, properties: [['sessionExpiryInterval', 1]], ...telling(topic) })
    client.reset()
    expect((await watcher.take()).text).toBe('ended')
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })

  for (const seconds of [60, 0xffffffff]) {
    rule({ v5: '3.1.2-23' }, `of ${seconds} keeps it`, async (trial) => {
      const id = trial.name()
      const properties = [['sessionExpiryInterval', seconds]] as const
      const first = await trial.connect({ id, properties })
      await first.disconnect()
      const second = await trial.connectAndSee({ id, clean: false, properties })
      expect(second.connack.sessionPresent).toBe(true)
      await second.client.disconnect(0, [['sessionExpiryInterval', 0]])
    })
  }

  rule({ v5: '4.1.0-2' }, 'is 0 where it is absent', async (trial) => {
    const id = trial.name()
    const first = await trial.connect({ id, clean: false })
    await first.disconnect()
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })

  rule({ v5: '4.1.0-2 3.1.2-23' }, 'is what the last CONNECT said', async (trial) => {
    const id = trial.name()
    const first = await trial.keep(id)
    await first.disconnect()
    const second = await trial.connectAndSee({ id, clean: false })
    expect(second.connack.sessionPresent).toBe(true)
    await second.client.disconnect()
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })

  rule({ v5: '4.1.0-2' }, 'can be set to 0 at DISCONNECT', async (trial) => {
    const id = trial.name()
    const first = await trial.keep(id)
    await first.disconnect(0, [['sessionExpiryInterval', 0]])
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })

  rule({ v5: '4.1.0-2 3.1.2-8' }, 'can be made shorter at DISCONNECT', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('w')]
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 0]])
    const client = await trial.keep(id, telling(topic))
    await client.disconnect(4, [['sessionExpiryInterval', 1]])
    expect((await watcher.take()).text).toBe('ended')
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })

  rule({ v5: '3.1.2-23' }, 'can be made longer at DISCONNECT', async (trial) => {
    const id = trial.name()
    const first = await trial.connect({ id, properties: [['sessionExpiryInterval', 1]] })
    await first.disconnect(0, [['sessionExpiryInterval', 3600]])
    const idle = await trial.connect({ keepAlive: 1 })
    await idle.closing()
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(true)
  })

  rule({ v5: '4.13.1-1 4.1.0-2' }, 'cannot be given at DISCONNECT where CONNECT said 0', async (trial) => {
    const id = trial.name()
    const client = await trial.connect({ id })
    client.send(disconnect(0, [['sessionExpiryInterval', 60]]))
    await expectDisconnect(client, 0x82)
    expect((await trial.keepAndSee(id)).connack.sessionPresent).toBe(false)
  })
})
