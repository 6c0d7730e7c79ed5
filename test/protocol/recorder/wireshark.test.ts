import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { packetTypes } from '../../../app/mqtt/control-packet.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { DeviceBench } from '../../helpers/device-bench.ts'
import { everyType, packetsOf } from '../../helpers/every-type.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { exported, Scene, sourceOf } from '../../helpers/scene.ts'
import { expectAgreement, expectSound, readWithTshark } from '../../helpers/tshark-agreement.ts'
import { until } from '../../helpers/until.ts'

const simulations = ['pump', 'meter']

describe('Wireshark and Faultline agree', () => {
  let assets: DeviceAssets
  beforeAll(async () => {
    assets = await buildDeviceAssets()
  })
  afterAll(() => assets.dispose())

  it.each(simulations)('on every packet of the simulation %s', async (name) => {
    const road = await Road.open()
    const bench = new DeviceBench(assets, road.port)
    onTestFinished(async () => {
      await bench.devices.close()
      await road.close()
    })
    const source = await readFile(new URL(`../../../simulations/devices/${name}.device.ts`, import.meta.url), 'utf8')
    bench.run({ [`${name}-01`]: source, [`${name}-02`]: source })
    const listener = await RawClient.connect(road.port, 'listener')
    await listener.subscribe('#', 2)
    // Its measurements begin when its subscription is there.
    const measurement = name === 'pump' ? 'temperature' : 'power'
    await until('both devices measure', () =>
      [1, 2].every((n) =>
        road.packets().some(({ octets }) => Buffer.from(octets).includes(`${name}-0${n}/${measurement}`)),
      ),
    )
    await until(
      'the subscriber has heard as well',
      () => listener.packets.filter(({ cmd }) => cmd === 'publish').length > 1,
    )
    if (name === 'pump') {
      listener.send({
        cmd: 'publish',
        topic: 'plant/pump-01/set',
        payload: '{"celsius": 80}',
        qos: 2,
        messageId: 9,
        dup: false,
        retain: false,
      })
      await listener.receive('pubrec')
      listener.send({ cmd: 'pubrel', messageId: 9 })
      await bench.says('pump-01', 'set point is now 80 °C')
      await bench.devices.act('pump-01', 'powerLoss')
      await until('the will is published', () => road.events().find(({ type }) => type === 'will published'))
    }
    const source2 = sourceOf(road.recorder, road.connections.list())
    const { octets, result } = await exported(source2, 'pcapng')
    const packets = road.packets().filter(({ number }) => number < source2.next)
    expect(result).toMatchObject({ packets: packets.length, missed: 0, octets: octets.length })
    // What the broker says of the will stands on a segment without data.
    expectAgreement(await readWithTshark(octets), packets, () => 4, ['window_update'])
  })
})

