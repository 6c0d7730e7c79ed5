import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import { expectDisconnect } from '../../helpers/conformance-expect.ts'
import { publish } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

const alias = (value: number) => ({ properties: [['topicAlias', value]] }) as const

describe('a Topic Alias of the client', () => {
  rule({ v5: '3.3.2-12 3.3.2-3' }, 'stands for its topic, each up to the maximum', async (trial) => {
    const topic = trial.name()
    const { client, connack } = await trial.connectAndSee({})
    const maximum = Number(property(connack, 'topicAliasMaximum') ?? 0)
    await client.subscribe([[`${topic}/+`, 2]])
    for (const value of new Set([1, Math.ceil(maximum / 2), maximum].filter((value) => value > 0))) {
      await client.publish(`${topic}/${value}`, 'set', { qos: 1, ...alias(value) })
      expect(await client.take()).toMatchObject({ topic: `${topic}/${value}`, text: 'set' })
      for (const qos of [0, 1, 2]) {
        await client.publish('', 'used', { qos, ...alias(value) })
        const came = await client.take()
        expect(came).toMatchObject({ topic: `${topic}/${value}`, text: 'used', qos })
        // An alias belongs to one connection.
        expect(property(came, 'topicAlias')).toBeUndefined()
      }
    }
  })

  rule({ v5: '3.3.2-12' }, 'can be given another topic', async (trial) => {
    const topic = trial.name()
    const { client, connack } = await trial.connectAndSee({})
    if (Number(property(connack, 'topicAliasMaximum') ?? 0) === 0) return client.ping()
    await client.subscribe([[`${topic}/+`, 0]])
    for (const name of ['a', 'b', 'a']) {
      await client.publish(`${topic}/${name}`, 'set', alias(1))
      await client.publish('', 'used', alias(1))
      expect((await client.takeAll(2)).map((came) => came.topic)).toEqual([`${topic}/${name}`, `${topic}/${name}`])
    }
  })

  rule({ v5: '3.3.2-12' }, 'is set and used in one segment', async (trial) => {
    const topic = trial.name()
    const { client, connack } = await trial.connectAndSee({})
    if (Number(property(connack, 'topicAliasMaximum') ?? 0) < 2) return client.ping()
    await client.subscribe([[`${topic}/+`, 0]])
    client.send(
      publish(5, `${topic}/a`, '1', alias(1)),
      publish(5, `${topic}/b`, '2', alias(2)),
      publish(5, '', '3', alias(1)),
      publish(5, `${topic}/c`, '4', alias(1)),
      publish(5, '', '5', alias(2)),
      publish(5, '', '6', alias(1)),
    )
    const came = await client.takeAll(6)
    expect(came.map((one) => one.topic.at(-1)).join('')).toBe('abacbc')
  })

  rule({ v5: '3.3.2-7' }, 'is forgotten with its connection', async (trial) => {
    const id = trial.name()
    const first = await trial.keepAndSee(id)
    if (Number(property(first.connack, 'topicAliasMaximum') ?? 0) === 0) return first.client.ping()
    await first.client.publish(trial.name('t'), 'set', alias(1))
    first.client.reset()
    const second = await trial.keep(id)
    second.send(publish(5, '', 'unwanted', alias(1)))
    await expectDisconnect(second, 0x82, 0x94)
  })

  rule({ v5: '3.3.2-8 4.13.1-1 3.14.2-1' }, 'is not 0', async (trial) => {
    const client = await trial.connect()
    client.send(publish(5, trial.name(), '', alias(0)))
    await expectDisconnect(client, 0x94, 0x82, 0x81)
  })

  rule({ v5: '3.3.2-9 3.2.2-17 3.2.2-18 4.13.1-1' }, 'is not above the maximum of the broker', async (trial) => {
    const { client, connack } = await trial.connectAndSee({})
    const maximum = Number(property(connack, 'topicAliasMaximum') ?? 0)
    if (maximum === 65535) return client.ping()
    client.send(publish(5, trial.name(), '', alias(maximum + 1)))
    await expectDisconnect(client, 0x94)
  })

  rule({ v5: '4.13.1-1 4.7.3-1' }, 'that stands for nothing ends the connection', async (trial) => {
    const client = await trial.connect()
    client.send(publish(5, '', '', alias(1)))
    await expectDisconnect(client, 0x82, 0x94)
  })

  rule({ v5: '4.13.1-1 4.7.3-1' }, 'or a Topic Name must be there', async (trial) => {
    const client = await trial.connect()
    client.send(publish(5, '', ''))
    await expectDisconnect(client, 0x82, 0x81, 0x90)
  })
})

describe('a Topic Alias of the broker', () => {
  for (const maximum of [undefined, 0, 1, 5]) {
    rule(
      { v5: '3.1.2-26 3.1.2-27 3.3.2-11 3.3.2-8' },
      `is not above the maximum of the client: ${maximum}`,
      async (trial) => {
        const topic = trial.name()
        const publisher = await trial.connect()
        const client = await trial.connect(
          maximum === undefined ? {} : { properties: [['topicAliasMaximum', maximum]] },
        )
        await client.subscribe([[`${topic}/+`, 0]])
        const sent = Array.from({ length: 60 }, (_, index) => `${topic}/${(index * 7) % 9}`)
        for (const one of sent) await publisher.publish(one, one)
        const known = new Map<number, string>()
        for (const one of sent) {
          const came = await client.take()
          const value = property(came, 'topicAlias')
          if (value === undefined) expect(came.topic).toBe(one)
          else {
            expect(Number(value)).toBeGreaterThan(0)
            expect(Number(value)).toBeLessThanOrEqual(maximum ?? 0)
            if (came.topic !== '') known.set(Number(value), came.topic)
            expect(known.get(Number(value))).toBe(one)
          }
          expect(came.text).toBe(one)
        }
      },
    )
  }

  // The alias is the choice of the broker, and a packet that fits without it is not too large.
  for (const length of [1, 2, 3, 4, 7, 60]) {
    rule(
      { v5: '3.1.2-24 3.1.2-25' },
      `loses no message that fits without it, to a topic of ${length}`,
      async (trial) => {
        const largest = 30
        // Two octets of Fixed Header, the topic and its length, the Packet Identifier, the Property Length.
        const size = 2 + 2 + length + 2 + 1 + largest
        const topic = `${'t'.repeat(60)}${trial.name('t').replaceAll('/', '-')}`.slice(-length)
        const publisher = await trial.connect()
        const client = await trial.connect({
          properties: [
            ['topicAliasMaximum', 10],
            ['maximumPacketSize', size],
          ],
        })
        await client.subscribe([[topic, 1]])
        const lengths = [largest, 1, largest, largest - 1, largest - 2, largest - 3, 1, largest]
        for (const octets of lengths) await publisher.publish(topic, 'x'.repeat(octets), { qos: 1 })
        const came = await client.takeAll(lengths.length)
        expect(came.map(({ text }) => text.length)).toEqual(lengths)
        for (const { octets } of came) expect(octets.length).toBeLessThanOrEqual(size)
      },
    )
  }

  rule({ v5: '3.3.2-7' }, 'is set anew on each connection, also for what is sent again', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const options = { properties: [['topicAliasMaximum', 10]] } as const
    const first = await trial.keep(id, options)
    await first.subscribe([[topic, 1]])
    for (const text of ['a', 'b']) await publisher.publish(topic, text, { qos: 1 })
    await first.receiveAll('PUBLISH', 2)
    first.reset()
    const second = await trial.keep(id, options)
    const came = await second.take()
    expect(came).toMatchObject({ topic, text: 'a', dup: true })
  })
})
