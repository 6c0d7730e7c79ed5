import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import type { ConformanceClient } from '../../helpers/conformance-client.ts'
import { property, propertyValues } from '../../helpers/mqtt-reading.ts'

/** A new client that subscribes. */
async function late(trial: Trial, filter: string, options = 2): Promise<ConformanceClient> {
  const client = await trial.connect()
  await client.subscribe([[filter, options]])
  return client
}

/** Subscription Options of MQTT 5 [MQTT 5 §3.8.3.1]. */
const retainAsPublished = 8
const handling = (value: 0 | 1 | 2) => value << 4

describe('a retained message', () => {
  for (const qos of [0, 1, 2] as const) {
    rule(
      { v31: '§3.3', v311: '3.3.1-5 3.3.1-6 3.3.1-8', v5: '3.3.1-5 3.3.1-9' },
      `of QoS ${qos} is sent to those who subscribe later`,
      async (trial) => {
        const topic = trial.name()
        const publisher = await trial.connect()
        await publisher.publish(topic, 'kept', { qos, retain: true })
        const subscriber = await late(trial, topic)
        expect(await subscriber.take()).toMatchObject({ topic, text: 'kept', qos, retain: true, dup: false })
        await subscriber.expectNothing(publisher)
      },
    )

    for (const granted of [0, 1, 2] as const) {
      rule(
        { v311: '3.8.4-6', v5: '3.8.4-8' },
        `of QoS ${qos} is lowered to ${granted}, also by a wildcard`,
        async (trial) => {
          const topic = trial.name()
          const publisher = await trial.connect()
          await publisher.publish(`${topic}/a`, 'kept', { qos, retain: true })
          for (const filter of [`${topic}/a`, `${topic}/+`, `${topic}/#`]) {
            const subscriber = await late(trial, filter, granted)
            expect(await subscriber.take()).toMatchObject({ text: 'kept', qos: Math.min(qos, granted), retain: true })
            await subscriber.expectNothing()
          }
        },
      )
    }
  }

  rule(
    { v31: '§3.3', v311: '3.3.1-9', v5: '3.3.1-12' },
    'is sent without RETAIN to those who are subscribed',
    async (trial) => {
      const topic = trial.name()
      const [publisher, subscriber] = [await trial.connect(), await late(trial, `${topic}/#`)]
      for (const qos of [0, 1, 2]) {
        await publisher.publish(`${topic}/a`, 'live', { qos, retain: true })
        expect(await subscriber.take()).toMatchObject({ text: 'live', retain: false, qos })
      }
      await subscriber.expectNothing(publisher)
    },
  )

  rule(
    { v311: '3.3.1-9 3.1.2-5', v5: '3.3.1-12 4.5.0-1' },
    'is queued without RETAIN for those who are away',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('t')]
      const publisher = await trial.connect()
      const first = await trial.keep(id)
      await first.subscribe([[topic, 1]])
      await first.disconnect()
      await publisher.publish(topic, 'queued', { qos: 1, retain: true })
      const second = await trial.keep(id)
      expect(await second.take()).toMatchObject({ text: 'queued', retain: false })
      await second.expectNothing(publisher)
    },
  )

  rule({ v311: '3.3.1-5 3.3.1-6 3.3.1-7', v5: '3.3.1-5' }, 'is the last one of its topic', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const qualities = [1, 0, 2, 0, 1, 2]
    for (const [index, qos] of qualities.entries()) await publisher.publish(topic, String(index), { qos, retain: true })
    const subscriber = await late(trial, topic)
    expect(await subscriber.take()).toMatchObject({ text: '5', qos: 2 })
    await subscriber.expectNothing()
  })

  rule(
    { v31: '§3.3', v311: '3.3.1-10 3.3.1-11', v5: '3.3.1-6 3.3.1-7' },
    'is removed by an empty one, which is passed on',
    async (trial) => {
      for (const qos of [0, 1, 2]) {
        const topic = trial.name(String(qos))
        const publisher = await trial.connect({ id: trial.name(`p${qos}`) })
        await publisher.publish(topic, 'kept', { qos: 1, retain: true })
        const subscriber = await late(trial, topic)
        await subscriber.take()
        await publisher.publish(topic, '', { qos, retain: true })
        const came = await subscriber.take()
        expect(came).toMatchObject({ retain: false, qos })
        expect(came.payload).toHaveLength(0)
        const later = await late(trial, topic)
        await later.expectNothing(publisher)
      }
    },
  )

  rule({ v311: '3.3.1-11', v5: '3.3.1-7' }, 'is never empty', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    await publisher.publish(topic, '', { qos: 1, retain: true })
    const subscriber = await late(trial, topic)
    await subscriber.expectNothing(publisher)
  })

  rule({ v31: '§3.3', v311: '3.3.1-12', v5: '3.3.1-8' }, 'is not touched by messages without RETAIN', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    await publisher.publish(topic, 'kept', { qos: 1, retain: true })
    await publisher.publish(topic, 'passing', { qos: 1 })
    await publisher.publish(topic, '', { qos: 1 })
    const subscriber = await late(trial, topic)
    expect((await subscriber.take()).text).toBe('kept')
    const other = await late(trial, trial.name('none'))
    await publisher.publish(trial.name('none2'), 'passing', { qos: 1 })
    await other.expectNothing(publisher)
  })

  rule({ v311: '3.3.1-6', v5: '3.3.1-9' }, 'is sent for every topic that a wildcard matches', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const all = ['a', 'a/b', 'a/b/c', 'b', 'a//c', '/a']
    for (const one of all) await publisher.publish(`${topic}/${one}`, one, { qos: 1, retain: true })
    await publisher.publish(topic, 'itself', { qos: 1, retain: true })
    const heard = async (filter: string, count: number) => {
      const subscriber = await late(trial, filter)
      const came = await subscriber.takeAll(count)
      await subscriber.expectNothing()
      expect(came.every(({ retain }) => retain)).toBe(true)
      return came.map(({ text }) => text).sort()
    }
    expect(await heard(`${topic}/#`, 7)).toEqual([...all, 'itself'].sort())
    expect(await heard(`${topic}/+`, 2)).toEqual(['a', 'b'])
    expect(await heard(`${topic}/a/#`, 4)).toEqual(['a', 'a//c', 'a/b', 'a/b/c'])
    expect(await heard(`${topic}/+/+`, 2)).toEqual(['/a', 'a/b'])
    expect(await heard(`${topic}/+/+/c`, 2)).toEqual(['a//c', 'a/b/c'])
  })

  rule({ v311: '4.7.2-1', v5: '4.7.2-1' }, 'of a $ topic is not sent for wildcards at the start', async (trial) => {
    const mark = trial.name()
    const publisher = await trial.connect()
    await publisher.publish(`${mark}/$x/a`, 'inner', { qos: 1, retain: true })
    const subscriber = await trial.connect()
    await subscriber.subscribe([['+/+/a', 1]])
    expect((await subscriber.receive('PUBLISH', ({ topic }) => topic.startsWith(mark))).text).toBe('inner')
    const all = await trial.connect()
    await all.subscribe([
      ['#', 0],
      ['+/#', 0],
    ])
    await all.fence()
    expect(all.unread.filter(({ topic }) => topic.startsWith('$'))).toEqual([])
  })

  rule(
    { v31: '§3.8', v311: '3.8.4-3', v5: '3.8.4-3 3.8.4-4' },
    'is sent again to those who subscribe again',
    async (trial) => {
      const topic = trial.name()
      const publisher = await trial.connect()
      await publisher.publish(topic, 'kept', { qos: 2, retain: true })
      const subscriber = await late(trial, topic, 2)
      expect((await subscriber.take()).qos).toBe(2)
      await subscriber.subscribe([[topic, 1]])
      expect(await subscriber.take()).toMatchObject({ qos: 1, retain: true })
      await publisher.publish(topic, 'live', { qos: 2 })
      expect(await subscriber.take()).toMatchObject({ text: 'live', qos: 1 })
      await subscriber.expectNothing(publisher)
    },
  )

  rule(
    { v311: '3.3.1-6 3.1.2-4', v5: '3.3.1-9 3.1.2-5' },
    'is not sent again because a Session goes on',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('t')]
      const publisher = await trial.connect()
      await publisher.publish(topic, 'kept', { qos: 1, retain: true })
      const first = await trial.keep(id)
      await first.subscribe([[topic, 1]])
      await first.take()
      await first.disconnect()
      const second = await trial.keep(id)
      await second.expectNothing(publisher)
    },
  )

  rule({ v311: '3.3.1-6', v5: '3.3.1-9' }, 'is sent for every filter of one SUBSCRIBE', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    for (const name of ['a', 'b', 'c']) await publisher.publish(`${topic}/${name}`, name, { qos: 1, retain: true })
    const subscriber = await trial.connect()
    await subscriber.subscribe([
      [`${topic}/a`, 0],
      [`${topic}/b`, 1],
      [`${topic}/c`, 2],
    ])
    const came = await subscriber.takeAll(3)
    expect(came.map(({ text, qos }) => [text, qos]).sort()).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 1],
    ])
  })
})