describe('an export for Wireshark', () => {
  it('shows every type of packet of MQTT 3.1.1 as Faultline does', async () => {
    const scene = new Scene()
    everyType(scene)
    const { octets } = await scene.export('pcapng')
    expectAgreement(await readWithTshark(octets), await packetsOf(scene), () => 4)
  })

  it('shows a conversation of MQTT 5', async () => {
    const scene = new Scene()
    const properties = { userProperties: { site: 'north' } }
    const version = 5
    scene.opened(1, '[2001:db8::7]:50123')
    scene.send(1, 'to broker', {
      cmd: 'connect',
      clientId: 'pump',
      protocolVersion: 5,
      clean: true,
      keepalive: 10,
      properties: { sessionExpiryInterval: 60 },
    })
    scene.send(
      1,
      'to client',
      { cmd: 'connack', reasonCode: 0, sessionPresent: false, properties: { receiveMaximum: 5 } },
      { version },
    )
    scene.send(
      1,
      'to broker',
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 1, nl: true, rap: true, rh: 1 }] },
      { version },
    )
    scene.send(1, 'to client', { cmd: 'suback', messageId: 1, granted: [1] }, { version })
    scene.send(
      1,
      'to broker',
      {
        cmd: 'publish',
        topic: 'a',
        payload: 'warm',
        qos: 2,
        messageId: 2,
        dup: false,
        retain: false,
        properties: { ...properties, contentType: 'text' },
      },
      { version },
    )
    scene.send(1, 'to client', { cmd: 'pubrec', messageId: 2, reasonCode: 0x10, properties }, { version })
    scene.send(1, 'to broker', { cmd: 'pubrel', messageId: 2 }, { version })
    scene.send(1, 'to client', { cmd: 'pubcomp', messageId: 2 }, { version })
    scene.send(1, 'to client', { cmd: 'disconnect', reasonCode: 0x8e }, { version })
    scene.event(1, { type: 'closed', by: 'broker', cause: 'rst' })
    const { octets } = await scene.export('pcapng')
    const reading = await readWithTshark(octets)
    expectAgreement(reading, await packetsOf(scene), () => 5)
    expect(reading.frames[0]?.comments).toEqual(['connection 1, client at [2001:db8::7]:50123'])
  })

  it('goes on where the beginning is missing, and says what MQTT 5 needs then', async () => {
    const scene = new Scene()
    scene.known.push({ id: 1, protocolVersion: 5, clientId: 'pump', remote: '10.1.2.3:50000' })
    const publish = {
      cmd: 'publish',
      topic: 'a',
      payload: 'warm',
      qos: 0,
      dup: false,
      retain: false,
      properties: { contentType: 'text' },
    } as const
    scene.send(1, 'to broker', publish, { version: 5 })
    scene.send(2, 'to client', { cmd: 'pingresp' })
    const { octets } = await scene.export('pcapng')
    const reading = await readWithTshark(octets, ['mqtt.default_version:MQTT v5.0'])
    expectAgreement(reading, await packetsOf(scene), () => 5)
    expect(reading.frames.map(({ comments }) => comments)).toEqual([
      [
        'connection 1, client at 10.1.2.3:50000; its beginning is not in this capture',
        'MQTT 5, and its CONNECT is not in this capture: set the preference mqtt.default_version to v5.0',
      ],
      ['connection 2, client at unknown; its beginning is not in this capture'],
    ])
  })

  it('shows what went on to the receivers, and in comments what faults did', async () => {
    const scene = new Scene()
    const publish = { cmd: 'publish', topic: 'a', qos: 1, messageId: 7, dup: false, retain: false } as const
    scene.opened(1)
    scene.send(1, 'to broker', { cmd: 'connect', clientId: 'pump', protocolVersion: 4, clean: true, keepalive: 0 })
    const lost = scene.send(1, 'to broker', { ...publish, payload: 'lost' })
    scene.event(1, { type: 'packet dropped', packet: lost, by: 'loss 10 %' })
    const late = scene.send(1, 'to broker', { ...publish, payload: 'late' })
    scene.event(1, { type: 'packet held', packet: late, by: 'a breakpoint' })
    scene.send(1, 'to client', { cmd: 'pingresp' })
    scene.clock.advance(2000)
    scene.event(1, { type: 'packet sent', packet: late, by: 'a breakpoint', delay: 2e9, copies: 1 })
    const twice = scene.send(1, 'to broker', { ...publish, payload: 'twice' })
    scene.event(1, { type: 'packet sent', packet: twice, by: 'twins', delay: 0, copies: 2 })
    const changed = scene.send(1, 'to client', { cmd: 'puback', messageId: 7 })
    scene.event(1, { type: 'packet sent', packet: changed, by: 'corrupt', delay: 0, copies: 1, octets: '40020008' })
    scene.send(
      1,
      'to client',
      { ...publish, payload: 'gone' },
      { origin: { message: 1, kind: 'will', clientId: 'valve' } },
    )
    const held = scene.send(1, 'to client', { ...publish, payload: 'held' })
    scene.event(1, { type: 'packet held', packet: held, by: 'hold\neverything' })
    scene.event(1, { type: 'closed', by: 'link', cause: 'rst', reason: 'cut' })
    scene.event(1, { type: 'will published', clientId: 'pump', topic: 'status', reason: 'connection lost' })
    scene.event(0, { type: 'power loss', clientId: 'pump' })
    scene.event(1, { type: 'target reached', url: 'mqtts://b', security: 'TLSv1.3' })
    scene.event(1, { type: 'target failed', url: 'mqtts://b', reason: 'its certificate\nhas expired' })
    const reading = await readWithTshark((await scene.export('pcapng')).octets)
    expectSound(reading, ['window_update'])
    const seen = reading.packets.map(({ type, payload, packetId }) => [
      packetTypes[type],
      payload && Buffer.from(payload, 'hex').toString(),
      packetId,
    ])
    expect(seen).toEqual([
      ['CONNECT', undefined, undefined],
      ['PINGRESP', undefined, undefined],
      ['PUBLISH', 'late', 7],
      ['PUBLISH', 'twice', 7],
      ['PUBLISH', 'twice', 7],
      ['PUBACK', undefined, 8],
      ['PUBLISH', 'gone', 7],
    ])
    const publishHex = (payload: string) =>
      Buffer.from(`320${(5 + payload.length).toString(16)}0001610007`, 'hex').toString('hex') +
      Buffer.from(payload).toString('hex')
    expect(reading.frames.flatMap(({ comments }) => comments)).toEqual([
      'connection 1, client at 127.0.0.1:40001',
      `dropped by loss 10 %: packet 3, PUBLISH, QoS 1, topic a, Packet Identifier 7, to broker, 11 octets: ${publishHex('lost')}`,
      `held by a breakpoint: packet 5, PUBLISH, QoS 1, topic a, Packet Identifier 7, to broker, 11 octets: ${publishHex('late')}`,
      'packet 5 delayed by 2000 ms by a breakpoint',
      'packet 9 copy 1 of 2 by twins',
      'packet 9 copy 2 of 2 by twins',
      'packet 11 changed by corrupt; it was packet 11, PUBACK, Packet Identifier 7, to client, 4 octets: 40020007',
      'will of valve',
      `held by hold\\u{a}everything; it was still held when this capture ended: packet 14, PUBLISH, QoS 1, topic a, Packet Identifier 7, to client, 11 octets: ${publishHex('held')}`,
      'connection 1 closed by the link, with RST: cut',
      'connection 1: the will of pump was published to status: connection lost',
      'power loss of pump',
      'connection 1: mqtts://b was reached, TLSv1.3',
      'connection 1: mqtts://b failed: its certificate\\u{a}has expired',
    ])
    // What was held is where it left.
    const late2 = reading.frames.find(({ comments }) => comments[0]?.startsWith('packet 5'))
    expect(Number(late2?.time) - 1_700_000_000).toBeCloseTo(2.012, 6)
  })

  it('fills up a packet of which only a part was kept, and says so', async () => {
    const scene = new Scene()
    scene.opened(1)
    const start = Buffer.concat([Buffer.from([0x30, 0xc0, 0x84, 0x3d, 0, 1, 0x61]), Buffer.alloc(5000, 'x')])
    scene.send(1, 'to client', start, { length: 1_000_004 })
    scene.send(1, 'to client', { cmd: 'pingresp' })
    const reading = await readWithTshark((await scene.export('pcapng')).octets)
    expectSound(reading)
    expect(reading.packets.map(({ length }) => length)).toEqual([1_000_000, 0])
    expect(reading.packets[0]?.payload).toBe('78'.repeat(5000) + '00'.repeat(1_000_000 - 3 - 5000))
    const said = reading.frames.flatMap(({ comments }) => comments)
    expect(said).toContain('the capture kept 5007 of 1000004 octets; the others are zeros here')
  })

  it('has octets that are no Control Packet as they came', async () => {
    const scene = new Scene()
    scene.opened(1)
    scene.send(1, 'to broker', Buffer.from('GET / HTTP/1.1\r\n'), { malformed: 'reserved packet type' })
    const { octets } = await scene.export('pcapng')
    expect(Buffer.from(octets).includes('GET / HTTP/1.1\r\n')).toBe(true)
    const { frames } = await readWithTshark(octets)
    expect(frames.flatMap(({ comments }) => comments)).toContain('not a Control Packet: reserved packet type')
    expect(frames.some(({ badChecksum }) => badChecksum)).toBe(false)
  })

  it('tells connections apart that come from the same address', async () => {
    const scene = new Scene()
    const connect = (clientId: string) =>
      ({ cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0 }) as const
    scene.opened(1, '10.0.0.7:50000')
    scene.send(1, 'to broker', connect('first'))
    scene.opened(2, '10.0.0.7:50000')
    scene.send(2, 'to broker', connect('second'))
    scene.event(1, { type: 'closed', by: 'client', cause: 'rst' })
    scene.opened(3, '10.0.0.7:50000')
    scene.send(3, 'to broker', connect('third'))
    const reading = await readWithTshark((await scene.export('pcapng')).octets)
    expectSound(reading, ['reused_ports'])
    expect(reading.packets.map(({ stream, clientId }) => [stream, clientId])).toEqual([
      [0, 'first'],
      [1, 'second'],
      [2, 'third'],
    ])
  })

  it('with a filter has the connections of what it matches, and how to read them', async () => {
    const scene = new Scene()
    everyType(scene)
    scene.opened(2)
    scene.send(2, 'to broker', { cmd: 'connect', clientId: 'five', protocolVersion: 5, clean: true, keepalive: 0 })
    scene.send(
      2,
      'to broker',
      {
        cmd: 'publish',
        topic: 'only',
        payload: 'x',
        qos: 0,
        dup: false,
        retain: false,
        properties: { contentType: 'text' },
      },
      { version: 5 },
    )
    const { octets, result } = await scene.export('pcapng', 'topic:only')
    const reading = await readWithTshark(octets)
    expectSound(reading)
    expect(reading.packets.map(({ type, topics }) => [packetTypes[type], topics[0]])).toEqual([
      ['CONNECT', undefined],
      ['PUBLISH', 'only'],
    ])
    expect(result).toMatchObject({ records: 1, packets: 1 })
  })
})
