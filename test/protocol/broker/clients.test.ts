import {
  connectAsync,
  type IClientOptions,
  type IClientPublishOptions,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { CapturedPacket } from '../../../app/capture/captured.ts'
import { Mosquitto } from '../../helpers/mosquitto.ts'
import { Paho } from '../../helpers/paho.ts'
import { Road } from '../../helpers/road.ts'
import { until } from '../../helpers/until.ts'

/** The whole road: listener, Link with its recorder, engine. */
let road: Road

beforeEach(async () => {
  road = await Road.open()
  onTestFinished(() => road.close())
})

function sessionOf(clientId: string) {
  return road.broker.session(clientId)?.session
}

function subscribed(clientId: string): Promise<unknown> {
  return until(`${clientId} has subscribed`, () => (sessionOf(clientId)?.subscriptions.length ?? 0) > 0)
}

describe('mosquitto_pub and mosquitto_sub', () => {
  const versions = ['mqttv31', 'mqttv311', 'mqttv5'] as const

  async function say(version: string, ...args: string[]): Promise<void> {
    const publisher = new Mosquitto('mosquitto_pub', road.port, '-V', version, ...args)
    expect(await publisher.exited()).toBe(0)
  }

  async function hear(version: string, ...args: string[]): Promise<Mosquitto> {
    const id = args.includes('-i') ? (args[args.indexOf('-i') + 1] as string) : 'sub'
    const more = args.includes('-i') ? [] : ['-i', id]
    const subscriber = new Mosquitto('mosquitto_sub', road.port, '-V', version, ...more, ...args)
    onTestFinished(() => subscriber.kill())
    await subscribed(id)
    return subscriber
  }

  /** Connects, subscribes, and goes in order. */
  async function comeAndGo(version: string, ...args: string[]): Promise<void> {
    expect(await new Mosquitto('mosquitto_sub', road.port, '-V', version, '-E', ...args).exited()).toBe(0)
  }

  const pairs = versions.flatMap((one) => versions.map((other) => [one, other] as const))
  it.each(pairs)('bring all three QoS from %s to %s', async (from, to) => {
    const subscriber = await hear(to, '-t', 'plant/+', '-q', '2', '-F', '%t %q %p')
    for (const qos of ['0', '1', '2']) await say(from, '-t', `plant/${qos}`, '-q', qos, '-m', `text ${qos}`)
    await until('all have come', () => subscriber.output.split('\n').length === 4)
    expect(subscriber.output).toBe('plant/0 0 text 0\nplant/1 1 text 1\nplant/2 2 text 2\n')
  })

  it.each(versions)('find what is retained, and no more what was cleared (%s)', async (version) => {
    await say(version, '-t', 'kept/a', '-r', '-q', '1', '-m', 'one')
    await say(version, '-t', 'kept/b', '-r', '-q', '1', '-m', 'two')
    await say(version, '-t', 'kept/b', '-r', '-q', '1', '-n')
    const subscriber = await hear(version, '-t', 'kept/#', '-F', '%t %r %p')
    await say(version, '-t', 'kept/c', '-m', 'live')
    await until('both have come', () => subscriber.output.split('\n').length === 3)
    expect(subscriber.output).toBe('kept/a 1 one\nkept/c 0 live\n')
  })

  it.each(versions)('leave their will when they are killed, and not when they go in order (%s)', async (version) => {
    const watcher = await hear('mqttv311', '-i', 'watcher', '-t', 'will/#', '-q', '1', '-F', '%t %p')
    const will = (id: string) => ['--will-topic', `will/${id}`, '--will-payload', 'gone', '--will-qos', '1']
    await comeAndGo(version, '-i', 'good', '-t', 'x', ...will('good'))
    const bad = await hear(version, '-i', 'bad', '-t', 'x', ...will('bad'))
    await bad.kill()
    await until('a will of the one that was killed', () => watcher.output.includes('bad'))
    expect(watcher.output).toBe('will/bad gone\n')
  })

  it.each(versions)('get from their Session what came while they were away (%s)', async (version) => {
    const kept = version === 'mqttv5' ? ['-c', '-x', '600'] : ['-c']
    await comeAndGo(version, '-i', 'kept', ...kept, '-t', 'plant', '-q', '2')
    for (let n = 1; n <= 20; n++) await say(version, '-t', 'plant', '-q', '2', '-m', String(n))
    expect(sessionOf('kept')).toMatchObject({ connected: false, queued: 20 })
    const second = await hear(version, '-i', 'kept', ...kept, '-t', 'plant', '-q', '2')
    await until('all have come', () => second.output.split('\n').length === 21)
    expect(second.output).toBe(Array.from({ length: 20 }, (_, i) => `${i + 1}\n`).join(''))
  })

  it('pass on the properties of MQTT 5', async () => {
    const format = '%F|%C|%R|%D|%P|%E|%p'
    const subscriber = await hear('mqttv5', '-t', 'plant', '-q', '1', '-F', format)
    const property = (...words: string[]) => ['-D', 'publish', ...words]
    await say(
      'mqttv5',
      ...['-t', 'plant', '-q', '1', '-m', 'text'],
      ...property('payload-format-indicator', '1'),
      ...property('content-type', 'text/plain'),
      ...property('response-topic', 'answer'),
      ...property('correlation-data', 'c-1'),
      ...property('user-property', 'colour', 'red'),
      ...property('message-expiry-interval', '60'),
    )
    await until('it has come', () => subscriber.output !== '')
    expect(subscriber.output).toMatch(/^1\|text\/plain\|answer\|c-1\|colour:red\|(60|59)\|text\n$/)
  })

  it('share a Subscription', async () => {
    const members = await Promise.all(
      ['a', 'b'].map((id) => hear('mqttv5', '-i', id, '-t', '$share/group/jobs', '-q', '1')),
    )
    for (let n = 1; n <= 10; n++) await say('mqttv5', '-t', 'jobs', '-q', '1', '-m', String(n))
    const all = () => members.flatMap(({ output }) => output.split('\n').filter((line) => line !== ''))
    await until('all have come', () => all().length === 10)
    expect(
      all()
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (const { output } of members) expect(output.split('\n').length - 1).toBe(5)
  })
})

describe('MQTT.js', () => {
  async function join(
    clientId: string,
    options: IClientOptions = {},
  ): Promise<MqttClient & { came: IPublishPacket[] }> {
    const client = await connectAsync(`mqtt://127.0.0.1:${road.port}`, { clientId, reconnectPeriod: 0, ...options })
    onTestFinished(() => client.endAsync(true))
    const came: IPublishPacket[] = []
    // Where it came with a Topic Alias, the packet has no topic.
    client.on('message', (topic, _payload, packet) => came.push({ ...packet, topic }))
    return Object.assign(client, { came })
  }

  it.each([3, 4, 5] as const)('goes through all three QoS in version %i', async (protocolVersion) => {
    const more = protocolVersion === 3 ? { protocolId: 'MQIsdp' as const } : {}
    const client = await join('client', { protocolVersion, ...more })
    await client.subscribeAsync('plant/#', { qos: 2 })
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`plant/${qos}`, `text ${qos}`, { qos })
    await until('all have come', () => client.came.length === 3)
    expect(client.came.map(({ topic, payload, qos }) => [topic, String(payload), qos])).toEqual([
      ['plant/0', 'text 0', 0],
      ['plant/1', 'text 1', 1],
      ['plant/2', 'text 2', 2],
    ])
    await until(
      'nothing is unfinished',
      () => sessionOf('client')?.inflight === 0 && sessionOf('client')?.incoming === 0,
    )
  })

  it('gets the properties that another one has sent', async () => {
    const [one, other] = [await join('one', { protocolVersion: 5 }), await join('other', { protocolVersion: 5 })]
    const properties = {
      payloadFormatIndicator: true,
      contentType: 'application/json',
      responseTopic: 'answer',
      correlationData: Buffer.from([1, 2, 3]),
      userProperties: { colour: ['red', 'blue'] },
    }
    await other.subscribeAsync('plant', { qos: 1, properties: { subscriptionIdentifier: 7 } })
    await one.publishAsync('plant', '{}', { qos: 1, properties })
    await until('it has come', () => other.came.length === 1)
    expect(other.came[0]?.properties).toMatchObject({ ...properties, subscriptionIdentifier: 7 })
  })

  it('asks and is answered', async () => {
    const [asking, answering] = [
      await join('asking', { protocolVersion: 5 }),
      await join('answering', { protocolVersion: 5 }),
    ]
    await answering.subscribeAsync('add', { qos: 1 })
    answering.on('message', (_topic, payload, { properties }) => {
      const sum = String(payload)
        .split('+')
        .map(Number)
        .reduce((a, b) => a + b)
      const { correlationData, responseTopic } = properties ?? {}
      const answer: IClientPublishOptions = { qos: 1, properties: correlationData ? { correlationData } : {} }
      void answering.publishAsync(String(responseTopic), String(sum), answer)
    })
    await asking.subscribeAsync('sums', { qos: 1 })
    const properties = { responseTopic: 'sums', correlationData: Buffer.from('q1') }
    await asking.publishAsync('add', '2+3', { qos: 1, properties })
    await until('the answer has come', () => asking.came.length === 1)
    expect(String(asking.came[0]?.payload)).toBe('5')
    expect(String(asking.came[0]?.properties?.correlationData)).toBe('q1')
  })

  it('uses Topic Aliases in both directions', async () => {
    const options: IClientOptions = {
      protocolVersion: 5,
      autoAssignTopicAlias: true,
      properties: { topicAliasMaximum: 5 },
    }
    const [one, other] = [await join('one', options), await join('other', options)]
    await other.subscribeAsync('a/long/topic/#', { qos: 1 })
    for (let n = 1; n <= 20; n++) await one.publishAsync(`a/long/topic/${n % 3}`, String(n), { qos: 1 })
    await until('all have come', () => other.came.length === 20)
    expect(other.came.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(other.came.every(({ topic, payload }) => topic === `a/long/topic/${Number(payload) % 3}`)).toBe(true)
    // The first of each topic names it, the other 17 have an alias instead.
    const isPublish = ({ octets }: CapturedPacket) => octets[0] === 0x32
    const withoutTopic = ({ octets }: CapturedPacket) => octets[2] === 0 && octets[3] === 0
    for (const direction of ['to broker', 'to client'] as const) {
      const sent = road.packets().filter((packet) => packet.direction === direction && isPublish(packet))
      expect(sent.filter(withoutTopic).length).toBe(17)
    }
  })

  it('is sent no more at a time than its Receive Maximum', async () => {
    const options: IClientOptions = { protocolVersion: 5, properties: { receiveMaximum: 3 }, manualConnect: false }
    const slow = await join('slow', options)
    const answers: (() => void)[] = []
    // It acknowledges when this says so.
    slow.handleMessage = (_packet, done) => void answers.push(() => done())
    await slow.subscribeAsync('plant', { qos: 1 })
    const publisher = await join('pub', { protocolVersion: 5 })
    for (let n = 1; n <= 10; n++) await publisher.publishAsync('plant', String(n), { qos: 1 })
    expect(sessionOf('slow')).toMatchObject({ inflight: 3, queued: 7 })
    for (let n = 1; n <= 10; n++) (await until('one more is asked for', () => answers.shift()))()
    await until('all are acknowledged', () => sessionOf('slow')?.inflight === 0 && sessionOf('slow')?.queued === 0)
  })

  it('shares a Subscription with clients of 3.1.1', async () => {
    const members = [await join('five', { protocolVersion: 5 }), await join('four', { protocolVersion: 4 })]
    for (const member of members) await member.subscribeAsync('$share/group/jobs/#', { qos: 1 })
    const publisher = await join('pub')
    for (let n = 1; n <= 10; n++) await publisher.publishAsync(`jobs/${n}`, String(n), { qos: 1 })
    await until('all have come', () => members.reduce((sum, { came }) => sum + came.length, 0) === 10)
    expect(members.map(({ came }) => came.length)).toEqual([5, 5])
  })

  it.each([4, 5] as const)(
    'connects again by itself after a cut and misses nothing (version %i)',
    async (protocolVersion) => {
      const options: IClientOptions = {
        protocolVersion,
        clean: false,
        reconnectPeriod: 50,
        ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 600 } }),
      }
      const client = await join('client', options)
      await client.subscribeAsync('plant', { qos: 2 })
      const publisher = await join('pub')
      for (let n = 1; n <= 30; n++) {
        if (n % 10 === 5) client.stream.destroy()
        await publisher.publishAsync('plant', String(n), { qos: 2 })
      }
      await until('all have come', () => client.came.length >= 30)
      expect(client.came.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    },
  )
})

