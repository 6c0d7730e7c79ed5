import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { until } from '../../helpers/until.ts'

const stage = setScriptedStage()

/** Publishes one message of each QoS when it is first online. */
function publishing(client: string): string {
  return script(`
    let ram = 0
    return {
      client: { reconnect: { after: '20ms' }, ${client} },
      connected({ client, sessionPresent }) {
        ram += 1
        log('connected', ram, sessionPresent)
        if (ram > 1) return
        client.publish('q1', 'one', { qos: 1 }).then(() => log('q1 done'))
        client.publish('q2', 'two', { qos: 2, retain: true }).then(() => log('q2 done'))
      },
    }`)
}

function sent(packets: readonly Packet[]) {
  return packets.flatMap((packet) => {
    if (packet.cmd === 'publish') {
      const { topic, dup, qos, retain, messageId, payload } = packet
      return [`PUBLISH ${messageId} ${topic} ${payload} qos ${qos}${dup ? ' DUP' : ''}${retain ? ' RETAIN' : ''}`]
    }
    return packet.cmd === 'pubrel' ? [`PUBREL ${packet.messageId}`] : []
  })
}

describe('network loss', () => {
  it('leaves RAM as it is, and what is in flight is sent again, in order, with DUP', async () => {
    const { bench, broker } = stage
    bench.run({ n1: publishing('cleanStart: false') })
    const first = await broker.connection(1)
    await until('both are sent', () => sent(first.packets).length === 2)
    broker.connack = { sessionPresent: true }
    first.socket.resetAndDestroy()
    const second = await broker.connection(2)
    await until('both are sent again', () => sent(second.packets).length === 2)
    expect(sent(first.packets)).toEqual(['PUBLISH 1 q1 one qos 1', 'PUBLISH 2 q2 two qos 2 RETAIN'])
    expect(sent(second.packets)).toEqual(['PUBLISH 1 q1 one qos 1 DUP', 'PUBLISH 2 q2 two qos 2 DUP RETAIN'])
    await bench.says('n1', 'connected 2 true')
    second.send({ cmd: 'puback', messageId: 1 })
    await bench.says('n1', 'q1 done')
    second.send({ cmd: 'pubrec', messageId: 2 })
    await broker.receives(second, 'pubrel')
    second.send({ cmd: 'pubcomp', messageId: 2 })
    await bench.says('n1', 'q2 done')
  })

  it('after PUBREC sends PUBREL again, and not the message', async () => {
    const { bench, broker } = stage
    bench.run({ n2: publishing('cleanStart: false') })
    const first = await broker.connection(1)
    await until('both are sent', () => sent(first.packets).length === 2)
    first.send({ cmd: 'pubrec', messageId: 2 })
    await broker.receives(first, 'pubrel')
    broker.connack = { sessionPresent: true }
    first.socket.destroy()
    const second = await broker.connection(2)
    await until('both are sent again', () => sent(second.packets).length === 2)
    expect(sent(second.packets)).toEqual(['PUBLISH 1 q1 one qos 1 DUP', 'PUBREL 2'])
  })

  it('does not hold up other messages when one is never acknowledged', async () => {
    const { bench, broker } = stage
    bench.run({
      n3: script(`
        return {
          client: { cleanStart: false, reconnect: { after: '20ms' } },
          connected({ client }) {
            client.publish('never/acknowledged', '', { qos: 1 })
            every('20ms', () => client.publish('tick', ''))
          },
        }`),
    })
    const first = await broker.connection(1)
    await broker.receives(first, 'publish')
    first.socket.destroy()
    const second = await broker.connection(2)
    await until('it ticks', () => second.packets.some((packet) => packet.cmd === 'publish' && packet.topic === 'tick'))
    expect(sent(second.packets)[0]).toBe('PUBLISH 1 never/acknowledged  qos 1 DUP')
    // The Packet Identifier that is in use is not given to another message.
    expect(sent(second.packets)[1]).toBe('PUBLISH 2 never/acknowledged  qos 1')
  })

  it('with a clean session forgets what was in flight: that belonged to the session', async () => {
    const { bench, broker } = stage
    bench.run({
      n4: script(`
        let ram = 0
        return {
          client: { reconnect: { after: '20ms' } },
          async connected({ client }) {
            ram += 1
            log('connected', ram)
            if (ram > 1) return
            await client.publish('q1', 'one', { qos: 1 }).catch((error) => log(error))
          },
        }`),
    })
    const first = await broker.connection(1)
    await broker.receives(first, 'publish')
    first.socket.resetAndDestroy()
    await bench.says('n4', 'connected 2')
    const second = await broker.connection(2)
    second.send({ cmd: 'publish', topic: 'x', payload: 'x', qos: 0, dup: false, retain: false })
    expect(sent(second.packets)).toEqual([])
    await bench.says('n4', "ConnectionLostError: publish to 'q1' at QoS 1: the connection was lost first")
    await bench.says('n4', "the connection was lost before this was complete: publish to 'q1' at QoS 1")
  })

  it('is no error of a script that did not await its call, nor of one that did', async () => {
    const { bench, broker } = stage
    bench.run({
      n5: script(`
        let ram = 0
        return {
          client: { reconnect: { after: '20ms' } },
          async connected({ client }) {
            ram += 1
            log('connected', ram)
            client.publish('not/awaited', '', { qos: 1 })
            await client.subscribe('awaited')
            log('never reached')
          },
        }`),
    })
    const first = await broker.connection(1)
    await broker.receives(first, 'subscribe')
    first.socket.destroy()
    await bench.says('n5', 'connected 2')
    expect(bench.snapshot('n5').error).toBeUndefined()
    expect(bench.console('n5')).not.toContain('never reached')
    expect(bench.console('n5', 'info')).toEqual([
      "the connection was lost before 2 calls were complete: publish to 'not/awaited' at QoS 1, …",
    ])
  })

  it('does not let a connected that still waited start timers on the next connection', async () => {
    const { bench, broker } = stage
    bench.run({
      n7: script(`
        let ram = 0
        return {
          client: { cleanStart: false, reconnect: { after: '20ms' } },
          async connected({ client }) {
            const mine = (ram += 1)
            if (mine === 1) await client.publish('slow', '', { qos: 1 })
            every('5ms', () => log('tick', mine))
            log('went on', mine)
          },
        }`),
    })
    const first = await broker.connection(1)
    await broker.receives(first, 'publish')
    broker.connack = { sessionPresent: true }
    first.socket.destroy()
    await bench.says('n7', 'tick 2')
    const second = await broker.connection(2)
    second.send({ cmd: 'puback', messageId: 1 })
    await bench.says('n7', 'went on 1')
    const ticks = () => bench.console('n7').filter((line) => line === 'tick 2').length
    const before = ticks()
    await until('the other timer has run on', () => ticks() > before + 5)
    expect(bench.console('n7')).not.toContain('tick 1')
  })

  it('followed by power loss sends nothing again', async () => {
    const { bench, broker } = stage
    bench.run({ n6: publishing('cleanStart: false') })
    const first = await broker.connection(1)
    await until('both are sent', () => sent(first.packets).length === 2)
    await bench.devices.act('n6', 'powerLoss')
    await until('the connection is gone', () => first.closed)
    broker.connack = { sessionPresent: true }
    await bench.devices.act('n6', 'powerOn')
    const second = await broker.connection(2)
    await until('both are sent', () => sent(second.packets).length === 2)
    expect(sent(second.packets)).toEqual(['PUBLISH 1 q1 one qos 1', 'PUBLISH 2 q2 two qos 2 RETAIN'])
  })
})

