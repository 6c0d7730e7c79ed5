import type { Packet } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { entry, FleetBench, loadScript } from '../../helpers/fleet-bench.ts'
import { ScriptedBroker } from '../../helpers/scripted-broker.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets
let broker: ScriptedBroker
let bench: FleetBench

beforeAll(async () => {
  assets = await buildDeviceAssets()
  broker = await ScriptedBroker.open()
  bench = new FleetBench(assets, broker.port)
  // Its thread and its process take longer to start than most tests.
  bench.fleets.set([entry('first', loadScript(`topic: 't'`))])
  await bench.becomes('first', 'is online', ({ online }) => online === 1, 50_000)
  bench.fleets.set([])
  await broker.forget()
})
afterEach(async () => {
  bench.fleets.set([])
  await broker.forget()
})
afterAll(async () => {
  await bench.close()
  await broker.close()
  assets.dispose()
})

const again = `reconnect: { after: '10ms', jitter: 0 }`

function run(id: string, options: string, client = ''): void {
  const source = loadScript(
    `topic: 't/{id}', payload: '{count}', every: 0, ${options}, client: { ${client}, ${again} }`,
  )
  bench.fleets.set([entry(id, source)])
}

/** A packet in a few words: `PUBLISH 3 DUP 2` is the message with payload 3, sent again with Packet Identifier 2. */
function words(packet: Packet): string {
  if (packet.cmd !== 'publish') return `${packet.cmd.toUpperCase()} ${packet.messageId ?? ''}`.trim()
  const { dup, messageId, payload, qos } = packet
  return `PUBLISH ${payload}${dup ? ' DUP' : ''} ${messageId} QoS ${qos}`
}

