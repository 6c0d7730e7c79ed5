import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import { expectDisconnect } from '../../helpers/conformance-expect.ts'
import { field, octets, type PropertyList, packet, publish, u16, variable } from '../../helpers/mqtt-octets.ts'
import { property, propertyValues } from '../../helpers/mqtt-reading.ts'

const everything: PropertyList = [
  ['userProperty', ['z', 'first']],
  ['payloadFormatIndicator', 1],
  ['contentType', 'application/json; charset=größe'],
  ['userProperty', ['', '']],
  ['responseTopic', 'answers/to/me'],
  ['correlationData', Buffer.from([0, 1, 254, 255])],
  ['userProperty', ['a', 'x'.repeat(1000)]],
  ['userProperty', ['z', 'first']],
]

describe('a message with properties', () => {
  for (const qos of [0, 1, 2] as const) {
    rule(
      { v5: '3.3.2-4 3.3.2-15 3.3.2-16 3.3.2-17 3.3.2-18 3.3.2-20 3.3.2-13 3.3.2-19 1.5.7-1' },
      `is passed on with all of them, unchanged, at QoS ${qos}`,
      async (trial) => {
        const topic = trial.name()
        const client = await trial.connect()
        await client.subscribe([[topic, 2]])
        await client.publish(topic, '{}', { qos, properties: everything })
        const came = await client.take()
        expect(propertyValues(came, 'userProperty')).toEqual(
          everything.filter(([name]) => name === 'userProperty').map(([, value]) => value),
        )
        const rest = (list: PropertyList) => new Map(list.filter(([name]) => name !== 'userProperty'))
        expect(rest(came.properties)).toEqual(rest(everything))
      },
    )
  }

  rule({ v5: '3.3.2-4 3.3.2-16 3.3.2-17 3.3.2-18' }, 'keeps them in a queue and when sent again', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]], [['subscriptionIdentifier', 7]])
    await first.disconnect()
    await publisher.publish(topic, '', { qos: 1, properties: everything })
    const second = await trial.keep(id)
    const once = await second.receive('PUBLISH')
    second.reset()
    const third = await trial.keep(id)
    const again = await third.receive('PUBLISH')
    for (const came of [once, again]) {
      expect(propertyValues(came, 'userProperty')).toHaveLength(4)
      expect(property(came, 'correlationData')).toEqual(Buffer.from([0, 1, 254, 255]))
      expect(property(came, 'payloadFormatIndicator')).toBe(1)
      expect(property(came, 'subscriptionIdentifier')).toBe(7)
    }
    expect(again.dup).toBe(true)
  })

  rule({ v5: '3.3.2-4 2.2.2-1' }, 'has none that it was not sent with', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[topic, 2]])
    await client.publish(topic, '', { qos: 1 })
    expect((await client.take()).properties).toEqual([])
    await client.publish(topic, '', { properties: [['payloadFormatIndicator', 0]] })
    expect([undefined, 0]).toContain(property(await client.take(), 'payloadFormatIndicator'))
    await client.publish(topic, '', {
      properties: [
        ['correlationData', ''],
        ['contentType', ''],
      ],
    })
    const came = await client.take()
    expect(property(came, 'correlationData')).toEqual(Buffer.alloc(0))
    expect(property(came, 'contentType')).toBe('')
  })

  const wrong: Readonly<Record<string, readonly [Buffer, readonly number[]]>> = {
    'an unknown property': [octets(0x7e, 0), [0x81, 0x82]],
    'a property of another packet': [octets(0x21, u16(5)), [0x81, 0x82]],
    'Payload Format Indicator 2': [octets(0x01, 2), [0x81, 0x82]],
    'Payload Format Indicator twice': [octets(0x01, 1, 0x01, 1), [0x82, 0x81]],
    'Message Expiry Interval twice': [octets(0x02, 0, 0, 0, 1, 0x02, 0, 0, 0, 1), [0x82, 0x81]],
    'Content Type twice': [octets(0x03, field('a'), 0x03, field('a')), [0x82, 0x81]],
    'a Content Type that is no UTF-8': [octets(0x03, field(octets(0xff))), [0x81]],
    'Response Topic twice': [octets(0x08, field('a'), 0x08, field('a')), [0x82, 0x81]],
    'a Response Topic with +': [octets(0x08, field('a/+')), [0x82, 0x81, 0x90]],
    'a Response Topic with #': [octets(0x08, field('#')), [0x82, 0x81, 0x90]],
    'a Response Topic that is no UTF-8': [octets(0x08, field(octets(0xc0, 0xaf))), [0x81]],
    'Correlation Data twice': [octets(0x09, field('a'), 0x09, field('a')), [0x82, 0x81]],
    'Topic Alias twice': [octets(0x23, u16(1), 0x23, u16(1)), [0x82, 0x81]],
    'a Subscription Identifier': [octets(0x0b, 1), [0x82, 0x81]],
    'a User Property that is no UTF-8': [octets(0x26, field(octets(0xed, 0xa0, 0x80)), field('')), [0x81]],
  }
  const noticed = new Set(['an unknown property', 'a property of another packet'])
  for (const [what, [props, codes]] of Object.entries(wrong)) {
    rule(
      { v5: '3.3.2-13 3.3.2-14 3.3.2-19 3.3.4-6 4.13.1-1 1.5.7-1' },
      `has not ${what}`,
      async (trial) => {
        const topic = trial.name()
        const watcher = await trial.connect()
        await watcher.subscribe([[topic, 0]])
        const client = await trial.connect()
        client.send(packet(0x30, field(topic), variable(props.length), props, 'unwanted'))
        await expectDisconnect(client, ...codes)
        await watcher.expectNothing()
      },
      noticed.has(what) ? undefined : { why: 'it closes without a word, or takes it' },
    )
  }
})

