import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { DeviceBench, script } from '../../helpers/device-bench.ts'
import { launchMosquitto, type MosquittoBroker, startMosquitto } from '../../helpers/mosquitto-broker.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
let broker: MosquittoBroker
let bench: DeviceBench

beforeAll(async () => {
  assets = await buildDeviceAssets()
  broker = await launchMosquitto()
  bench = new DeviceBench(assets, broker.port, { workers: 1 })
})
afterEach(() => bench.run({}))
afterAll(async () => {
  await bench.devices.close()
  await broker.stop()
  assets.dispose()
})

/** Another client of the same broker, and what it has received. */
async function observe(
  filter: string,
  options: IClientOptions = {},
): Promise<{ client: MqttClient; heard: IPublishPacket[] }> {
  const heard: IPublishPacket[] = []
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5, ...options })
  onTestFinished(() => client.endAsync(true))
  client.on('message', (_topic, _payload, packet) => heard.push(packet))
  await client.subscribeAsync(filter, { qos: 2, rap: true })
  return { client, heard }
}

function heardOf(heard: readonly IPublishPacket[], count: number): Promise<readonly IPublishPacket[]> {
  return until(`${count} messages were heard`, () => heard.length >= count && heard)
}

/** JSON that a script has logged on a line after a word. */
async function said(id: string, word: string): Promise<unknown> {
  const line = await bench.says(id, new RegExp(`^${word} `))
  return JSON.parse(line.slice(word.length + 1))
}

