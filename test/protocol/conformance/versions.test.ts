import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import type { PropertyList, Version } from '../../helpers/mqtt-octets.ts'
import { publish } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

/** Clients of different versions on one broker; a rule here belongs to the version of the receiving client. */
const others: readonly Version[] = [3, 4, 5]

const properties: PropertyList = [
  ['payloadFormatIndicator', 1],
  ['contentType', 'text/plain'],
  ['userProperty', ['a', '1']],
]

describe('clients of different versions', () => {
  for (const other of others) {
    for (const qos of [0, 1, 2] as const) {
      rule(
        { v31: '§4.1', v311: '3.3.4-1 4.5.0-1', v5: '3.3.4-1 4.5.0-1' },
        `hear each other: a publisher of ${other} at QoS ${qos}`,
        async (trial) => {
          const topic = trial.name()
          const [subscriber, publisher] = [await trial.connect(), await trial.connect({ version: other })]
          await subscriber.subscribe([[`${topic}/+`, 2]])
          await publisher.publish(`${topic}/a`, 'hello', { qos, retain: true })
          expect(await subscriber.take()).toMatchObject({ topic: `${topic}/a`, text: 'hello', qos, retain: false })
          await subscriber.unsubscribe([`${topic}/+`])
          await subscriber.subscribe([[`${topic}/+`, 2]])
          expect(await subscriber.take()).toMatchObject({ text: 'hello', qos, retain: true })
        },
      )
    }
  }

  rule(
    { v31: '§3.3', v311: '3.3.2-1 4.7.3-4' },
    'get no properties that their version does not know',
    async (trial) => {
      const topic = trial.name()
      const [subscriber, publisher] = [await trial.connect(), await trial.connect({ version: 5 })]
      await subscriber.subscribe([[topic, 2]])
      for (const qos of [0, 1, 2]) {
        await publisher.publish(topic, 'plain', { qos, properties })
        // Were they there, they would be in front of the payload.
        expect(await subscriber.take()).toMatchObject({ text: 'plain', qos, topic })
      }
    },
  )

  rule({ v311: '3.3.2-1 3.3.2-3' }, 'get the topic that an alias stands for', async (trial) => {
    const topic = trial.name()
    const subscriber = await trial.connect()
    await subscriber.subscribe([[topic, 0]])
    const { client, connack } = await trial.connectAndSee({ version: 5 })
    if (Number(property(connack, 'topicAliasMaximum') ?? 0) === 0) return client.ping()
    const alias: PropertyList = [['topicAlias', 1]]
    client.send(publish(5, topic, 'one', { properties: alias }), publish(5, '', 'two', { properties: alias }))
    expect((await subscriber.takeAll(2)).map((came) => [came.topic, came.text])).toEqual([
      [topic, 'one'],
      [topic, 'two'],
    ])
  })

  rule({ v5: '3.3.2-17 4.5.0-1' }, 'and those of 5 get them, whoever else does', async (trial) => {
    const topic = trial.name()
    const subscribers = [
      await trial.connect({ version: 4 }),
      await trial.connect(),
      await trial.connect({ version: 3 }),
      await trial.connect(),
    ]
    for (const subscriber of subscribers) await subscriber.subscribe([[topic, 1]])
    const publisher = await trial.connect()
    await publisher.publish(topic, 'hello', { qos: 1, properties })
    for (const subscriber of subscribers) {
      const came = await subscriber.take()
      expect(came.text).toBe('hello')
      expect(came.properties).toHaveLength(subscriber.version === 5 ? 3 : 0)
    }
  })

  for (const other of others) {
    rule({ v31: '§3.1', v311: '3.1.4-2', v5: '3.1.4-3' }, `take over from one of ${other}`, async (trial) => {
      const id = trial.name()
      const first = await trial.connect({ id, version: other })
      const second = await trial.connect({ id })
      const last = await first.closing()
      // What its version does not know, it is not sent: reading it would fail.
      expect(last.every(({ kind }) => kind === 'DISCONNECT')).toBe(true)
      await second.ping()
    })

    rule(
      { v31: '§3.1', v311: '3.1.2-4 3.1.2-5', v5: '3.1.2-5 3.1.2-23' },
      `resume the Session of one of ${other}`,
      async (trial) => {
        const [id, topic] = [trial.name(), trial.name('t')]
        const publisher = await trial.connect({ version: 5 })
        const first = await trial.keep(id, { version: other })
        await first.subscribe([[topic, 2]])
        await publisher.publish(topic, 'in flight', { qos: 1, properties })
        await first.receive('PUBLISH')
        first.reset()
        await publisher.publish(topic, 'queued', { qos: 2, properties })
        const { client, connack } = await trial.keepAndSee(id)
        // MQTT 3.1 has no such flag.
        if (trial.version > 3) expect(connack.sessionPresent).toBe(true)
        const came = await client.takeAll(2)
        expect(came.map(({ text }) => text)).toEqual(['in flight', 'queued'])
        // The second may have been sent too, before the broker saw that nobody was there.
        expect(came[0]?.dup).toBe(true)
        await client.expectNothing(publisher)
      },
    )

    rule({ v31: '§3.1', v311: '3.1.2-8', v5: '3.1.2-8' }, `hear of the Will of one of ${other}`, async (trial) => {
      const topic = trial.name()
      const watcher = await trial.connect()
      await watcher.subscribe([[topic, 1]])
      const will = { topic, payload: 'gone', qos: 1, ...(other === 5 ? { properties } : {}) }
      const client = await trial.connect({ version: other, will })
      client.reset()
      expect(await watcher.take()).toMatchObject({ text: 'gone', qos: 1 })
    })
  }

  rule({ v311: '3.9.3-2 3.8.4-5' }, 'get only codes of their version', async (trial) => {
    const client = await trial.connect()
    const topic = trial.name()
    expect((await client.publish(topic, '', { qos: 1 }))?.octets).toHaveLength(4)
    expect((await client.unsubscribe([topic])).octets).toHaveLength(4)
    expect((await client.subscribe([[topic, 2]])).codes).toEqual([2])
  })

  rule({ v311: '3.8.4-1 4.5.0-1', v5: '4.8.2-3' }, 'may share a Subscription', async (trial) => {
    const topic = trial.name()
    const members = [await trial.connect({ version: 4 }), await trial.connect({ version: 5 })]
    for (const member of members) await member.subscribe([[`$share/g/${topic}`, 1]])
    const publisher = await trial.connect()
    for (let index = 0; index < 10; index++)
      await publisher.publish(topic, String(index), { qos: 1, ...(trial.version === 5 ? { properties } : {}) })
    const heard: string[] = []
    for (const member of members) {
      await member.fence(publisher)
      const texts = member.unread.splice(0).map(({ text }) => text)
      expect(texts.length).toBeGreaterThan(0)
      heard.push(...texts)
    }
    expect(heard.toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => String(index)))
  })

  rule({ v31: '§3.2' }, 'of 3.1 get CONNACK without Session Present', async (trial) => {
    const id = trial.name()
    const first = await trial.keep(id)
    await first.disconnect()
    const { connack } = await trial.keepAndSee(id)
    // The octet is reserved there, and clients may check it.
    expect(connack.octets).toEqual(Buffer.of(0x20, 2, 0, 0))
  })
})