describe('a load client', () => {
  it('keeps 20 messages of QoS 1 in flight, each with a Packet Identifier of its own', async () => {
    run('window', 'qos: 1', 'keepAlive: 0')
    const first = await broker.connection(1)
    const publishes = () => first.packets.filter((packet) => packet.cmd === 'publish')
    await until('twenty are in flight', () => publishes().length >= 20)
    expect(publishes().map(words)).toEqual(Array.from({ length: 20 }, (_, i) => `PUBLISH ${i + 1} ${i + 1} QoS 1`))
    first.send({ cmd: 'puback', messageId: 5 })
    await until('one more comes', () => publishes().length === 21)
    expect(publishes().slice(20).map(words)).toEqual(['PUBLISH 21 21 QoS 1'])
  })

  it('sends again what is not acknowledged, with DUP and in order, where its session was kept', async () => {
    run('kept', 'qos: 1', 'cleanStart: false')
    const first = await broker.connection(1)
    await until('twenty are in flight', () => first.packets.length >= 21)
    first.send({ cmd: 'puback', messageId: 2 })
    await until('one more comes', () => first.packets.length >= 22)
    broker.connack = { returnCode: 0, sessionPresent: true }
    first.socket.resetAndDestroy()
    const second = await broker.connection(2)
    await until('all have come again', () => second.packets.length >= 21)
    const expected = [1, ...Array.from({ length: 19 }, (_, i) => i + 3)].map((n) => `PUBLISH ${n} DUP ${n} QoS 1`)
    expect(second.packets.slice(1).map(words)).toEqual(expected)
    second.send({ cmd: 'puback', messageId: 1 })
    await until('a new one comes', () => second.packets.length >= 22)
    expect(words(second.packets[21] as Packet)).toBe('PUBLISH 22 22 QoS 1')
  })

  it('goes on with PUBREL, not PUBLISH, for what the broker has received at QoS 2', async () => {
    run('two', 'qos: 2', 'cleanStart: false')
    const first = await broker.connection(1)
    await until('twenty are in flight', () => first.packets.length >= 21)
    first.send({ cmd: 'pubrec', messageId: 3 })
    first.send({ cmd: 'pubrec', messageId: 1 })
    await until('both are released', () => first.packets.filter(({ cmd }) => cmd === 'pubrel').length === 2)
    broker.connack = { returnCode: 0, sessionPresent: true }
    first.socket.resetAndDestroy()
    const second = await broker.connection(2)
    await until('all have come again', () => second.packets.length >= 21)
    const sent = second.packets.slice(1).map(words)
    expect(sent.filter((packet) => packet.startsWith('PUBREL'))).toEqual(['PUBREL 3', 'PUBREL 1'])
    expect(sent.filter((packet) => packet.startsWith('PUBLISH'))).toEqual(
      [2, ...Array.from({ length: 17 }, (_, i) => i + 4)].map((n) => `PUBLISH ${n} DUP ${n} QoS 2`),
    )
    second.send({ cmd: 'pubcomp', messageId: 3 })
    await until('it is complete', () => second.packets.length >= 22)
    expect(words(second.packets[21] as Packet)).toBe('PUBLISH 21 21 QoS 2')
  })

  it('gives up what was in flight where there is no session, and counts it', async () => {
    run('clean', 'qos: 1', 'cleanStart: true')
    const first = await broker.connection(1)
    await until('twenty are in flight', () => first.packets.length >= 21)
    first.socket.resetAndDestroy()
    const second = await broker.connection(2)
    await until('it publishes', () => second.packets.length >= 21)
    expect(second.packets.slice(1, 3).map(words)).toEqual(['PUBLISH 21 21 QoS 1', 'PUBLISH 22 22 QoS 1'])
    const fleet = await bench.becomes(
      'clean',
      'has counted',
      ({ counters }) => Object.keys(counters?.errors ?? {}).length > 1,
    )
    expect(fleet.counters?.errors).toMatchObject({ 'given up: the broker had no session after a reconnect': 20 })
  })

  it('keeps what is in flight over a new connection of MQTT 3.1, which cannot say that there is a session', async () => {
    run('old', 'qos: 1', 'cleanStart: false, protocolVersion: 3')
    const first = await broker.connection(1)
    await until('twenty are in flight', () => first.packets.length >= 21)
    first.socket.resetAndDestroy()
    const second = await broker.connection(2)
    await until('all have come again', () => second.packets.length >= 21)
    expect(second.packets.slice(1).map(words)).toEqual(
      Array.from({ length: 20 }, (_, i) => `PUBLISH ${i + 1} DUP ${i + 1} QoS 1`),
    )
  })

  it('sends no more again than the broker takes at once, and the rest as acknowledgements come', async () => {
    run('maximum', 'qos: 1', 'cleanStart: false, protocolVersion: 5')
    const first = await broker.connection(1)
    await until('twenty are in flight', () => first.packets.length >= 21)
    broker.connack = { reasonCode: 0, sessionPresent: true, properties: { receiveMaximum: 3 } }
    first.socket.resetAndDestroy()
    const second = await broker.connection(2)
    const publishes = () => second.packets.filter(({ cmd }) => cmd === 'publish').map(words)
    const expected = [
      ...Array.from({ length: 20 }, (_, i) => `PUBLISH ${i + 1} DUP ${i + 1} QoS 1`),
      'PUBLISH 21 21 QoS 1',
      'PUBLISH 22 22 QoS 1',
    ]
    for (let acknowledged = 0; ; acknowledged++) {
      // Its answer to this comes after whatever it has sent by then.
      const messageId = 1000 + acknowledged
      second.send({ cmd: 'publish', topic: 'a', payload: '', qos: 1, messageId, dup: false, retain: false })
      await until('it has answered', () =>
        second.packets.some((packet) => packet.cmd === 'puback' && packet.messageId === messageId),
      )
      expect(publishes()).toEqual(expected.slice(0, acknowledged + 3))
      if (acknowledged + 3 === expected.length) break
      second.send({ cmd: 'puback', messageId: acknowledged + 1 })
      await until('one more comes', () => publishes().length === acknowledged + 4)
    }
  })

  it('sends nothing that is larger than the broker takes, and counts it', async () => {
    broker.connack = { reasonCode: 0, properties: { maximumPacketSize: 60 } }
    const client = `client: { protocolVersion: 5 }`
    const payload = `payload: '{pick short ${'long'.repeat(20)}}'`
    bench.fleets.set([entry('large', loadScript(`topic: 't', ${payload}, every: '5ms', ${client}`))])
    const first = await broker.connection(1)
    const fleet = await bench.becomes(
      'large',
      'has counted it',
      ({ counters }) => (counters?.errors['larger than the broker takes'] ?? 0) > 3,
    )
    await until('others come', () => first.packets.length > 5)
    expect(
      first.packets.slice(1).every((packet) => packet.cmd === 'publish' && String(packet.payload) === 'short'),
    ).toBe(true)
    expect(Object.keys(fleet.counters?.errors ?? {})).toEqual(['larger than the broker takes'])
  })

  it('says once for each client that the broker takes no such QoS, and no RETAIN', async () => {
    broker.connack = { reasonCode: 0, properties: { maximumQoS: 0, retainAvailable: false } }
    const options = `topic: 't', every: '5ms', qos: 2, retain: true, client: { protocolVersion: 5 }`
    bench.fleets.set([entry('less', loadScript(options), { count: 2 })])
    const fleet = await bench.becomes('less', 'publishes', ({ counters }) => (counters?.published ?? 0) > 20)
    expect(fleet.counters).toMatchObject({
      acknowledged: 0,
      errors: { 'sent at QoS 0: the broker takes no more': 2, 'sent without RETAIN: the broker keeps no messages': 2 },
    })
    const { packets } = await broker.connection(1)
    expect(packets.slice(1).every((packet) => packet.cmd === 'publish' && packet.qos === 0 && !packet.retain)).toBe(
      true,
    )
  })

  it('sends PINGREQ when it has nothing else to send', async () => {
    bench.fleets.set([entry('ping', loadScript(`topic: 't', every: '1h', client: { keepAlive: '1s', ${again} }`))])
    const first = await broker.connection(1)
    expect((await broker.receives(first, 'connect')).keepalive).toBe(1)
    await broker.receives(first, 'pingreq')
    // Nobody answers: it takes the connection for dead.
    await broker.connection(2)
    const reason = 'connection lost: the broker did not answer PINGREQ'
    await bench.becomes('ping', 'has counted it', ({ counters }) => counters?.errors[reason] === 1)
  })

  it('answers what a kept session brings it', async () => {
    bench.fleets.set([entry('answer', loadScript(`topic: 't', every: '1h', client: { cleanStart: false, ${again} }`))])
    const first = await broker.connection(1)
    first.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 1, messageId: 7, dup: false, retain: false })
    first.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 2, messageId: 8, dup: false, retain: false })
    first.send({ cmd: 'pubrel', messageId: 8 })
    await broker.receives(first, 'pubcomp')
    expect(first.packets.slice(1).map(words)).toEqual(['PUBACK 7', 'PUBREC 8', 'PUBCOMP 8'])
  })

  it('connects with its own names in all options', async () => {
    const client = `client: {
      clientId: 'c-{n}', username: 'u-{id}', password: 'p-{n}', keepAlive: '7s', cleanStart: false,
      will: { topic: 'will/{id}', payload: 'gone {n}', qos: 1, retain: true },
    }`
    bench.fleets.set([entry('names', loadScript(`topic: 't', ${client}`))])
    const connect = await broker.receives(await broker.connection(1), 'connect')
    expect(connect).toMatchObject({ clientId: 'c-1', username: 'u-names-1', keepalive: 7, clean: false })
    expect(String(connect.password)).toBe('p-1')
    expect(connect.will).toMatchObject({ topic: 'will/names-1', qos: 1, retain: true })
    expect(String(connect.will?.payload)).toBe('gone 1')
  })

  it('takes octets that are not MQTT for the end of the connection', async () => {
    bench.fleets.set([entry('junk', loadScript(`topic: 't', client: { ${again} }`))])
    const first = await broker.connection(1)
    first.send(Buffer.from([0x00, 0x00]))
    await broker.connection(2)
    const reason = 'connection lost: the broker sent what is not MQTT (reserved packet type)'
    await bench.becomes('junk', 'has counted it', ({ counters }) => (counters?.errors[reason] ?? 0) > 0)
  })
})