describe('retained messages of MQTT 5', () => {
  rule({ v5: '3.3.1-9' }, 'are sent with Retain Handling 0, each time', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.publish(topic, 'kept', { qos: 1, retain: true })
    for (let round = 0; round < 3; round++) {
      await client.subscribe([[topic, 1 | handling(0)]])
      expect(await client.take()).toMatchObject({ text: 'kept', retain: true })
    }
  })

  rule({ v5: '3.3.1-10' }, 'are sent with Retain Handling 1 for a new Subscription alone', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.publish(topic, 'kept', { qos: 1, retain: true })
    await client.subscribe([[topic, 1 | handling(1)]])
    await client.take()
    await client.subscribe([[topic, 2 | handling(1)]])
    await client.expectNothing()
    await client.unsubscribe([topic])
    await client.subscribe([[topic, 1 | handling(1)]])
    expect((await client.take()).text).toBe('kept')
  })

  rule({ v5: '3.3.1-11' }, 'are not sent with Retain Handling 2', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.publish(topic, 'kept', { qos: 1, retain: true })
    await client.subscribe([[topic, 1 | handling(2)]])
    await client.expectNothing()
    await client.publish(topic, 'live', { qos: 1 })
    expect(await client.take()).toMatchObject({ text: 'live', retain: false })
  })

  rule({ v5: '3.3.1-12 3.3.1-13' }, 'keep RETAIN with Retain As Published', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const [plain, published] = [await late(trial, topic, 1), await late(trial, topic, 1 | retainAsPublished)]
    await publisher.publish(topic, 'one', { qos: 1, retain: true })
    await publisher.publish(topic, 'two', { qos: 1 })
    expect((await plain.takeAll(2)).map(({ retain }) => retain)).toEqual([false, false])
    expect((await published.takeAll(2)).map(({ retain }) => retain)).toEqual([true, false])
    const later = await late(trial, topic, 1)
    expect((await later.take()).retain).toBe(true)
  })

  rule({ v5: '3.3.1-13 4.5.0-1' }, 'keep RETAIN in a queue too', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1 | retainAsPublished]])
    await first.disconnect()
    await publisher.publish(topic, 'one', { qos: 1, retain: true })
    await publisher.publish(topic, 'two', { qos: 1 })
    const second = await trial.keep(id)
    expect((await second.takeAll(2)).map(({ retain }) => retain)).toEqual([true, false])
  })

  rule({ v5: '3.3.2-4 3.3.2-15 3.3.2-17 3.3.2-20 3.3.2-6' }, 'have their properties', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.publish(topic, 'kept', {
      qos: 1,
      retain: true,
      properties: [
        ['messageExpiryInterval', 1000],
        ['payloadFormatIndicator', 1],
        ['contentType', 'text/plain'],
        ['responseTopic', 'answers'],
        ['userProperty', ['z', '1']],
        ['userProperty', ['a', '2']],
      ],
    })
    await client.subscribe([[topic, 1]], [['subscriptionIdentifier', 9]])
    const came = await client.take()
    expect(propertyValues(came, 'userProperty')).toEqual([
      ['z', '1'],
      ['a', '2'],
    ])
    expect(property(came, 'contentType')).toBe('text/plain')
    expect(property(came, 'responseTopic')).toBe('answers')
    expect(property(came, 'payloadFormatIndicator')).toBe(1)
    expect(Number(property(came, 'messageExpiryInterval'))).toBeLessThanOrEqual(1000)
    expect(property(came, 'subscriptionIdentifier')).toBe(9)
  })

  rule({ v5: '3.3.2-5' }, 'expire', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.publish(topic, 'short', { qos: 1, retain: true, properties: [['messageExpiryInterval', 1]] })
    const idle = await trial.connect({ keepAlive: 1 })
    await idle.closing()
    await client.subscribe([[topic, 1]])
    await client.expectNothing()
  })
})
