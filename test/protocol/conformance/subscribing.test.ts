import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import { expectClosed } from '../../helpers/conformance-expect.ts'
import {
  ack,
  packet,
  properties,
  publish,
  subscribe,
  u16,
  unsubscribe,
  type Version,
} from '../../helpers/mqtt-octets.ts'

const none = (version: Version) => (version === 5 ? properties() : Buffer.alloc(0))

describe('SUBSCRIBE', () => {
  for (const packetId of [1, 65535]) {
    rule(
      { v31: '§3.8', v311: '3.8.4-1 3.8.4-2 2.3.1-7', v5: '3.8.4-1 3.8.4-2 2.2.1-6' },
      `${packetId} is answered so`,
      async (trial) => {
        const client = await trial.connect()
        client.send(subscribe(trial.version, packetId, [[trial.name(), 0]]))
        expect(await client.next()).toMatchObject({ kind: 'SUBACK', packetId, codes: [0] })
      },
    )
  }

  rule(
    { v31: '§3.9', v311: '3.8.4-4 3.8.4-5 3.9.3-1 3.9.3-2', v5: '3.8.4-5 3.8.4-6 3.8.4-7 3.9.3-1 3.9.3-2' },
    'of many filters is answered for each, in order',
    async (trial) => {
      const topic = trial.name()
      const client = await trial.connect()
      const wanted = [2, 0, 1, 1, 0, 2, 2]
      const suback = await client.subscribe(wanted.map((qos, index) => [`${topic}/${index}`, qos]))
      expect(suback.codes).toEqual(wanted)
      for (const [index, qos] of wanted.entries()) {
        await client.publish(`${topic}/${index}`, '', { qos: 2 })
        expect((await client.take()).qos).toBe(qos)
      }
    },
  )

  rule({ v311: '3.8.4-4 3.8.4-3', v5: '3.8.4-5 3.8.4-3' }, 'of one filter twice is like two of them', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    expect(
      (
        await client.subscribe([
          [topic, 2],
          [topic, 0],
        ])
      ).codes,
    ).toEqual([2, 0])
    await client.publish(topic, 'once', { qos: 2 })
    expect(await client.take()).toMatchObject({ text: 'once', qos: 0 })
    await client.expectNothing()
  })

  rule({ v31: '§3.8', v311: '3.8.4-3', v5: '3.8.4-3' }, 'of a filter that is there replaces it', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    for (const qos of [2, 1, 0, 2]) {
      await client.subscribe([[`${topic}/+`, qos]])
      await client.publish(`${topic}/a`, String(qos), { qos: 2 })
      expect(await client.take()).toMatchObject({ text: String(qos), qos })
    }
    await client.expectNothing()
    await client.unsubscribe([`${topic}/+`])
    await client.publish(`${topic}/a`, 'unwanted', { qos: 2 })
    await client.expectNothing()
  })

  rule({ v311: '3.8.4-3', v5: '3.8.4-4' }, 'that replaces loses nothing', async (trial) => {
    const topic = trial.name()
    const [publisher, subscriber] = [await trial.connect(), await trial.connect()]
    await subscriber.subscribe([[topic, 1]])
    const publishing = (async () => {
      for (let index = 0; index < 100; index++) await publisher.publish(topic, String(index), { qos: 1 })
    })()
    for (let round = 0; round < 20; round++) await subscriber.subscribe([[topic, 1]])
    const texts = (await subscriber.takeAll(100)).map(({ text }) => text)
    await publishing
    expect(texts).toEqual(Array.from({ length: 100 }, (_, index) => String(index)))
    await subscriber.expectNothing(publisher)
  })

  for (const published of [0, 1, 2] as const) {
    for (const granted of [0, 1, 2] as const) {
      const lower = Math.min(published, granted)
      rule(
        { v31: '§3.8', v311: '3.8.4-6', v5: '3.8.4-8' },
        `at ${granted} gets what is of QoS ${published} at ${lower}`,
        async (trial) => {
          const topic = trial.name()
          const publisher = await trial.connect()
          for (const [index, filter] of [`${topic}/a`, `${topic}/+`, `${topic}/#`].entries()) {
            const id = trial.name(`f${index}`)
            const subscriber = await trial.keep(id)
            await subscriber.subscribe([[filter, granted]])
            await publisher.publish(`${topic}/a`, 'live', { qos: published })
            expect(await subscriber.take()).toMatchObject({ text: 'live', qos: lower })
            await subscriber.disconnect()
            await publisher.publish(`${topic}/a`, 'queued', { qos: published })
            const again = await trial.keep(id)
            if (lower > 0) expect(await again.take()).toMatchObject({ text: 'queued', qos: lower })
            else {
              // Messages of QoS 0 may be queued, or not.
              await again.fence(publisher)
              for (const { qos } of again.unread.splice(0)) expect(qos).toBe(0)
            }
            await again.expectNothing(publisher)
            await again.disconnect()
          }
        },
      )
    }
  }

  rule(
    { v31: '§3.8', v311: '3.3.5-1', v5: '3.3.4-2' },
    'of filters that overlap gets the highest QoS',
    async (trial) => {
      const topic = trial.name()
      const client = await trial.connect()
      await client.subscribe([
        [`${topic}/#`, 0],
        [`${topic}/+/c`, 2],
        [`${topic}/b/c`, 1],
      ])
      await client.publish(`${topic}/b/c`, 'overlap', { qos: 2 })
      // Once, or once for each of them, is both allowed; only never less than the highest.
      await client.fence()
      const came = client.unread.splice(0)
      expect(came.every(({ kind, text }) => kind === 'PUBLISH' && text === 'overlap')).toBe(true)
      expect([1, 3]).toContain(came.length)
      expect(Math.max(...came.map(({ qos }) => qos))).toBe(2)
    },
    { why: 'it takes the first that matches', sometimes: true },
  )

  const options: Readonly<Record<string, readonly [cited: Record<string, string>, options: number, is5: boolean]>> = {
    'QoS 3': [{ v311: '3.8.3-4', v5: '3.8.3-5' }, 3, false],
    'a reserved bit': [{ v311: '3.8.3-4', v5: '3.8.3-5' }, 0x80, false],
    'the other reserved bit': [{ v311: '3.8.3-4', v5: '3.8.3-5' }, 0x40, false],
    'Retain Handling 3': [{ v5: '3.8.3-5' }, 0x30, true],
    'an option of MQTT 5': [{ v311: '3.8.3-4' }, 0x04, false],
  }
  for (const [what, [cited, value]] of Object.entries(options)) {
    rule(cited, `has not ${what}`, async (trial) => {
      const client = await trial.connect()
      client.send(subscribe(trial.version, 1, [[trial.name(), value]]))
      await expectClosed(client)
    })
  }

  rule({ v311: '3.8.3-3', v5: '3.8.3-2' }, 'has a filter', async (trial) => {
    const client = await trial.connect()
    client.send(packet(0x82, u16(1), none(trial.version)))
    await expectClosed(client)
  })

  for (const filter of ['', 'a+', '+a', 'a#', '#a', 'a/+b', 'a/b+', 'a/#/b', '#/a', 'a/##', 'a/+#', '++']) {
    rule(
      { v31: '§A', v311: '4.7.1-2 4.7.1-3 4.7.3-1', v5: '4.7.1-1 4.7.1-2 4.7.3-1' },
      `has no filter '${filter}'`,
      async (trial) => {
        const client = await trial.connect()
        client.send(subscribe(trial.version, 1, [[filter, 0]]))
        // A Server may say so in SUBACK, or close; in no case it may grant it.
        const came = await client.next().catch(() => undefined)
        if (came === undefined || came.kind === 'DISCONNECT') return expectClosed(client).then(() => undefined)
        expect(came.codes.every((code) => code >= 0x80)).toBe(true)
      },
    )
  }
})

