import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { summarize } from '../../../app/mqtt/summary.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { Road } from '../../helpers/road.ts'
import { newRule, publishPacket } from '../../helpers/test-wire.ts'
import { until } from '../../helpers/until.ts'

let road: Road
const clients: MqttClient[] = []

beforeEach(async () => {
  road = await Road.open()
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true)
  await road.close()
})

/** A client as people use it: it keeps its session and comes back by itself. */
async function connect(clientId: string): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${road.port}`, {
    clientId,
    clean: false,
    reconnectPeriod: 20,
    keepalive: 0,
  })
  client.on('error', () => {})
  clients.push(client)
  await until(`${clientId} is connected`, () => client.connected)
  return client
}

/** What went over the wires of one client, such as `< PUBREL 1` and `> PUBLISH 2 DUP`, without the connecting. */
function handshake(clientId: string): string[] {
  return road.packets().flatMap(({ connection, direction, octets }) => {
    const { type, packetId, dup } = summarize(octets, 4)
    if (road.connections.get(connection)?.clientId !== clientId || !type?.startsWith('PUB')) return []
    return [`${direction === 'to broker' ? '>' : '<'} ${type} ${packetId}${dup ? ' DUP' : ''}`]
  })
}

describe('a trainer who holds a PUBREL', () => {
  it('drops it, cuts the link, sees it come again, and exactly one delivery', async () => {
    const delivered: string[] = []
    const dashboard = await connect('dashboard')
    dashboard.on('message', (_topic, payload) => delivered.push(String(payload)))
    await dashboard.subscribeAsync('site/#', { qos: 2 })
    const breakpoint = road.wire.addBreakpoint('type:pubrel from:broker client:dashboard')
    const gateway = await connect('gateway')
    await gateway.publishAsync('site/alarm', 'fire', { qos: 2 })

    const held = await until('PUBREL is held', () => road.wire.state().held[0])
    expect(held).toMatchObject({ direction: 'to client', by: 'type:pubrel from:broker client:dashboard' })
    expect(summarize(held.octets, 4).type).toBe('PUBREL')
    expect(delivered).toEqual([])

    road.wire.decide(held.packet, 'drop')
    const { connection } = held
    expect(road.events(connection)).toContainEqual({ type: 'packet dropped', packet: held.packet, by: 'you' })
    road.wire.removeBreakpoint(breakpoint)
    expect(road.wire.cut('dashboard', 'rst')).toBe(1)
    expect(await road.closed(connection)).toMatchObject({ by: 'link', cause: 'rst', reason: 'you' })

    const last = await until('PUBCOMP is captured', () => {
      const ladder = handshake('dashboard')
      return ladder.at(-1)?.includes('PUBCOMP') && ladder
    })
    expect(last.filter((line) => line.includes('PUBREL'))).toHaveLength(2)
    expect(last.filter((line) => line.startsWith('< PUBLISH'))).toHaveLength(1)
    expect(delivered).toEqual(['fire'])
  })

  it('delivers it, and everything goes on', async () => {
    const dashboard = await connect('dashboard')
    const delivered: string[] = []
    dashboard.on('message', (_topic, payload) => delivered.push(String(payload)))
    await dashboard.subscribeAsync('site/#', { qos: 2 })
    road.wire.hold(true)
    const gateway = mqtt.connect(`mqtt://127.0.0.1:${road.port}`, { clientId: 'gateway' })
    clients.push(gateway)
    gateway.publish('site/alarm', 'fire', { qos: 2 })
    const order: number[] = []
    while (delivered.length === 0) {
      await until('something is held', () => road.wire.state().heldCount > 0)
      order.push(road.wire.next() as number)
    }
    expect(order.length).toBeGreaterThanOrEqual(7)
    const { heldCount, waitingCount } = road.wire.state()
    expect(road.wire.letGo()).toBe(heldCount + waitingCount)
    await until('the handshake is complete', () => handshake('dashboard').at(-1)?.startsWith('> PUBCOMP'))
  })
})

describe('the third PUBACK', () => {
  it('is lost, so that the publisher sends again when it is back, and nobody takes it for another message', async () => {
    const session = { clean: false, protocolVersion: 4 } as const
    const watch = await RawClient.connect(road.port, 'watch')
    await watch.subscribe('plant/n', 0)
    const publisher = await RawClient.connect(road.port, 'pump-01', session)
    road.wire.addRule(
      newRule('drop', { name: 'lose the third', filter: 'type:puback', from: 'broker', nth: 3, times: 1 }),
    )
    for (const messageId of [1, 2, 3]) {
      publisher.send(publishPacket('plant/n', `${messageId}`, { qos: 1, messageId }))
      if (messageId < 3) expect(await publisher.receive('puback')).toMatchObject({ messageId })
    }
    const lost = await until('PUBACK is lost', () => road.events(2).find(({ type }) => type === 'packet dropped'))
    expect(lost).toMatchObject({ by: 'lose the third' })
    expect(road.wire.cut('pump-*', 'rst')).toBe(1)
    await until('the publisher hears of it', () => publisher.error)
    expect(publisher.packets).toEqual([])

    const again = await RawClient.connect(road.port, 'pump-01', session)
    again.send(publishPacket('plant/n', '3', { qos: 1, messageId: 3, dup: true }))
    expect(await again.receive('puback')).toMatchObject({ messageId: 3 })
    expect(handshake('pump-01')).toEqual([
      ...['> PUBLISH 1', '< PUBACK 1', '> PUBLISH 2', '< PUBACK 2', '> PUBLISH 3', '< PUBACK 3'],
      ...['> PUBLISH 3 DUP', '< PUBACK 3'],
    ])
    await until('all is published', () => watch.packets.length === 4)
    for (const client of [watch, again]) client.socket.destroy()
  })
})

describe('a keep alive', () => {
  it('goes on being real: it ends a client whose PINGREQ is held, and the wire said when', async () => {
    const before = Date.now()
    const client = await RawClient.connect(road.port, 'quiet', { keepalive: 2 })
    road.wire.addBreakpoint('type:pingreq')
    client.send({ cmd: 'pingreq' })
    const held = await until('PINGREQ is held', () => road.wire.state().held[0])
    const after = Date.now()
    const closing = await until(
      'the broker gives up',
      () => road.events(1).find((event) => event.type === 'closed' || event.type === 'one end closed') ?? client.ended,
    )
    expect(closing).toBeTruthy()
    // One and a half times the Keep Alive from the CONNECT on: the PINGREQ has not arrived. A clock has milliseconds.
    expect(held.keepAliveEndsAt).toBeGreaterThanOrEqual(before + 2999)
    expect(held.keepAliveEndsAt).toBeLessThanOrEqual(after + 3001)
    expect(Date.now()).toBeGreaterThanOrEqual((held.keepAliveEndsAt ?? Number.NaN) - 1)
    client.socket.destroy()
    expect(await road.closed(1)).toMatchObject({ by: 'broker', reason: 'keep alive ran out' })
    expect(road.events(1)).toContainEqual({ type: 'packet dropped', packet: held.packet, by: 'connection closed' })
  })
})