describe("Python's paho-mqtt", () => {
  it.each([3, 4, 5] as const)('goes through all three QoS in version %i', async (version) => {
    const paho = await Paho.connect(road.port, version, 'paho')
    expect(await paho.subscribe('plant/#', 2)).toEqual([2])
    for (const qos of [0, 1, 2]) paho.do({ do: 'publish', topic: `plant/${qos}`, payload: `text ${qos}`, qos })
    for (const qos of [0, 1, 2]) {
      await paho.hears('published')
      expect(await paho.hears('message')).toMatchObject({
        topic: `plant/${qos}`,
        payload: `text ${qos}`,
        qos,
        dup: false,
      })
    }
    await until('nothing is unfinished', () => sessionOf('paho')?.inflight === 0 && sessionOf('paho')?.incoming === 0)
    await paho.disconnect()
  })

  it.each([4, 5] as const)('leaves its will when it is killed (version %i)', async (version) => {
    const watcher = await Paho.connect(road.port, version, 'watcher')
    await watcher.subscribe('will', 1)
    const will = { topic: 'will', payload: 'gone', qos: 1 as const, retain: true }
    const mortal = await Paho.connect(road.port, version, 'mortal', { will })
    await mortal.kill()
    expect(await watcher.hears('message')).toMatchObject({ topic: 'will', payload: 'gone', qos: 1, retain: false })
    const late = await Paho.connect(road.port, version, 'late')
    await late.subscribe('will', 1)
    expect(await late.hears('message')).toMatchObject({ payload: 'gone', retain: true })
  })

  it.each([4, 5] as const)('connects again after a cut, to the Session that was kept (version %i)', async (version) => {
    const kept = { clean: false, properties: version === 5 ? { SessionExpiryInterval: 600 } : {} }
    const paho = await Paho.connect(road.port, version, 'paho', kept)
    await paho.subscribe('plant', 2)
    const other = await Paho.connect(road.port, version, 'other')
    paho.do({ do: 'cut' })
    await paho.hears('disconnected')
    for (let n = 1; n <= 5; n++) {
      other.do({ do: 'publish', topic: 'plant', payload: String(n), qos: 2 })
      await other.hears('published')
    }
    // In MQTT 5 this version of it asks for the Session as it did first, which was to keep it.
    expect(await paho.hears('connected')).toMatchObject({ code: 0, present: 1 })
    for (let n = 1; n <= 5; n++) expect(await paho.hears('message')).toMatchObject({ payload: String(n), qos: 2 })
  })

  it('passes properties of MQTT 5 both ways', async () => {
    const paho = await Paho.connect(road.port, 5, '', { properties: { RequestResponseInformation: 1 } })
    expect(await paho.subscribe('plant', 1)).toEqual([1])
    const properties = {
      PayloadFormatIndicator: 1,
      ContentType: 'text/plain',
      ResponseTopic: 'answer',
      CorrelationData: 'c-1',
      UserProperty: ['colour', 'red'],
    }
    paho.do({ do: 'publish', topic: 'plant', payload: 'text', qos: 1, properties })
    const { properties: came } = await paho.hears('message')
    expect(came).toMatchObject({ PayloadFormatIndicator: 1, ContentType: 'text/plain', ResponseTopic: 'answer' })
    expect(came?.['UserProperty']).toEqual([['colour', 'red']])
  })
})
