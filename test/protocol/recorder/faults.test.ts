import { once } from 'node:events'
import { connect } from 'node:net'
import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ruleDefaults } from '../../../app/faults/check-rule.ts'
import { framesOf, imported } from '../../helpers/pcap.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { exported, sourceOf } from '../../helpers/scene.ts'
import { patience, until } from '../../helpers/until.ts'

async function openRoad(): Promise<Road> {
  const road = await Road.open()
  onTestFinished(() => road.close())
  return road
}

/** What an export for Wireshark says that one end of a connection received. */
async function exportedStream(road: Road, connection: number, direction: 'to broker' | 'to client'): Promise<Buffer> {
  const { octets } = await exported(sourceOf(road.recorder, road.connections.list()), 'pcapng')
  const { records, problems } = imported(framesOf(octets).frames)
  expect(problems).toEqual([])
  const pieces = records.flatMap((record) => {
    const mine = record.kind === 'packet' && record.connection === connection && record.direction === direction
    return mine ? [record.octets] : []
  })
  return Buffer.concat(pieces)
}

/** Subscribes with a bare socket, because what it gets may be no MQTT any more. Gives the octets that come. */
async function subscribed(port: number): Promise<Buffer[]> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const received: Buffer[] = []
  socket.on('data', (octets) => received.push(octets))
  await once(socket, 'connect')
  const send = (packet: Packet) => socket.write(generate(packet))
  send({ cmd: 'connect', clientId: 'subscriber', protocolVersion: 4, clean: true, keepalive: 0 })
  send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'n', qos: 0 }] })
  await until('CONNACK and SUBACK have come', () => Buffer.concat(received).length === 4 + 5)
  return received
}

/** Publishes so many numbered messages in one go. */
function publish(client: RawClient, count: number): void {
  for (let n = 1; n <= count; n++) {
    client.send({ cmd: 'publish', topic: 'n', payload: `message ${n}`, qos: 0, dup: false, retain: false })
  }
}

describe('an export for Wireshark', () => {
  it.each([
    ['drop', {}, { filter: 'payload~3' }],
    ['duplicate', {}, { nth: 2 }],
    ['delay', { ms: 30 }, { filter: 'payload~2' }],
    ['latency', { ms: 20 }, {}],
    ['reorder', { packets: 2, ms: 200 }, { filter: 'payload~2', times: 1 }],
    ['corrupt', { where: 'payload' }, { filter: 'payload~4' }],
    ['truncate', {}, { filter: 'payload~7', times: 1 }],
    ['loss', { rate: 0.4 }, {}],
  ])('holds what really reached the client when there is %s', async (fault, settings, how) => {
    const road = await openRoad()
    const received = await subscribed(road.port)
    const publisher = await RawClient.connect(road.port, 'publisher')
    const defaults = ruleDefaults(fault)
    expect(defaults.settings).toMatchObject(
      Object.fromEntries(Object.keys(settings).map((name) => [name, expect.anything()])),
    )
    const id = road.wire.addRule({
      ...defaults,
      settings: { ...defaults.settings, ...settings },
      clients: 'subscriber',
      from: 'broker',
      ...how,
    })
    publish(publisher, 10)
    const rule = () => road.wire.state().rules.find((one) => one.id === id)
    await until('the rule has acted', () => (rule()?.hits ?? 0) > 0)
    await until(
      'all have come to the link',
      () => road.packets(1).filter(({ octets }) => octets[0] === 0x30).length === 10,
    )
    // Until nothing is under way any more.
    await vi.waitFor(async () => {
      const stream = await exportedStream(road, 1, 'to client')
      expect(stream.toString('latin1')).toBe(Buffer.concat(received).toString('latin1'))
    }, patience)
    expect(road.events(1).some(({ type }) => type.startsWith('packet '))).toBe(true)
  })

  it('holds what reached the broker after a breakpoint, as it was edited, dropped and sent twice', async () => {
    const road = await openRoad()
    const subscriber = await RawClient.connect(road.port, 'subscriber')
    await subscriber.subscribe('n', 0)
    const publisher = await RawClient.connect(road.port, 'publisher')
    road.wire.addBreakpoint('client:publisher type:publish')
    publish(publisher, 4)
    const next = async () => (await until('one is held', () => road.wire.state().held[0])).packet
    road.wire.decide(await next(), 'deliver', Buffer.from('300400016e21', 'hex'))
    road.wire.decide(await next(), 'drop')
    road.wire.decide(await next(), 'twice')
    await until('the last is held', () => road.wire.state().held.length === 1)
    await until('the rest has come', () => subscriber.packets.filter(({ cmd }) => cmd === 'publish').length === 3)
    const payloads = subscriber.packets.flatMap((packet) => (packet.cmd === 'publish' ? [String(packet.payload)] : []))
    expect(payloads).toEqual(['!', 'message 3', 'message 3'])
    const sent = await exportedStream(road, 2, 'to broker')
    const message = (payload: string) =>
      generate({ cmd: 'publish', topic: 'n', payload, qos: 0, dup: false, retain: false })
    const wanted = Buffer.concat([message('!'), message('message 3'), message('message 3')])
    expect(sent.subarray(-wanted.length)).toEqual(wanted)
    // Before it is only CONNECT.
    expect(sent.length - wanted.length).toBe((sent[1] as number) + 2)
  })
})