describe('what comes in one segment with CONNACK', () => {
  const connack: Packet = { cmd: 'connack', returnCode: 0, sessionPresent: true }
  const publish: Packet = { cmd: 'publish', topic: 'in', payload: 'x', qos: 1, messageId: 1, retain: false, dup: false }

  it('is heard after connected was called', async () => {
    const { bench, broker } = stage
    broker.connack = undefined
    broker.answer = (packet, connection) => {
      if (packet.cmd === 'connect') connection.send(Buffer.concat([generate(connack), generate(publish)]))
    }
    bench.run({
      k1: script(`
        return {
          client: { cleanStart: false },
          connected({ client, sessionPresent }) { log('connected', sessionPresent, client.connected) },
          message({ topic, client }) { log('heard', topic, client.connected) },
        }`),
    })
    await bench.says('k1', 'heard in true')
    expect(bench.console('k1')).toEqual(['connected true true', 'heard in true'])
    await broker.receives(await broker.connection(1), 'puback')
  })

  it('is not heard by a device that has just disconnected', async () => {
    const { bench, broker } = stage
    broker.connack = undefined
    broker.answer = (packet, connection) => {
      if (packet.cmd === 'disconnect') connection.send(Buffer.concat([generate(connack), generate(publish)]))
    }
    bench.run({
      k2: script(`
        return {
          client: { cleanStart: false },
          connected() { log('connected') },
          message() { log('heard') },
        }`),
    })
    const connection = await broker.connection(1)
    await bench.devices.act('k2', 'disconnect')
    await until('it has closed', () => connection.closed)
    // What it would have said has come by the time that it answers a command.
    await bench.devices.act('k2', 'powerLoss')
    expect(bench.console('k2')).toEqual([])
    // States are told in gathered steps; when the last one is, all have been.
    await until('its states were told', () => bench.told.get('k2')?.at(-1)?.state === 'power lost')
    expect(bench.told.get('k2')?.some(({ state }) => state === 'online')).toBe(false)
    expect(connection.packets.map(({ cmd }) => cmd)).toEqual(['connect', 'disconnect'])
  })
})

