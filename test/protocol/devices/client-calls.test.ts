import diagnostics from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DeviceClient } from '../../../main/devices/guest/device-client.ts'
import { nodeClock } from '../../../main/devices/node-clock.ts'
import { script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { sends } from '../../helpers/device-wire.ts'
import { until } from '../../helpers/until.ts'

const stage = setScriptedStage()

describe('a message of QoS 2', () => {
  it('is done where the broker says that it had finished before [MQTT 5 §3.7.2.1]', async () => {
    const { bench, broker } = stage
    bench.run({
      pc1: script(`
        return {
          client: { protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h', reconnect: { after: '20ms' } },
          connected({ client, sessionPresent }) {
            if (sessionPresent) return
            client.publish('t', 'x', { qos: 2 }).then(() => log('done'), (error) => log('failed', error.message))
          },
        }`),
    })
    const first = await broker.connection(1)
    const { messageId = 0 } = await broker.receives(first, 'publish')
    first.send({ cmd: 'pubrec', messageId, reasonCode: 0 })
    await broker.receives(first, 'pubrel')
    broker.connack = { sessionPresent: true }
    first.socket.destroy()
    const second = await broker.connection(2)
    expect(await sends(second, 1)).toEqual([`PUBREL ${messageId}`])
    second.send({ cmd: 'pubcomp', messageId, reasonCode: 0x92 })
    expect(await bench.says('pc1', /^(done|failed)/)).toBe('done')
  })
})

describe('a message that waits for others', () => {
  it('says which one it was when it is refused later', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { receiveMaximum: 1, maximumPacketSize: 100 } }
    bench.run({
      pc2: script(`
        return {
          client: { protocolVersion: 5 },
          connected({ client }) {
            client.publish('first', 'x', { qos: 1 })
            client.publish('second', 'x'.repeat(200), { qos: 1 }).catch((error) => log(error.message))
          },
        }`),
    })
    const connection = await broker.connection(1)
    const { messageId = 0 } = await broker.receives(connection, 'publish')
    connection.send({ cmd: 'puback', messageId, reasonCode: 0 })
    expect(await bench.says('pc2', /octets/)).toBe(
      "publish to 'second' at QoS 1: the packet has 214 octets, and the broker takes 100",
    )
  })
})

describe('a client that is told twice to connect anew', () => {
  it('connects once', async () => {
    const { broker } = stage
    let connected = 0
    // The broker does not see a socket that is destroyed at once.
    let sockets = 0
    const opened = () => sockets++
    diagnostics.subscribe('net.client.socket', opened)
    onTestFinished(() => void diagnostics.unsubscribe('net.client.socket', opened))
    const nothing = () => undefined
    const settings = {
      protocolVersion: 4,
      clientId: 'twice',
      cleanStart: true,
      keepAlive: 60,
      topicAliases: false,
      store: 'ram',
      reconnect: undefined,
    } as const
    const client = new DeviceClient(
      settings,
      { host: '127.0.0.1', port: broker.port },
      {
        connected: () => {
          connected++
        },
        message: nothing,
        lost: nothing,
        written: nothing,
        settled: nothing,
        note: nothing,
      },
      nodeClock(0),
    )
    client.connect()
    await until('it is connected', () => connected === 1)
    client.connect()
    client.connect()
    await until('it is connected again', () => connected === 2)
    const second = broker.connections.at(-1)
    client.request({ type: 'publish', call: 1, topic: 't', payload: Buffer.alloc(0), qos: 1, retain: false })
    await until('it has sent something', () => second?.packets.some(({ cmd }) => cmd === 'publish'))
    expect(broker.connections.map(({ closed }) => closed)).toEqual([true, false])
    expect(sockets).toBe(2)
    client.cut('close')
    await client.gone()
  })
})

describe('takeOver of a device whose Client Identifier is empty', () => {
  it('takes the one that the broker has given it [MQTT 5 §3.2.2.3.7]', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { assignedClientIdentifier: 'given-7' } }
    bench.run({ e1: script("return { client: { protocolVersion: 5, clientId: '' } }") })
    await bench.reaches('e1', 'online')
    expect(bench.snapshot('e1').clientId).toBe('given-7')
    expect((await broker.connection(1)).packets[0]).toMatchObject({ clientId: '' })
    await bench.devices.act('e1', 'takeOver')
    expect((await broker.connection(2)).packets[0]).toMatchObject({ clientId: 'given-7' })
  })

  it('is refused where nobody knows it', async () => {
    const { bench, broker } = stage
    bench.run({ e2: script("return { client: { clientId: '' } }") })
    await bench.reaches('e2', 'online')
    await expect(bench.devices.act('e2', 'takeOver')).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('its Client Identifier is empty'),
    })
    expect(bench.faults).not.toContain('e2: take over begins: a second client connects with its Client Identifier')
    expect(broker.connections).toHaveLength(1)
  })
})
