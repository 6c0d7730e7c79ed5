import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import { expectDisconnect } from '../../helpers/conformance-expect.ts'
import { ack, type PropertyList, publish } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

/** Of two messages of QoS 2 the first has come to a client that takes one at a time. */
async function oneOfTwo(trial: Trial) {
  const topic = trial.name()
  const publisher = await trial.connect()
  const subscriber = await trial.connect({ properties: [['receiveMaximum', 1]] })
  await subscriber.subscribe([[topic, 2]])
  for (const text of ['one', 'two']) await publisher.publish(topic, text, { qos: 2 })
  const { packetId } = await subscriber.receive('PUBLISH')
  return { packetId, publisher, subscriber }
}

describe('Receive Maximum of the client', () => {
  for (const [maximum, qos] of [
    [1, 1],
    [1, 2],
    [3, 1],
    [3, 2],
  ] as const) {
    rule(
      { v5: '3.3.4-9 3.3.4-10 4.9.0-1 4.9.0-2 4.9.0-3' },
      `of ${maximum} bounds what is in flight at QoS ${qos}`,
      async (trial) => {
        const topic = trial.name()
        const publisher = await trial.connect()
        const subscriber = await trial.connect({ properties: [['receiveMaximum', maximum]] })
        await subscriber.subscribe([[topic, 2]])
        for (let index = 0; index < 10; index++) await publisher.publish(topic, String(index), { qos })
        for (let index = 0; index < 10; index++) {
          // PINGRESP is not bound by it.
          await subscriber.ping()
          const waiting = subscriber.unread.filter(({ kind }) => kind === 'PUBLISH')
          expect(waiting.map(({ text }) => Number(text))).toEqual(
            Array.from({ length: Math.min(maximum, 10 - index) }, (_, offset) => index + offset),
          )
          await subscriber.take()
        }
        await subscriber.expectNothing(publisher)
      },
      maximum === 1 ? undefined : { why: 'it sends more' },
    )
  }

  rule({ v5: '3.3.4-9 4.9.0-2' }, 'counts QoS 2 until PUBCOMP', async (trial) => {
    const { packetId, subscriber } = await oneOfTwo(trial)
    subscriber.send(ack('PUBREC', packetId))
    await subscriber.receive('PUBREL')
    await subscriber.ping()
    expect(subscriber.unread).toEqual([])
    subscriber.send(ack('PUBCOMP', packetId))
    expect((await subscriber.take()).text).toBe('two')
  })

  rule({ v5: '3.3.4-9 4.4.0-2' }, 'counts no more what the client refused', async (trial) => {
    const { packetId, publisher, subscriber } = await oneOfTwo(trial)
    subscriber.send(ack('PUBREC', packetId, 0x83))
    expect((await subscriber.take()).text).toBe('two')
    await subscriber.expectNothing(publisher)
  })

  rule({ v5: '4.4.0-2' }, 'and a refusal end a message: it is not sent again', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 2]])
    for (const [qos, kind] of [
      [1, 'PUBACK'],
      [2, 'PUBREC'],
    ] as const) {
      await publisher.publish(topic, 'unwanted', { qos })
      const { packetId } = await first.receive('PUBLISH')
      first.send(ack(kind, packetId, 0x80, [['reasonString', 'no']]))
    }
    await first.ping()
    first.reset()
    const second = await trial.keep(id)
    await second.expectNothing(publisher)
  })

  rule(
    { v5: '3.3.4-9 4.4.0-1 4.9.0-1' },
    'bounds what is sent again too, if it is lower',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('t')]
      const publisher = await trial.connect()
      const first = await trial.keep(id)
      await first.subscribe([[topic, 1]])
      for (let index = 0; index < 4; index++) await publisher.publish(topic, String(index), { qos: 1 })
      await first.receiveAll('PUBLISH', 4)
      first.reset()
      const second = await trial.keep(id, { properties: [['receiveMaximum', 2]] })
      for (let index = 0; index < 4; index++) {
        await second.ping()
        const waiting = second.unread.filter(({ kind }) => kind === 'PUBLISH')
        expect(waiting.length).toBe(Math.min(2, 4 - index))
        expect(await second.take()).toMatchObject({ text: String(index), dup: true })
      }
    },
    { why: 'it sends all again' },
  )
})

describe('Receive Maximum of the broker', () => {
  rule(
    { v5: '4.13.1-1 3.14.2-1 4.9.0-3' },
    'ends the connection of those who exceed it',
    async (trial) => {
      const { client, connack } = await trial.connectAndSee({})
      const maximum = Number(property(connack, 'receiveMaximum') ?? 65535)
      const topic = trial.name()
      // Where it is the most that there can be, nobody can exceed it.
      const count = Math.min(maximum, 65534)
      const burst = Array.from({ length: count }, (_, index) => publish(5, topic, '', { qos: 2, packetId: index + 1 }))
      client.send(...burst)
      await client.receiveAll('PUBREC', count)
      // It still answers everything else, and what is a repetition.
      client.send(publish(5, topic, '', { qos: 2, packetId: 1, dup: true }))
      await client.receive('PUBREC')
      await client.ping()
      if (maximum >= 65534) return
      client.send(publish(5, topic, '', { qos: 2, packetId: 65535 }))
      await expectDisconnect(client, 0x93)
    },
    { why: 'it refuses the message and closes without a word' },
  )

  rule({ v5: '4.9.0-3 3.3.4-1' }, 'is not reached by what was completed', async (trial) => {
    const { client, connack } = await trial.connectAndSee({})
    const maximum = Number(property(connack, 'receiveMaximum') ?? 65535)
    const topic = trial.name()
    for (let index = 0; index < Math.min(maximum, 1000) + 10; index++) {
      client.send(publish(5, topic, '', { qos: 2, packetId: 1 }), ack('PUBREL', 1))
    }
    await client.receiveAll('PUBCOMP', Math.min(maximum, 1000) + 10)
    await client.ping()
  })
})

