import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { published, roundTrip, sends } from '../../helpers/device-wire.ts'
import { until } from '../../helpers/until.ts'

const stage = setScriptedStage()

const kept = "protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h', reconnect: { after: '20ms' }"

/** Publishes `n` messages of a QoS as soon as it is online, once. */
function publishing(n: number, qos: number, client = kept): string {
  return script(`
    let ram = 0
    return {
      client: { ${client} },
      connected({ client, sessionPresent }) {
        log('connected', sessionPresent)
        if (ram++ > 0) return
        for (let i = 1; i <= ${n}; i++) {
          client.publish('t', String(i), { qos: ${qos} }).then(() => log('done', i), (error) => log(error.name, i))
        }
      },
    }`)
}

describe('Receive Maximum of the broker', () => {
  it('is how many messages a device has unacknowledged at most', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { receiveMaximum: 2 } }
    bench.run({ rm1: publishing(5, 1) })
    const connection = await broker.connection(1)
    await sends(connection, 2)
    await roundTrip(connection)
    expect(published(connection)).toEqual(['1 1', '2 2'])
    connection.send({ cmd: 'puback', messageId: 2, reasonCode: 0 })
    await sends(connection, 3)
    await roundTrip(connection)
    expect(published(connection)).toEqual(['1 1', '2 2', '3 3'])
    for (const messageId of [1, 3]) connection.send({ cmd: 'puback', messageId, reasonCode: 0 })
    expect(await sends(connection, 5)).toEqual(['1 1', '2 2', '3 3', '4 4', '5 5'])
    for (const messageId of [4, 5]) connection.send({ cmd: 'puback', messageId, reasonCode: 0 })
    await bench.says('rm1', 'done 5')
  })

  it('holds for what is sent again as well, and a PUBREL takes no place', async () => {
    const { bench, broker } = stage
    broker.connack = {}
    bench.run({ rm2: publishing(4, 2) })
    const first = await broker.connection(1)
    await sends(first, 4)
    first.send({ cmd: 'pubrec', messageId: 1, reasonCode: 0 })
    await broker.receives(first, 'pubrel')
    broker.connack = { sessionPresent: true, properties: { receiveMaximum: 1 } }
    first.socket.destroy()
    const second = await broker.connection(2)
    await sends(second, 2)
    await roundTrip(second)
    expect(published(second)).toEqual(['PUBREL 1', '2 2 DUP'])
    second.send({ cmd: 'pubcomp', messageId: 1, reasonCode: 0 })
    await bench.says('rm2', 'done 1')
    await roundTrip(second)
    // [MQTT-3.3.4-7]: the end of an exchange from the connection before does not make room on this one.
    expect(published(second)).toEqual(['PUBREL 1', '2 2 DUP'])
    second.send({ cmd: 'pubrec', messageId: 2, reasonCode: 0x97 })
    expect(await sends(second, 3)).toEqual(['PUBREL 1', '2 2 DUP', '3 3 DUP'])
    await bench.says('rm2', 'RefusedError 2')
  })
})

describe('a message that had to wait for its turn', () => {
  it('is sent once when the connection is lost after its turn has come', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { receiveMaximum: 2 } }
    bench.run({ tn1: publishing(4, 1, `${kept}, store: 'flash'`) })
    const first = await broker.connection(1)
    await sends(first, 2)
    first.send({ cmd: 'puback', messageId: 2, reasonCode: 0 })
    expect(await sends(first, 3)).toEqual(['1 1', '2 2', '3 3'])
    broker.connack = { sessionPresent: true }
    first.socket.destroy()
    const second = await broker.connection(2)
    await sends(second, 3)
    await roundTrip(second)
    expect(published(second)).toEqual(['1 1 DUP', '3 3 DUP', '4 4'])
  })
})

describe('a session that the broker has lost', () => {
  it('ends what was in flight: nothing of it is sent again', async () => {
    const { bench, broker } = stage
    bench.run({ sl1: publishing(2, 1) })
    const first = await broker.connection(1)
    await sends(first, 2)
    broker.connack = { sessionPresent: false }
    first.socket.destroy()
    const second = await broker.connection(2)
    await bench.says('sl1', 'ConnectionLostError 2')
    await until('it is told', () => bench.console('sl1').filter((line) => line === 'connected false').length === 2)
    await roundTrip(second)
    expect(published(second)).toEqual([])
    expect(bench.snapshot('sl1').state).toBe('online')
  })

  it('is known at once when it does not outlive its connection', async () => {
    const { bench, broker } = stage
    bench.run({ sl2: publishing(1, 1, "protocolVersion: 5, cleanStart: false, reconnect: { after: '1h' }") })
    const first = await broker.connection(1)
    await sends(first, 1)
    first.socket.destroy()
    await bench.says('sl2', 'ConnectionLostError 1')
  })
})