describe('messages that wait', () => {
  it('are bounded: what is over is dropped, and said so', async () => {
    const { bench, broker } = stage
    bench.run({
      w1: script(`
        let client
        let count = 0
        return {
          client: { reconnect: { after: '20ms', factor: 1 } },
          connected(event) {
            client = event.client
            log('online')
          },
          disconnected() {
            every('5ms', () => {
              if (++count > 20) return
              client.publish('w1/' + count, new Uint8Array(900_000)).then(() => log('sent', count), (error) => log(error.message))
            })
          },
        }`),
    })
    const first = await broker.connection(1)
    await bench.says('w1', 'online')
    broker.connack = { returnCode: 3 }
    first.socket.destroy()
    await bench.says('w1', /^publish to 'w1\/20' at QoS 0: too much is waiting/)
    expect(bench.console('w1', 'info')).toEqual([
      "publish to 'w1/19' at QoS 0: too much is waiting to be sent or acknowledged (18 calls); it and what follows is dropped until there is room",
    ])
    broker.connack = {}
    const topics = () =>
      broker.connections
        .flatMap(({ packets }) => packets)
        .flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []))
    await until('those that waited have arrived', () => topics().length === 18)
    expect(topics()).toEqual(Array.from({ length: 18 }, (_, i) => `w1/${i + 1}`))
  })
})

describe('a subscription', () => {
  it('that the broker refuses is an error of the script, at its line', async () => {
    const { bench, broker } = stage
    broker.answer = (packet, connection) => {
      if (packet.cmd === 'subscribe') {
        connection.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [0x80] })
      }
    }
    bench.run({
      s1: script(`
        return {
          async connected({ client }) {
            await client.subscribe('secret')
          },
        }`),
    })
    expect(await bench.fails('s1')).toMatchObject({ message: "the broker refused to subscribe to 'secret'", line: 6 })
  })
})

describe('what a device sends', () => {
  it('is what its options say', async () => {
    const { bench, broker } = stage
    bench.run({
      o1: script(`
        return {
          client: {
            clientId: 'me', cleanStart: false, keepAlive: '2m', username: 'u', password: 'p',
            will: { topic: 'w', payload: { gone: true }, qos: 2, retain: true },
          },
        }`),
      o2: script(`return { client: { protocolVersion: 3, will: { topic: 'w', payload: new Uint8Array([0, 255]) } } }`),
    })
    const [first] = (await broker.connection(1)).packets
    const [second] = (await broker.connection(2)).packets
    expect(first).toMatchObject({
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'me',
      clean: false,
      keepalive: 120,
      username: 'u',
      password: Buffer.from('p'),
      will: { topic: 'w', payload: Buffer.from('{"gone":true}'), qos: 2, retain: true },
    })
    expect(second).toMatchObject({
      protocolId: 'MQIsdp',
      protocolVersion: 3,
      clientId: 'o2',
      clean: true,
      keepalive: 60,
      will: { topic: 'w', payload: Buffer.from([0, 255]), qos: 0, retain: false },
    })
  })

  it('on disconnect is DISCONNECT, though something is never acknowledged', async () => {
    const { bench, broker } = stage
    bench.run({ o3: publishing('cleanStart: false') })
    const connection = await broker.connection(1)
    await until('both are sent', () => sent(connection.packets).length === 2)
    await bench.devices.act('o3', 'disconnect')
    await broker.receives(connection, 'disconnect')
    await until('it has closed', () => connection.closed)
  })

  it('on power loss is nothing at all', async () => {
    const { bench, broker } = stage
    bench.run({ o4: script('return {}') })
    const connection = await broker.connection(1)
    await bench.reaches('o4', 'online')
    const ended = new Promise((resolve) => connection.socket.once('error', resolve))
    await bench.devices.act('o4', 'powerLoss')
    expect(await ended).toMatchObject({ code: 'ECONNRESET' })
    expect(connection.packets.map(({ cmd }) => cmd)).toEqual(['connect'])
  })
})