describe('Maximum Packet Size', () => {
  for (const qos of [0, 1, 2] as const) {
    rule({ v5: '3.1.2-24 3.1.2-25' }, `is not exceeded: larger messages of QoS ${qos} are dropped`, async (trial) => {
      const topic = trial.name()
      const publisher = await trial.connect()
      const [small, large] = [await trial.connect({ properties: [['maximumPacketSize', 200]] }), await trial.connect()]
      for (const client of [small, large]) await client.subscribe([[topic, 2]])
      const texts = ['a', 'b'.repeat(300), 'c', 'd'.repeat(100_000), 'e']
      for (const text of texts) await publisher.publish(topic, text, { qos })
      expect((await large.takeAll(5)).map(({ text }) => text)).toEqual(texts)
      const came = await small.takeAll(3)
      expect(came.map(({ text }) => text)).toEqual(['a', 'c', 'e'])
      await small.expectNothing(publisher)
    })
  }

  rule(
    { v5: '3.1.2-24' },
    'is the size of the whole packet',
    async (trial) => {
      const topic = trial.name()
      const publisher = await trial.connect()
      // Two octets of Fixed Header, the topic and its length, the Property Length.
      const overhead = 2 + 2 + Buffer.byteLength(topic) + 1
      const subscriber = await trial.connect({ properties: [['maximumPacketSize', overhead + 20]] })
      await subscriber.subscribe([[topic, 0]])
      await publisher.publish(topic, 'x'.repeat(21))
      await publisher.publish(topic, 'y'.repeat(20))
      const came = await subscriber.take()
      expect(came.text).toBe('y'.repeat(20))
      expect(came.octets).toHaveLength(overhead + 20)
      await subscriber.expectNothing(publisher)
    },
    { why: 'it counts fewer octets' },
  )

  rule({ v5: '3.1.2-24 3.1.2-25' }, 'of this connection counts for what waited', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]])
    await first.disconnect()
    for (const text of ['a', 'b'.repeat(300), 'c']) await publisher.publish(topic, text, { qos: 1 })
    const second = await trial.keep(id, { properties: [['maximumPacketSize', 200]] })
    expect((await second.takeAll(2)).map(({ text }) => text)).toEqual(['a', 'c'])
    await second.expectNothing(publisher)
  })

  const long: PropertyList = [['userProperty', ['name', 'x'.repeat(300)]]]
  rule({ v5: '3.1.2-25 3.3.2-17' }, 'does not make the broker leave properties out', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const subscriber = await trial.connect({ properties: [['maximumPacketSize', 200]] })
    await subscriber.subscribe([[topic, 1]])
    await publisher.publish(topic, 'unwanted', { qos: 1, properties: long })
    await publisher.publish(topic, 'wanted', { qos: 1 })
    expect((await subscriber.take()).text).toBe('wanted')
    await subscriber.expectNothing(publisher)
  })

  rule(
    { v5: '3.4.2-2 3.4.2-3 3.5.2-2 3.5.2-3 3.7.2-2 3.7.2-3 3.9.2-1 3.9.2-2 3.11.2-1 3.11.2-2 3.14.2-3 3.14.2-4' },
    'leaves no room for Reason Strings',
    async (trial) => {
      const size = 16
      const client = await trial.connect({ properties: [['maximumPacketSize', size]] })
      const topic = 'none/here'
      const came = [
        await client.publish(topic, '', { qos: 1 }),
        await client.publish(topic, '', { qos: 2 }),
        await client.subscribe([['a#', 0]]).catch(() => undefined),
      ]
      const other = await trial.connect({ properties: [['maximumPacketSize', size]] })
      other.send(ack('PUBREL', 77))
      came.push(await other.receive('PUBCOMP'), await other.unsubscribe([trial.name()]))
      other.send(publish(5, 'a/#', ''))
      came.push(...(await other.closing()))
      for (const one of came) if (one !== undefined) expect(one.octets.length).toBeLessThanOrEqual(size)
    },
  )

  rule({ v5: '4.13.1-1' }, 'of the broker ends the connection of those who exceed it', async (trial) => {
    const { client, connack } = await trial.connectAndSee({})
    const maximum = Number(property(connack, 'maximumPacketSize') ?? 268_435_460)
    if (maximum > 1_000_000) return client.ping()
    client.send(publish(5, trial.name(), 'x'.repeat(maximum)))
    await expectDisconnect(client, 0x95)
  })
})