describe('a device with MQTT 5', () => {
  it('is told what the broker takes', async () => {
    bench.run({
      c1: script(`
        return {
          client: { protocolVersion: 5, clientId: '', receiveMaximum: 7, topicAliasMaximum: 3 },
          connected({ client, properties }) { log('properties', properties); log('id', JSON.stringify(client.id)) },
        }`),
    })
    const properties = await said('c1', 'properties')
    expect(properties).toMatchObject({
      topicAliasMaximum: 10,
      assignedClientIdentifier: expect.stringMatching(/^auto-/),
    })
    expect(await said('c1', 'id')).toBe((properties as { assignedClientIdentifier: string }).assignedClientIdentifier)
  })

  it('publishes with every property', async () => {
    const { heard } = await observe('p1/#')
    bench.run({
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
    await bench.says('p1', 'published 2')
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
    const { client } = await observe('nothing')
    bench.run({
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
    await bench.says('m1', 'subscribed')
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
    expect(await said('m1', 'properties')).toEqual({
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      contentType: 'text/plain',
      responseTopic: 'back',
      userProperties: { one: '1', two: ['2', '3'], constructor: 'kept' },
      subscriptionIdentifiers: [268_435_455],
    })
    await bench.says('m1', 'data true 0,128,255')
  })

  it('subscribes with every option, and unsubscribes', async () => {
    const { client } = await observe('nothing')
    for (const topic of ['s1/a', 's1/b']) await client.publishAsync(topic, 'retained', { qos: 1, retain: true })
    bench.run({
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
    await bench.says('s1', 'subscribed')
    for (const topic of ['s1/a', 's1/b']) await client.publishAsync(topic, 'again', { qos: 1, retain: true })
    await client.publishAsync('s1/b', 'end', { qos: 1 })
    await bench.says('s1', 'unsubscribed')
    expect(bench.console('s1').filter((line) => line.startsWith('s1/'))).toEqual([
      's1/b retained true',
      's1/b own false',
      's1/a again false',
      's1/b again true',
      's1/b end false',
    ])
  })

  it('leaves a will with its properties, after its delay', async () => {
    const { heard } = await observe('w1/status')
    bench.run({
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
    await bench.reaches('w1', 'online')
    const before = Date.now()
    await bench.devices.act('w1', 'powerLoss')
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
    bench.run({
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
    const { client } = await observe('nothing')
    for (const id of ['e1', 'e2']) {
      await bench.says(id, 'present false')
      await bench.reaches(id, 'online')
      await bench.devices.act(id, 'disconnect')
    }
    await until('the broker has seen it', () => /Client e1 disconnected/.test(broker.log()))
    await client.publishAsync('e1', 'while away', { qos: 1 })
    for (const id of ['e1', 'e2']) await bench.devices.act(id, 'connect')
    await bench.says('e1', 'present true')
    await bench.says('e1', 'heard while away')
    await until('it is back', () => bench.console('e2').length === 2)
    expect(bench.console('e2')).toEqual(['present false', 'present false'])
  })

  it('publishes topics under aliases, as many as the broker takes', async () => {
    const { heard } = await observe('a1/#')
    bench.run({
      a1: script(`
        return {
          client: { protocolVersion: 5, topicAliases: true },
          async connected({ client }) {
            // Mosquitto takes 10 aliases.
            for (let i = 0; i < 60; i++) await client.publish('a1/' + (i % 12), i, { qos: i % 3 })
            log('done')
          },
        }`),
    })
    await bench.says('a1', 'done')
    const packets = await heardOf(heard, 60)
    const values = packets.map((packet) => [packet.topic, Number(String(packet.payload))] as const)
    expect(values.toSorted((a, b) => a[1] - b[1])).toEqual(Array.from({ length: 60 }, (_, i) => [`a1/${i % 12}`, i]))
  })
})

describe('a request', () => {
  it('is answered by another device', async () => {
    const responder = script(`
      return {
        client: { protocolVersion: 5 },
        async connected({ client }) {
          await client.subscribe('r1/double', { qos: 1 })
          log('ready')
        },
        async message(event) {
          await event.respond({ result: event.json * 2 }, { contentType: 'application/json' })
        },
      }`)
    bench.run({ r1: responder })
    await bench.says('r1', 'ready')
    bench.run({
      r1: responder,
      r2: script(`
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            const answers = await Promise.all([1, 2, 3].map((n) => client.request('r1/double', n, { qos: 1, timeout: '20s' })))
            log('answers', answers.map(({ json }) => json.result))
            log('about', { topic: answers[0].topic, type: answers[0].packet.properties.contentType, qos: answers[0].packet.qos })
            const own = await client.request('r1/double', 21, { responseTopic: 'r2/mine', timeout: '20s' })
            log('own', { topic: own.topic, result: own.json.result })
          },
          message({ topic }) { log('not for message', topic) },
        }`),
    })
    expect(await said('r2', 'answers')).toEqual([2, 4, 6])
    expect(await said('r2', 'about')).toEqual({ topic: 'responses/r2', type: 'application/json', qos: 1 })
    expect(await said('r2', 'own')).toEqual({ topic: 'r2/mine', result: 42 })
    expect(bench.console('r2').some((line) => line.startsWith('not for message'))).toBe(false)
  })

  it('that nobody answers is rejected after its time, at its line', async () => {
    bench.run({
      r3: script(`
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.request('nobody', '', { timeout: 30 })
          },
        }`),
    })
    expect(await bench.fails('r3')).toMatchObject({ message: "no response to 'nobody' within 30 ms", line: 7 })
  })

  it('that cannot be answered is an error of who tries', async () => {
    bench.run({
      r4: script(`
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.subscribe('r4')
            await client.publish('r4', 'no response asked for')
          },
          message(event) { return event.respond('x') },
        }`),
    })
    expect(await bench.fails('r4')).toMatchObject({
      message: "the message to 'r4' asks for no response: it has no Response Topic",
      line: 10,
    })
  })
})

describe('a broker that wants a password', () => {
  it('refuses the connection with its Reason Code', async () => {
    const strict = await startMosquitto(['allow_anonymous false'])
    const own = new DeviceBench(assets, strict.port, { workers: 1 })
    onTestFinished(() => own.devices.close())
    own.run({
      n1: script(`
        return {
          client: { protocolVersion: 5, reconnect: { after: '1ms', attempts: 2 } },
          disconnected({ reason, reasonCode, willReconnect }) { log(reason, reasonCode, willReconnect) },
        }`),
    })
    expect((await own.reaches('n1', 'offline')).reason).toBe('refused: not authorized; gave up after 2 attempts')
    await until('it was told each time', () => own.console('n1').length === 3)
    expect(own.console('n1')).toEqual([
      'refused: not authorized 135 true',
      'refused: not authorized 135 true',
      'refused: not authorized 135 false',
    ])
  })
})

describe('what a broker with access control refuses', () => {
  async function refusing() {
    const file = join(await temporaryFolder(), 'acl')
    await writeFile(file, 'topic readwrite open/#\n')
    const strict = await startMosquitto([`acl_file ${file}`])
    const own = new DeviceBench(assets, strict.port, { workers: 1 })
    onTestFinished(() => own.devices.close())
    return own
  }

  it('rejects the promise with the Reason Code', async () => {
    const own = await refusing()
    own.run({
      f1: script(`
        const tell = (error) => log(error.name, error.reasonCode, error.message)
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.publish('closed/1', 'x', { qos: 1 }).catch(tell)
            await client.publish('closed/2', 'x', { qos: 2 }).catch(tell)
            await client.publish('open/1', 'x', { qos: 2 })
            log('open')
          },
        }`),
    })
    await own.says('f1', 'open')
    expect(own.console('f1')).toEqual([
      "RefusedError 135 the broker refused to publish to 'closed/1': not authorized",
      "RefusedError 135 the broker refused to publish to 'closed/2': not authorized",
      'open',
    ])
  })
})

describe('what a device says when it disconnects', () => {
  it('has the broker publish the will, and forget the session', async () => {
    const { heard } = await observe('dc/#')
    bench.run({
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
    await bench.reaches('dc5', 'offline')
    await bench.devices.act('dc5', 'connect')
    await heardOf(heard, 2)
    await until('it has said so', () => bench.console('dc5').length === 2)
    expect(bench.console('dc5')).toEqual(['connected false', 'connected false'])
  })

  it('keeps the session where it says so, and the will is dropped', async () => {
    const { heard } = await observe('dk/#')
    bench.run({
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
    await bench.reaches('dk5', 'offline')
    await bench.devices.act('dk5', 'connect')
    await bench.says('dk5', 'connected true')
    expect(heard).toEqual([])
  })
})

describe('a password alone', () => {
  it('is taken by a broker with MQTT 5, which knows nobody by it', async () => {
    const { heard } = await observe('pa/#')
    bench.run({
      pa5: script(`
        return {
          client: { protocolVersion: 5, password: 'token' },
          connected({ client }) { client.publish('pa/hello', 'x') },
        }`),
    })
    expect(await heardOf(heard, 1)).toHaveLength(1)
  })
})
