import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { CapturedPacket } from '../../../app/capture/captured.ts'
import { type ProtocolVersion, packetTypes } from '../../../app/mqtt/control-packet.ts'
import { summarize } from '../../../app/mqtt/summary.ts'
import { openRecording } from '../../../main/recorder/open-recording.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { DeviceBench } from '../../helpers/device-bench.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { exported, Scene, sourceOf } from '../../helpers/scene.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { type TsharkPacket, type TsharkReading, tshark } from '../../helpers/tshark.ts'
import { until } from '../../helpers/until.ts'

/** Writes octets to a file and lets tshark read it. */
async function read(octets: Uint8Array, preferences: readonly string[] = []): Promise<TsharkReading> {
  const path = join(await temporaryFolder(), 'capture.pcapng')
  await writeFile(path, octets)
  return await tshark(path, 1883, preferences)
}

/** A packet as Faultline shows it, in the words of `TsharkPacket`. */
function shown(packet: CapturedPacket, version: ProtocolVersion) {
  const { type, qos, dup, retain, topic, packetId, payload, clientId } = summarize(packet.octets, version)
  const header = packet.octets.findIndex((octet, i) => i > 0 && octet < 0x80) + 1
  return {
    toBroker: packet.direction === 'to broker',
    type: packetTypes.indexOf(type),
    length: packet.length - header,
    ...(type === 'PUBLISH' && { qos, dup, retain, payload: payload && Buffer.from(payload).toString('hex') }),
    // tshark shows no identifier where it is 0, which is malformed anyway.
    packetId,
    topic,
    clientId,
  }
}

/** What tshark shows, in the same words. */
function read1(packet: TsharkPacket, like: ReturnType<typeof shown>) {
  const { toBroker, type, length, qos, dup, retain, payload, packetId, topics, clientId } = packet
  return {
    toBroker,
    type,
    length,
    ...('qos' in like && { qos, dup, retain, payload: payload ?? (length > 0 ? '' : undefined) }),
    packetId,
    topic: topics[0],
    clientId,
  }
}

/** Compares every packet, connection by connection: as both number them in the order in which they come. */
function expectAgreement(
  reading: TsharkReading,
  packets: readonly CapturedPacket[],
  version: (c: number) => ProtocolVersion,
) {
  const ours = new Map<number, CapturedPacket[]>()
  for (const packet of packets) ours.set(packet.connection, [...(ours.get(packet.connection) ?? []), packet])
  const theirs = new Map<number, TsharkPacket[]>()
  for (const packet of reading.packets) theirs.set(packet.stream, [...(theirs.get(packet.stream) ?? []), packet])
  expect(theirs.size).toBe(ours.size)
  const streams = [...theirs.values()]
  ;[...ours.entries()].forEach(([connection, sent], i) => {
    const wanted = sent.map((packet) => shown(packet, version(connection)))
    expect(streams[i]?.map((packet, at) => read1(packet, wanted[at] as (typeof wanted)[number]))).toEqual(wanted)
  })
  expectSound(reading)
}

/** Well-formed throughout, with right check sums, and TCP as it should be. */
function expectSound({ frames }: TsharkReading, allowed: readonly string[] = []) {
  expect(frames.filter(({ malformed }) => malformed)).toEqual([])
  expect(frames.filter(({ badChecksum }) => badChecksum)).toEqual([])
  expect(frames.flatMap(({ oddities }) => oddities).filter((oddity) => !allowed.includes(oddity))).toEqual([])
}

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
    await until('both devices are heard', () =>
      [1, 2].every((n) => road.packets().some(({ octets }) => Buffer.from(octets).includes(`${name}-0${n}/`))),
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
    expectAgreement(await read(octets), packets, () => 4)
  })
})