describe('a device that keeps its session in flash', () => {
  const flash = `${kept}, store: 'flash'`

  it('sends again after a power loss what was not acknowledged, with DUP, and what waited after it', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { receiveMaximum: 2 } }
    bench.run({
      fl1: script(`
        let client
        return {
          client: { ${flash} },
          connected(event) {
            client = event.client
            log('connected', event.sessionPresent)
            if (event.sessionPresent) return
            client.publish('a', '1', { qos: 1, contentType: 'x' })
            client.publish('a', '2', { qos: 2 })
            client.publish('a', '3', { qos: 1 })
            client.publish('a', 'gone')
          },
        }`),
    })
    const first = await broker.connection(1)
    await sends(first, 3)
    first.send({ cmd: 'pubrec', messageId: 2, reasonCode: 0 })
    await broker.receives(first, 'pubrel')
    await bench.devices.act('fl1', 'powerLoss')
    broker.connack = { sessionPresent: true }
    await bench.devices.act('fl1', 'powerOn')
    const second = await broker.connection(2)
    expect(await sends(second, 3)).toEqual(['1 1 DUP', 'PUBREL 2', '3 3'])
    const again = second.packets.find((packet) => packet.cmd === 'publish')
    expect(again).toMatchObject({ topic: 'a', qos: 1, properties: { contentType: 'x' } })
    for (const messageId of [1, 3]) second.send({ cmd: 'puback', messageId, reasonCode: 0 })
    second.send({ cmd: 'pubcomp', messageId: 2, reasonCode: 0 })
    await roundTrip(second)
    await bench.devices.act('fl1', 'powerLoss')
    await bench.devices.act('fl1', 'powerOn')
    const third = await broker.connection(3)
    await until('it is told', () => bench.console('fl1').filter((line) => line === 'connected true').length === 2)
    await roundTrip(third)
    expect(published(third)).toEqual([])
  })

  it('sends it again as well when its worker was stopped because of a neighbour', async () => {
    const { bench, broker } = stage
    const source = script(`
      return {
        client: { ${flash} },
        connected({ client, sessionPresent }) {
          log('connected', sessionPresent)
          if (sessionPresent) return
          client.publish('a', '1', { qos: 1, contentType: 'x' })
          client.publish('a', '2', { qos: 2 })
          client.publish('a', '3', { qos: 1 })
        },
        message({ text, packet }) { log('heard', text, packet.properties.contentType) },
      }`)
    // Builtins that do not poll the interrupt: the watchdog ends the thread.
    const hanging = script(`
      return { powerOn() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) } }`)
    broker.connack = { properties: { receiveMaximum: 2 } }
    bench.run({ fw1: source })
    const first = await broker.connection(1)
    await sends(first, 2)
    const half = { qos: 2, dup: false, retain: false, properties: { contentType: 'c' } } as const
    first.send({ cmd: 'publish', topic: 'b', payload: 'half', messageId: 4, ...half })
    first.send({ cmd: 'pubrec', messageId: 2, reasonCode: 0 })
    await broker.receives(first, 'pubrec')
    await broker.receives(first, 'pubrel')
    broker.connack = { sessionPresent: true }
    bench.run({ fw1: source, fw2: hanging })
    await bench.fails('fw2')
    const second = await until('it is back', () =>
      broker.connections.slice(1).find(({ packets }) => packets.length > 0),
    )
    expect(await sends(second, 3)).toEqual(['1 1 DUP', 'PUBREL 2', '3 3'])
    const again = second.packets.find((packet) => packet.cmd === 'publish')
    expect(again).toMatchObject({ topic: 'a', qos: 1, properties: { contentType: 'x' } })
    second.send({ cmd: 'pubrel', messageId: 4, reasonCode: 0 })
    await bench.says('fw1', 'heard half c')
    expect(bench.console('fw1')).toEqual(['connected false', 'connected true', 'heard half c'])
  })

  it('hears after a power loss what was half received', async () => {
    const { bench, broker } = stage
    const source = (store: string) =>
      script(`
        return {
          client: { ${kept}, store: '${store}' },
          message({ topic, text, packet }) { log('heard', topic, text, packet.properties.contentType) },
        }`)
    bench.run({ fl2: source('flash'), fl3: source('ram') })
    for (const n of [1, 2]) {
      const connection = await broker.connection(n)
      const about = { qos: 2, dup: false, retain: false, properties: { contentType: 'c' } } as const
      connection.send({ cmd: 'publish', topic: 'b', payload: 'half', messageId: 4, ...about })
      await broker.receives(connection, 'pubrec')
    }
    await Promise.all(['fl2', 'fl3'].map((id) => bench.devices.act(id, 'powerLoss')))
    broker.connack = { sessionPresent: true }
    await Promise.all(['fl2', 'fl3'].map((id) => bench.devices.act(id, 'powerOn')))
    for (const n of [3, 4]) {
      const connection = await broker.connection(n)
      await until('it is connected', () => connection.packets.length > 0)
      connection.send({ cmd: 'pubrel', messageId: 4, reasonCode: 0 })
      await broker.receives(connection, 'pubcomp')
    }
    await bench.says('fl2', 'heard b half c')
    await bench.devices.act('fl3', 'disconnect')
    expect(bench.console('fl3')).toEqual([])
  })

  it('works with MQTT 3.1.1', async () => {
    const { bench, broker } = stage
    bench.run({ fl4: publishing(2, 1, "cleanStart: false, store: 'flash'") })
    const first = await broker.connection(1)
    await sends(first, 2)
    broker.connack = { sessionPresent: true }
    await bench.devices.act('fl4', 'powerLoss')
    await bench.devices.act('fl4', 'powerOn')
    const second = await broker.connection(2)
    expect((await sends(second, 4)).slice(0, 2)).toEqual(['1 1 DUP', '2 2 DUP'])
    // The script runs anew and publishes again, under identifiers that are free.
    expect(published(second).slice(2)).toEqual(['3 1', '4 2'])
  })

  it('must have a session that is kept', async () => {
    const { bench } = stage
    bench.run({ fl5: script("return { client: { store: 'flash' } }") })
    expect(await bench.fails('fl5')).toMatchObject({
      message:
        "client.store: 'flash' needs a session that is kept: cleanStart: false, and in MQTT 5 a sessionExpiryInterval",
      line: 3,
    })
  })
})
