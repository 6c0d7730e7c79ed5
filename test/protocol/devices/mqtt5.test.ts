import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { heardOf, mqtt5Brokers, setMqtt5Stage } from '../../helpers/mqtt5-stage.ts'
import { until } from '../../helpers/until.ts'

describe.each(mqtt5Brokers)('%s', (_name, open) => {
  const stage = setMqtt5Stage(open)

  describe('a device with MQTT 5', () => {
    it('is told what the broker takes', async () => {
      stage.bench.run({
        c1: script(`
          return {
            client: { protocolVersion: 5, clientId: '', receiveMaximum: 7, topicAliasMaximum: 3 },
            connected({ client, properties }) { log('properties', properties); log('id', JSON.stringify(client.id)) },
          }`),
      })
      const properties = await stage.said('c1', 'properties')
      expect(properties).toMatchObject({
        topicAliasMaximum: stage.broker.aliases,
        assignedClientIdentifier: expect.stringMatching(stage.broker.assigned),
      })
      expect(await stage.said('c1', 'id')).toBe(
        (properties as { assignedClientIdentifier: string }).assignedClientIdentifier,
      )
    })

    it('publishes with every property', async () => {
      const { heard } = await stage.observe('p1/#')
      stage.bench.run({
        p1: script(`
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              for (const qos of [0, 1, 2]) {
                await client.publish('p1/' + qos, { qos }, {
                  qos, retain: qos === 1, payloadFormatIndicator: true, messageExpiryInterval: '1m', contentType: 'application/json',
                  responseTopic: 'p1/response', correlationData: 'é\\u{1F600}', userProperties: { unit: 'C', tag: ['a', 'b']},
                })
                log('published', qos)
              }
            },
          }`),
      })
      await stage.bench.says('p1', 'published 2')
      const [first, second, third] = await heardOf(heard, 3)
      for (const packet of [first, second, third]) {
        expect(packet?.properties).toEqual({
          payloadFormatIndicator: true,
          messageExpiryInterval: 60,
          contentType: 'application/json',
          responseTopic: 'p1/response',
          correlationData: Buffer.from('é😀'),
          userProperties: Object.assign(Object.create(null), { unit: 'C', tag: ['a', 'b'] }),
        })
      }
      expect(
        [first, second, third].map((packet) => [packet?.topic, String(packet?.payload), packet?.qos, packet?.retain]),
      ).toEqual([
        ['p1/0', '{"qos":0}', 0, false],
        ['p1/1', '{"qos":1}', 1, true],
        ['p1/2', '{"qos":2}', 2, false],
      ])
    })

    it('hears every property of what arrives', async () => {
      const { client } = await stage.observe('nothing')
      stage.bench.run({
        m1: script(`
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              await client.subscribe('m1/#', { qos: 2, subscriptionIdentifier: 268435455, userProperties: { why: 'test' } })
              log('subscribed')
            },
            message({ packet, text }) {
              const { correlationData, ...rest } = packet.properties
              log('properties', rest)
              log('data', correlationData instanceof Uint8Array, Array.from(correlationData).join())
            },
          }`),
      })
      await stage.bench.says('m1', 'subscribed')
      await client.publishAsync('m1/x', 'hello', {
        qos: 1,
        properties: {
          payloadFormatIndicator: true,
          messageExpiryInterval: 60,
          contentType: 'text/plain',
          responseTopic: 'back',
          correlationData: Buffer.from([0, 128, 255]),
          userProperties: { one: '1', two: ['2', '3'], constructor: 'kept' },
        },
      })
      expect(await stage.said('m1', 'properties')).toEqual({
        payloadFormatIndicator: true,
        messageExpiryInterval: 60,
        contentType: 'text/plain',
        responseTopic: 'back',
        userProperties: { one: '1', two: ['2', '3'], constructor: 'kept' },
        subscriptionIdentifiers: [268_435_455],
      })
      await stage.bench.says('m1', 'data true 0,128,255')
    })

    it('subscribes with every option, and unsubscribes', async () => {
      const { client } = await stage.observe('nothing')
      for (const topic of ['s1/a', 's1/b']) await client.publishAsync(topic, 'retained', { qos: 1, retain: true })
      stage.bench.run({
        s1: script(`
          return {
            client: { protocolVersion: 5 },
            async connected({ client }) {
              await client.subscribe('s1/a', { retainHandling: 2, noLocal: true })
              await client.subscribe('s1/b', { retainAsPublished: true, retainHandling: 1 })
              await client.publish('s1/a', 'own', { qos: 1 })
              await client.publish('s1/b', 'own', { qos: 1 })
              log('subscribed')
            },
            async message({ topic, text, packet, client }) {
              log(topic, text, packet.retain)
              if (text === 'end') await client.unsubscribe('s1/+', { userProperties: { done: 'yes' } }).then(() => log('unsubscribed'))
            },
          }`),
      })
      await stage.bench.says('s1', 'subscribed')
      for (const topic of ['s1/a', 's1/b']) await client.publishAsync(topic, 'again', { qos: 1, retain: true })
      await client.publishAsync('s1/b', 'end', { qos: 1 })
      await stage.bench.says('s1', 'unsubscribed')
      expect(stage.bench.console('s1').filter((line) => line.startsWith('s1/'))).toEqual([
        's1/b retained true',
        's1/b own false',
        's1/a again false',
        's1/b again true',
        's1/b end false',
      ])
    })

    it('leaves a will with its properties, after its delay', async () => {
      const { heard } = await stage.observe('w1/status')
      stage.bench.run({
        w1: script(`
          return {
            client: {
              protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h',
              will: {
                topic: 'w1/status', payload: 'gone', qos: 1, willDelayInterval: '1s', messageExpiryInterval: '1h', contentType: 'text/plain',
                payloadFormatIndicator: true, responseTopic: 'w1/why', correlationData: new Uint8Array([7]), userProperties: { a: 'b' },
              },
            },
          }`),
      })
      await stage.bench.reaches('w1', 'online')
      const before = Date.now()
      await stage.bench.devices.act('w1', 'powerLoss')
      const [will] = await heardOf(heard, 1)
      expect(Date.now() - before).toBeGreaterThan(500)
      expect(will?.properties).toMatchObject({
        contentType: 'text/plain',
        payloadFormatIndicator: true,
        responseTopic: 'w1/why',
        correlationData: Buffer.from([7]),
        userProperties: { a: 'b' },
      })
    })

    it('goes on with its session for as long as it does not expire', async () => {
      stage.bench.run({
        e1: script(`
          return {
            client: { protocolVersion: 5, cleanStart: false, sessionExpiryInterval: 'never' },
            async connected({ client, sessionPresent }) {
              log('present', sessionPresent)
              if (!sessionPresent) await client.subscribe('e1', { qos: 1 })
            },
            message({ text }) { log('heard', text) },
          }`),
        e2: script(`
          return {
            client: { protocolVersion: 5, cleanStart: false },
            connected({ sessionPresent }) { log('present', sessionPresent) },
          }`),
      })
      const { client } = await stage.observe('nothing')
      for (const id of ['e1', 'e2']) {
        await stage.bench.says(id, 'present false')
        await stage.bench.reaches(id, 'online')
        await stage.bench.devices.act(id, 'disconnect')
      }
      await until('the broker has seen it', () => ['e1', 'e2'].every((id) => stage.broker.isGone(id)))
      await client.publishAsync('e1', 'while away', { qos: 1 })
      for (const id of ['e1', 'e2']) await stage.bench.devices.act(id, 'connect')
      await stage.bench.says('e1', 'present true')
      await stage.bench.says('e1', 'heard while away')
      await until('it is back', () => stage.bench.console('e2').length === 2)
      expect(stage.bench.console('e2')).toEqual(['present false', 'present false'])
    })

    it('publishes topics under aliases, as many as the broker takes', async () => {
      const { heard } = await stage.observe('a1/#')
      // More than it takes aliases.
      const topics = stage.broker.aliases + 2
      stage.bench.run({
        a1: script(`
          return {
            client: { protocolVersion: 5, topicAliases: true },
            async connected({ client }) {
              for (let i = 0; i < ${5 * topics}; i++) await client.publish('a1/' + (i % ${topics}), i, { qos: i % 3 })
              log('done')
            },
          }`),
      })
      await stage.bench.says('a1', 'done')
      const packets = await heardOf(heard, 5 * topics)
      const values = packets.map((packet) => [packet.topic, Number(String(packet.payload))] as const)
      expect(values.toSorted((a, b) => a[1] - b[1])).toEqual(
        Array.from({ length: 5 * topics }, (_, i) => [`a1/${i % topics}`, i]),
      )
    })
  })

  describe('what a device says when it disconnects', () => {
    it('has the broker publish the will, and forget the session', async () => {
      const { heard } = await stage.observe('dc/#')
      stage.bench.run({
        dc5: script(`
          return {
            client: {
              protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h',
              will: { topic: 'dc/will', payload: 'all the same' },
            },
            connected({ client, sessionPresent }) {
              log('connected', sessionPresent)
              client.disconnect({
                reasonCode: 0x04, sessionExpiryInterval: 0, reasonString: 'maintenance', userProperties: { by: ['a', 'b'] },
              })
            },
          }`),
      })
      expect((await heardOf(heard, 1))[0]?.payload.toString()).toBe('all the same')
      await stage.bench.reaches('dc5', 'offline')
      await stage.bench.devices.act('dc5', 'connect')
      await heardOf(heard, 2)
      await until('it has said so', () => stage.bench.console('dc5').length === 2)
      expect(stage.bench.console('dc5')).toEqual(['connected false', 'connected false'])
    })

    it('keeps the session where it says so, and the will is dropped', async () => {
      const { heard } = await stage.observe('dk/#')
      stage.bench.run({
        dk5: script(`
          return {
            client: {
              protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h', will: { topic: 'dk/will', payload: 'x' },
            },
            connected({ client, sessionPresent }) {
              log('connected', sessionPresent)
              client.disconnect({ sessionExpiryInterval: 'never' })
            },
          }`),
      })
      await stage.bench.reaches('dk5', 'offline')
      await stage.bench.devices.act('dk5', 'connect')
      await stage.bench.says('dk5', 'connected true')
      expect(heard).toEqual([])
    })
  })
})
