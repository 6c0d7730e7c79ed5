import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Captured } from '../../../app/capture/captured.ts'
import type { Exchange, Message } from '../../../app/handshake/message.ts'
import { HandshakeTracker } from '../../../app/handshake/tracker.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { newRule } from '../../helpers/test-wire.ts'
import { until } from '../../helpers/until.ts'

let road: Road
const clients: { end: () => void }[] = []

beforeEach(async () => {
  road = await Road.open()
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.end()
  await road.close()
})

/** A client of MQTT.js, and all that it was given, in order. */
async function join(clientId: string, options: IClientOptions = {}) {
  const client: MqttClient = connect(`mqtt://127.0.0.1:${road.port}`, {
    clientId,
    reconnectPeriod: 0,
    protocolVersion: 4,
    ...options,
  })
  clients.push({ end: () => client.end(true) })
  const seen: string[] = []
  client.on('message', (topic, payload, { qos }) => seen.push(`${topic} ${payload} ${qos}`))
  await until(`${clientId} is connected`, () => client.connected)
  return { client, seen }
}

function rebuild(records: readonly Captured[]): Message[] {
  const tracker = new HandshakeTracker()
  for (const record of records) tracker.add(record)
  return tracker.list(10_000).reverse()
}

/** The capture of a broker that tells nothing. */
function stripped(records: readonly Captured[]): Captured[] {
  return records.map((record) => (record.kind === 'packet' ? { ...record, origin: undefined } : record))
}

const text = (payload: Uint8Array) => new TextDecoder().decode(payload)
const firstPacket = (exchange: Exchange | undefined) => exchange?.steps.find(({ kind }) => kind === 'packet')?.number

/** What a client was given, as the capture has it. */
function deliveredTo(clientId: string, messages: readonly Message[]): string[] {
  return messages.flatMap(({ topic, payload, subscribers }) =>
    subscribers
      .filter((exchange) => exchange.clientId === clientId)
      .flatMap(({ deliveries, qos }) => new Array<string>(deliveries).fill(`${topic} ${text(payload)} ${qos}`)),
  )
}

/** Which packets belong together, whatever the messages are numbered. */
function matches(messages: readonly Message[]): string[] {
  return messages
    .map((message) => [firstPacket(message.publisher), message.subscribers.map(firstPacket)])
    .map((match) => JSON.stringify(match))
    .sort()
}

const plant = (messages: readonly Message[]) => messages.filter(({ topic }) => !topic.startsWith('$SYS'))

/** A plant: two pumps that publish at every QoS, three who listen, one of them away for a while, a will, a retained message. */
async function runPlant() {
  const dashboard = await join('dashboard')
  await dashboard.client.subscribeAsync('plant/#', { qos: 2 })
  const logger = await join('logger')
  await logger.client.subscribeAsync('plant/+/temperature', { qos: 1 })
  const sleeper = await join('sleeper', { clean: false })
  await sleeper.client.subscribeAsync('plant/pump-2/#', { qos: 1 })
  await sleeper.client.endAsync()

  const pumps = await Promise.all(['pump-1', 'pump-2'].map((clientId) => join(clientId)))
  const sent: string[] = []
  for (let n = 0; n < 12; n++) {
    const publishing = pumps.map(({ client }, i) => {
      const qos = (n % 3) as 0 | 1 | 2
      const topic = `plant/pump-${i + 1}/${n % 2 === 0 ? 'temperature' : 'state'}`
      // Every fourth is like the others.
      const payload = n % 4 === 3 ? 'same' : `value ${n}`
      sent.push(`${topic} ${payload} ${qos}`)
      return client.publishAsync(topic, payload, { qos })
    })
    await Promise.all(publishing)
  }
  await pumps[0]?.client.publishAsync('plant/pump-1/config', 'kept', { qos: 1, retain: true })
  sent.push('plant/pump-1/config kept 1')

  const will = { topic: 'plant/pump-3/status', payload: Buffer.from('offline'), qos: 1 as const, retain: false }
  const dying = await RawClient.connect(road.port, 'pump-3', { will })
  clients.push({ end: () => dying.socket.destroy() })
  dying.reset()
  await until('the will is delivered', () => dashboard.seen.some((line) => line.includes('offline')))

  const late = await join('late')
  await late.client.subscribeAsync('plant/+/config', { qos: 1 })
  const back = await join('sleeper', { clean: false })
  await until('what was retained is delivered', () => late.seen.length > 0)
  await until('what was queued is delivered', () => back.seen.length >= 8)
  await until('all is acknowledged', () => plant(rebuild(road.records())).every(({ state }) => state === 'complete'))
  return { dashboard, logger, sleeper: back, late, sent }
}