describe('UNSUBSCRIBE', () => {
  rule(
    { v31: '§3.10', v311: '3.10.4-1 3.10.4-2 3.10.4-4', v5: '3.10.4-1 3.10.4-2 3.10.4-4 3.10.4-5' },
    'ends a Subscription',
    async (trial) => {
      const topic = trial.name()
      const [publisher, subscriber] = [await trial.connect(), await trial.connect()]
      await subscriber.subscribe([[topic, 1]])
      subscriber.send(unsubscribe(trial.version, 4711, [topic]))
      const unsuback = await subscriber.next()
      expect(unsuback).toMatchObject({ kind: 'UNSUBACK', packetId: 4711, codes: trial.version === 5 ? [0] : [] })
      await publisher.publish(topic, 'unwanted', { qos: 1 })
      await subscriber.expectNothing(publisher)
    },
  )

  rule(
    { v31: '§3.10', v311: '3.10.4-5', v5: '3.10.4-5 3.11.3-2' },
    'of what is not there is answered too',
    async (trial) => {
      const client = await trial.connect()
      const unsuback = await client.unsubscribe([trial.name(), 'a/#'])
      expect(unsuback.codes).toEqual(trial.version === 5 ? [0x11, 0x11] : [])
    },
  )

  rule(
    { v311: '3.10.4-6', v5: '3.10.4-6 3.11.3-1 3.11.3-2' },
    'of many filters is answered once, in order',
    async (trial) => {
      const topic = trial.name()
      const client = await trial.connect()
      await client.subscribe([
        [`${topic}/a`, 0],
        [`${topic}/b`, 0],
        [`${topic}/c`, 0],
      ])
      const unsuback = await client.unsubscribe([`${topic}/x`, `${topic}/b`, `${topic}/y`, `${topic}/a`, `${topic}/b`])
      expect(unsuback.codes).toEqual(trial.version === 5 ? [0x11, 0, 0x11, 0, 0x11] : [])
      for (const name of ['a', 'b', 'c']) await client.publish(`${topic}/${name}`, name)
      expect((await client.take()).text).toBe('c')
      await client.expectNothing()
    },
  )

  rule({ v311: '3.10.4-1', v5: '3.10.4-1' }, 'compares filters letter by letter', async (trial) => {
    const topic = trial.name('A')
    const client = await trial.connect()
    await client.subscribe([[`${topic}/+`, 0]])
    await client.unsubscribe([`${topic}/a`, `${topic}/#`, `${topic.toLowerCase()}/+`, `${topic}/+/`, '#', '+/+'])
    await client.publish(`${topic}/a`, 'still')
    expect((await client.take()).text).toBe('still')
  })

  rule({ v311: '3.10.4-3', v5: '3.10.4-3' }, 'does not end what is in flight', async (trial) => {
    const topic = trial.name()
    const [publisher, subscriber] = [await trial.connect(), await trial.connect()]
    await subscriber.subscribe([[topic, 2]])
    await publisher.publish(topic, 'one', { qos: 1 })
    await publisher.publish(topic, 'two', { qos: 2 })
    await publisher.publish(topic, 'three', { qos: 2 })
    const [one, two, three] = await subscriber.receiveAll('PUBLISH', 3)
    if (one === undefined || two === undefined || three === undefined) throw new Error('three were received')
    subscriber.send(ack('PUBREC', three.packetId))
    await subscriber.receive('PUBREL')
    await subscriber.unsubscribe([topic])
    await subscriber.answer(one)
    await subscriber.answer(two)
    subscriber.send(ack('PUBCOMP', three.packetId))
    await publisher.publish(topic, 'unwanted', { qos: 1 })
    await subscriber.expectNothing(publisher)
  })

  rule({ v311: '3.10.4-3 4.4.0-1', v5: '3.10.4-3 4.4.0-1' }, 'does not end what is sent again', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]])
    await publisher.publish(topic, 'one', { qos: 1 })
    await first.receive('PUBLISH')
    await first.unsubscribe([topic])
    first.reset()
    const second = await trial.keep(id)
    expect(await second.take()).toMatchObject({ text: 'one', dup: true })
  })

  rule({ v311: '3.10.3-2', v5: '3.10.3-2' }, 'has a filter', async (trial) => {
    const client = await trial.connect()
    client.send(packet(0xa2, u16(1), none(trial.version)))
    await expectClosed(client)
  })

  rule({ v311: '3.10.4-2', v5: '3.10.4-2' }, 'counts from its place between others', async (trial) => {
    const { version } = trial
    const topic = trial.name()
    const client = await trial.connect()
    client.send(
      subscribe(version, 1, [[topic, 0]]),
      publish(version, topic, 'one'),
      unsubscribe(version, 2, [topic]),
      publish(version, topic, 'unwanted'),
      subscribe(version, 3, [[topic, 0]]),
      publish(version, topic, 'two'),
    )
    expect((await client.takeAll(2)).map(({ text }) => text)).toEqual(['one', 'two'])
  })
})

describe('PINGREQ', () => {
  rule({ v31: '§3.12', v311: '3.12.4-1', v5: '3.12.4-1' }, 'is answered each time', async (trial) => {
    const client = await trial.connect()
    client.send(Buffer.of(0xc0, 0, 0xc0, 0, 0xc0, 0))
    await client.receiveAll('PINGRESP', 3)
    await client.expectNothing()
  })
})