describe('Message Expiry Interval', () => {
  rule({ v5: '3.3.2-6' }, 'is passed on, less the time in the broker', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 1]])
    await publisher.publish(topic, 'live', { qos: 1, properties: [['messageExpiryInterval', 100]] })
    expect(property(await first.take(), 'messageExpiryInterval')).toBe(100)
    await first.disconnect()
    await publisher.publish(topic, 'queued', { qos: 1, properties: [['messageExpiryInterval', 100]] })
    const idle = await trial.connect({ keepAlive: 2 })
    await idle.closing()
    const second = await trial.keep(id)
    const left = Number(property(await second.take(), 'messageExpiryInterval'))
    expect(left).toBeLessThan(99)
    expect(left).toBeGreaterThan(30)
  })

  rule({ v5: '3.3.2-5 3.3.2-6' }, 'of 0 is over at once, at every QoS', async (trial) => {
    const topic = trial.name()
    const publisher = await trial.connect()
    const client = await trial.connect()
    await client.subscribe([[topic, 2]])
    for (const qos of [0, 1, 2] as const) {
      await publisher.publish(topic, `unwanted ${qos}`, { qos, properties: [['messageExpiryInterval', 0]] })
      await publisher.publish(topic, `wanted ${qos}`, { qos, properties: [['messageExpiryInterval', 1000]] })
    }
    const came = await client.takeAll(3)
    expect(came.map(({ text }) => text)).toEqual(['wanted 0', 'wanted 1', 'wanted 2'])
    await client.expectNothing(publisher)
  })

  rule({ v5: '3.3.2-5' }, 'ends what waits in a queue', async (trial) => {
    const [id, topic] = [trial.name(), trial.name('t')]
    const publisher = await trial.connect()
    const first = await trial.keep(id)
    await first.subscribe([[topic, 2]])
    await first.disconnect()
    await publisher.publish(topic, 'unwanted', { qos: 1, properties: [['messageExpiryInterval', 1]] })
    await publisher.publish(topic, 'unwanted', { qos: 2, properties: [['messageExpiryInterval', 1]] })
    await publisher.publish(topic, 'wanted', { qos: 1, properties: [['messageExpiryInterval', 1000]] })
    await publisher.publish(topic, 'wanted too', { qos: 2 })
    const idle = await trial.connect({ keepAlive: 2 })
    await idle.closing()
    const second = await trial.keep(id)
    expect((await second.takeAll(2)).map(({ text }) => text)).toEqual(['wanted', 'wanted too'])
    await second.expectNothing(publisher)
  })

  rule(
    { v5: '3.3.2-5 3.3.4-9' },
    'ends what waits for Receive Maximum',
    async (trial) => {
      const topic = trial.name('t')
      const [publisher, subscriber] = [
        await trial.connect(),
        await trial.connect({ properties: [['receiveMaximum', 1]] }),
      ]
      await subscriber.subscribe([[topic, 1]])
      await publisher.publish(topic, 'first', { qos: 1 })
      await publisher.publish(topic, 'unwanted', { qos: 1, properties: [['messageExpiryInterval', 1]] })
      await publisher.publish(topic, 'last', { qos: 1 })
      const first = await subscriber.receive('PUBLISH')
      const idle = await trial.connect({ keepAlive: 2 })
      await idle.closing()
      await subscriber.answer(first)
      expect((await subscriber.take()).text).toBe('last')
      await subscriber.expectNothing(publisher)
    },
    { why: 'it sends it all the same' },
  )

  rule(
    { v5: '4.3.3-7 4.3.3-13 4.4.0-1' },
    'ends nothing that was sent',
    async (trial) => {
      const [id, topic] = [trial.name(), trial.name('t')]
      const publisher = await trial.connect()
      const first = await trial.keep(id)
      await first.subscribe([[topic, 2]])
      await publisher.publish(topic, 'one', { qos: 2, properties: [['messageExpiryInterval', 1]] })
      await publisher.publish(topic, 'two', { qos: 2, properties: [['messageExpiryInterval', 1]] })
      const [one, two] = await first.receiveAll('PUBLISH', 2)
      const idle = await trial.connect({ keepAlive: 2 })
      await idle.closing()
      if (one !== undefined) await first.answer(one)
      first.reset()
      const second = await trial.keep(id)
      const came = await second.receive('PUBLISH')
      expect(came).toMatchObject({ text: 'two', dup: true, packetId: two?.packetId })
      await second.answer(came)
      await second.expectNothing(publisher)
    },
    { why: 'it drops what it has sent' },
  )

  rule({ v5: '4.3.3-13 4.3.3-8' }, 'ends no handshake of the publisher', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    client.send(publish(5, topic, '', { qos: 2, packetId: 5, properties: [['messageExpiryInterval', 1]] }))
    expect((await client.receive('PUBREC')).packetId).toBe(5)
    const idle = await trial.connect({ keepAlive: 2 })
    await idle.closing()
    client.send(octets(0x62, 2, u16(5)))
    expect((await client.receive('PUBCOMP')).packetId).toBe(5)
  })
})