/** Every type of packet that MQTT 3.1.1 has, both ways where it goes both ways. */
function everyType(scene: Scene): void {
  const publish = { cmd: 'publish', topic: 'plant/ä/temperature', retain: false, dup: false } as const
  scene.opened(1)
  scene.send(1, 'to broker', {
    cmd: 'connect',
    clientId: 'pump-01',
    protocolVersion: 4,
    clean: false,
    keepalive: 10,
    username: 'pump',
    password: Buffer.from('secret'),
    will: { topic: 'plant/pump-01/status', payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  scene.send(1, 'to client', { cmd: 'connack', returnCode: 0, sessionPresent: true })
  scene.send(1, 'to broker', {
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [
      { topic: 'a/#', qos: 2 },
      { topic: 'b', qos: 0 },
    ],
  })
  scene.send(1, 'to client', { cmd: 'suback', messageId: 1, granted: [2, 0x80] })
  for (const direction of ['to broker', 'to client'] as const) {
    const back = direction === 'to broker' ? 'to client' : 'to broker'
    scene.send(1, direction, { ...publish, qos: 0, payload: Buffer.from([0, 255, 10]) })
    scene.send(1, direction, { ...publish, qos: 1, messageId: 2, payload: 'x'.repeat(5000), retain: true })
    scene.send(1, back, { cmd: 'puback', messageId: 2 })
    scene.send(1, direction, { ...publish, qos: 2, messageId: 65535, payload: '', dup: true })
    scene.send(1, back, { cmd: 'pubrec', messageId: 65535 })
    scene.send(1, direction, { cmd: 'pubrel', messageId: 65535 })
    scene.send(1, back, { cmd: 'pubcomp', messageId: 65535 })
  }
  scene.send(1, 'to broker', { cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['a/#', 'b'] })
  scene.send(1, 'to client', { cmd: 'unsuback', messageId: 3, granted: [] })
  scene.send(1, 'to broker', { cmd: 'pingreq' })
  scene.send(1, 'to client', { cmd: 'pingresp' })
  scene.send(1, 'to broker', { cmd: 'disconnect' })
  scene.event(1, { type: 'closed', by: 'client', cause: 'fin' })
}

async function packetsOf(scene: Scene): Promise<CapturedPacket[]> {
  const path = join(await temporaryFolder(), 'capture.faultline')
  await writeFile(path, (await scene.export('faultline')).octets)
  const recording = await openRecording(path)
  onTestFinished(() => recording.dispose())
  const numbers = Array.from({ length: recording.next - recording.first }, (_, i) => recording.first + i)
  return numbers.map((number) => recording.record(number)).filter((record) => record?.kind === 'packet')
}

describe('an export for Wireshark', () => {
  it('shows every type of packet of MQTT 3.1.1 as Faultline does', async () => {
    const scene = new Scene()
    everyType(scene)
    const { octets } = await scene.export('pcapng')
    expectAgreement(await read(octets), await packetsOf(scene), () => 4)
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
    const reading = await read(octets)
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
    const reading = await read(octets, ['mqtt.default_version:MQTT v5.0'])
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
    const reading = await read((await scene.export('pcapng')).octets)
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
    const reading = await read((await scene.export('pcapng')).octets)
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
    const { frames } = await read(octets)
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
    const reading = await read((await scene.export('pcapng')).octets)
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
    const reading = await read(octets)
    expectSound(reading)
    expect(reading.packets.map(({ type, topics }) => [packetTypes[type], topics[0]])).toEqual([
      ['CONNECT', undefined],
      ['PUBLISH', 'only'],
    ])
    expect(result).toMatchObject({ records: 1, packets: 1 })
  })
})

describe('an import of what others have written', () => {
  const run = promisify(execFile)

  it.each(['pcap', 'nsecpcap', 'pcapng'])('reads %s by editcap', async (format) => {
    const scene = new Scene()
    everyType(scene)
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'ours.pcapng'), (await scene.export('pcapng')).octets)
    const theirs = join(folder, `theirs.${format}`)
    await run('editcap', ['-F', format, join(folder, 'ours.pcapng'), theirs])
    const recording = await openRecording(theirs)
    onTestFinished(() => recording.dispose())
    const sent = await packetsOf(scene)
    const numbers = Array.from({ length: recording.next - recording.first }, (_, i) => recording.first + i)
    const got = numbers.map((number) => recording.record(number))
    const start = recording.captureStart
    expect(recording.problem).toBeUndefined()
    expect(got.map((record) => record?.kind === 'event' && record.event)).toEqual([
      { type: 'opened', transport: 'tcp', remote: '127.0.0.1:40001' },
      ...sent.map(() => false),
      { type: 'closed', by: 'client', cause: 'fin' },
    ])
    const received = got.filter((record) => record?.kind === 'packet')
    expect(received.map(({ octets, direction }) => [direction, Buffer.from(octets).toString('hex')])).toEqual(
      sent.map(({ octets, direction }) => [direction, Buffer.from(octets).toString('hex')]),
    )
    expect(received.map(({ time }) => start + time / 1e6)).toEqual(
      sent.map(({ time }) => scene.recorder.startedAt + time / 1e6),
    )
    expect(recording.connections).toEqual([
      expect.objectContaining({ clientId: 'pump-01', open: false, packets: sent.length }),
    ])
  })
})