describe('a tracker of the capture of a real broker', () => {
  it('gives the clients exactly what they say that they were given', async () => {
    const { dashboard, logger, sleeper, late, sent } = await runPlant()
    const messages = plant(rebuild(road.records()))
    for (const [clientId, { seen }] of Object.entries({ dashboard, logger, sleeper, late })) {
      // MQTT.js hands on a message of QoS 2 when it is released, so not in the order of PUBLISH.
      expect(deliveredTo(clientId, messages).toSorted()).toEqual(seen.toSorted())
    }
    const published = messages
      .filter(({ publisher }) => publisher)
      .map((message) => {
        return `${message.topic} ${text(message.payload)} ${message.publisher?.qos}`
      })
    expect(published.toSorted()).toEqual(sent.toSorted())
  })

  it('puts each delivery to the PUBLISH that it comes from', async () => {
    const { sent } = await runPlant()
    const messages = plant(rebuild(road.records()))
    expect(messages).toHaveLength(sent.length + 1)
    expect(messages.every(({ match }) => match === 'certain')).toBe(true)
    for (const message of messages) {
      const to = message.subscribers.map(({ clientId }) => clientId)
      expect(to.filter((clientId) => clientId === 'dashboard')).toHaveLength(1)
      expect(to.includes('logger')).toBe(message.topic.endsWith('temperature'))
      // A message of QoS 0 does not wait for anybody.
      const isQueued = message.topic.startsWith('plant/pump-2') && message.publisher?.qos !== 0
      expect(to.includes('sleeper')).toBe(isQueued)
      const sleeper = message.subscribers.find(({ clientId }) => clientId === 'sleeper')
      if (sleeper) expect(sleeper.steps[0]).toMatchObject({ remark: 'queued while offline' })
    }
    const will = messages.find(({ origin }) => origin === 'will')
    expect(will).toMatchObject({ publisherId: 'pump-3', publisher: undefined, topic: 'plant/pump-3/status' })
    expect(will?.remark).not.toBe('')
    const retained = messages.find(({ retain }) => retain)
    expect(retained?.subscribers.map(({ clientId, retain }) => [clientId, retain])).toContainEqual(['late', true])
  })

  it('comes to the same where the broker says nothing, and calls it likely', async () => {
    await runPlant()
    const records = road.records()
    const certain = plant(rebuild(records))
    const likely = plant(rebuild(stripped(records)))
    expect(matches(likely)).toEqual(matches(certain))
    expect(likely.filter(({ subscribers }) => subscribers.length > 0).every(({ match }) => match === 'likely')).toBe(
      true,
    )
    expect(likely.filter(({ origin }) => origin === 'will').map(({ publisherId }) => publisherId)).toEqual(['pump-3'])
  })

  it('tells many equal messages of one moment apart', async () => {
    const reader = await join('reader')
    const writer = await join('writer')
    // Nobody listens to these.
    for (let n = 0; n < 10; n++) await writer.client.publishAsync('t', 'ping', { qos: 1 })
    await reader.client.subscribeAsync('t', { qos: 1 })
    await Promise.all(Array.from({ length: 50 }, () => writer.client.publishAsync('t', 'ping', { qos: 1 })))
    await until('all are delivered', () => reader.seen.length === 50)
    const counts = plant(rebuild(road.records())).map(({ subscribers }) => subscribers.length)
    expect(counts).toEqual([...new Array(10).fill(0), ...new Array(50).fill(1)])
    const pairs = plant(rebuild(road.records())).slice(10)
    const deliveries = pairs.map(({ subscribers }) => firstPacket(subscribers[0]) ?? 0)
    expect(deliveries).toEqual(deliveries.toSorted((a, b) => a - b))
  })

  it('says that a message is queued while its subscriber is away', async () => {
    const valve = await join('valve', { clean: false })
    await valve.client.subscribeAsync('valve/set', { qos: 2 })
    await valve.client.endAsync()
    const dashboard = await join('dashboard')
    await dashboard.client.publishAsync('valve/set', 'open', { qos: 2 })
    const waiting = () => plant(rebuild(road.records()))[0]
    await until('it is queued', () => waiting()?.state === 'queued')
    expect(waiting()).toMatchObject({ remark: 'valve is offline', publisher: { state: 'complete' }, subscribers: [] })
    await join('valve', { clean: false })
    await until('it is delivered', () => waiting()?.state === 'complete')
    expect(waiting()?.subscribers).toMatchObject([{ clientId: 'valve', deliveries: 1, qos: 2 }])
  })
})

describe('a tracker of what is done to packets', () => {
  const only = () => plant(rebuild(road.records()))[0] as Message
  const ladder = (exchange: Exchange | undefined) =>
    exchange?.steps.map((step) => (step.kind === 'packet' ? [step.type, step.fate].join(' ').trim() : step.text))

  it('follows a trainer’s story: PUBREC dropped, link cut, DUP, PUBREL held and dropped, sent again', async () => {
    const raw = async (clientId: string) => {
      const client = await RawClient.connect(road.port, clientId, { clean: false })
      clients.push({ end: () => client.socket.destroy() })
      return client
    }
    const dashboard = await raw('dashboard')
    await dashboard.subscribe('site/#', 2)
    const gateway = await raw('gateway')
    road.wire.addRule(
      newRule('drop', { name: 'drop first PUBREC', clients: 'gateway', filter: 'type:pubrec', times: 1 }),
    )
    road.wire.addBreakpoint('type:pubrel from:broker client:dashboard')
    const publish = {
      cmd: 'publish',
      topic: 'site/alarm',
      payload: 'fire',
      qos: 2,
      messageId: 19,
      retain: false,
    } as const
    gateway.send({ ...publish, dup: false })
    await until('PUBREC is dropped', () => road.events().some(({ type }) => type === 'packet dropped'))
    expect(only().publisher).toMatchObject({ state: 'waiting', expects: 'PUBREC' })
    expect(road.wire.cut('gateway', 'rst')).toBe(1)
    await road.closed(2)
    expect(only().publisher).toMatchObject({ state: 'waiting', expects: 'PUBLISH' })

    const again = await raw('gateway')
    again.send({ ...publish, dup: true })
    await again.receive('pubrec')
    again.send({ cmd: 'pubrel', messageId: 19 })
    await again.receive('pubcomp')
    const { messageId: id = 0 } = await dashboard.receive('publish')
    dashboard.send({ cmd: 'pubrec', messageId: id })
    const held = await until('PUBREL is held', () => road.wire.state().held[0])
    expect(only()).toMatchObject({
      state: 'held',
      match: 'certain',
      subscribers: [{ clientId: 'dashboard', deliveries: 1 }],
    })
    road.wire.decide(held.packet, 'drop')
    expect(only().subscribers[0]).toMatchObject({ state: 'waiting', expects: 'PUBCOMP' })
    road.wire.letGo()
    road.wire.cut('dashboard', 'rst')
    await road.closed(1)

    expect(only().publisher).toMatchObject({ state: 'complete', sends: 2, deliveries: 1, clientId: 'gateway' })
    expect(ladder(only().publisher)).toEqual([
      'PUBLISH',
      'PUBREC dropped',
      expect.stringMatching(/^link cut with RST/),
      expect.stringMatching(/^gateway reconnects after .* · /),
      'PUBLISH',
      'PUBREC',
      'PUBREL',
      'PUBCOMP',
    ])
    expect(ladder(only().subscribers[0])).toEqual([
      'PUBLISH',
      'PUBREC',
      'PUBREL dropped',
      expect.stringMatching(/^link cut with RST/),
    ])
    expect(only().subscribers[0]).toMatchObject({ state: 'waiting', expects: 'PUBREL', deliveries: 1 })
  })

  it('counts what a rule duplicates as often as the clients do', async () => {
    const reader = await join('reader')
    await reader.client.subscribeAsync('t', { qos: 0 })
    const writer = await join('writer')
    road.wire.addRule(newRule('duplicate', { clients: 'writer', from: 'client', filter: 'type:publish' }))
    await writer.client.publishAsync('t', 'once', { qos: 0 })
    await until('it is delivered twice', () => reader.seen.length === 2)
    expect(only()).toMatchObject({ state: 'delivered again', publisher: { sends: 2, deliveries: 2 } })
    expect(only().subscribers.map(({ clientId, deliveries }) => [clientId, deliveries])).toEqual([
      ['reader', 1],
      ['reader', 1],
    ])
  })

  it('calls QoS 0 lost that a rule drops, and late what it delays', async () => {
    const reader = await join('reader')
    await reader.client.subscribeAsync('t/#', { qos: 0 })
    const writer = await join('writer')
    road.wire.addRule(newRule('drop', { name: 'loss', clients: 'writer', filter: 'topic:t/lost' }))
    road.wire.addRule(
      newRule('delay', {
        name: 'late',
        clients: 'reader',
        from: 'broker',
        filter: 'type:publish',
        settings: { ms: 30 },
      }),
    )
    await writer.client.publishAsync('t/lost', 'x', { qos: 0 })
    await writer.client.publishAsync('t/late', 'x', { qos: 0 })
    await until('it is delivered', () => reader.seen.length === 1)
    const [lost, late] = plant(rebuild(road.records()))
    expect(lost).toMatchObject({ topic: 't/lost', state: 'lost', remark: 'PUBLISH dropped by loss', subscribers: [] })
    expect(late).toMatchObject({ topic: 't/late', state: 'complete' })
    expect(ladder(late?.subscribers[0])).toEqual(['PUBLISH delayed'])
    expect(late?.duration).toBeGreaterThanOrEqual(29e6)
  })
})
