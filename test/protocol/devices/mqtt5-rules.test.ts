import type { Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { script } from '../../helpers/device-bench.ts'
import { setScriptedStage } from '../../helpers/device-stage.ts'
import { sends } from '../../helpers/device-wire.ts'
import type { ScriptedConnection } from '../../helpers/scripted-broker.ts'

const stage = setScriptedStage()

const kept = "protocolVersion: 5, cleanStart: false, sessionExpiryInterval: '1h', reconnect: { after: '20ms' }"

describe('Topic Aliases', () => {
  it('stand for the topics of a device, the one that was used longest ago making room', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { topicAliasMaximum: 2 } }
    bench.run({
      ta1: script(`
        return {
          client: { ${kept}, topicAliases: true },
          async connected({ client, sessionPresent }) {
            if (sessionPresent) return
            for (const topic of ['a', 'b', 'a', 'c', 'a', 'b']) await client.publish(topic, '')
            client.publish('a', 'in flight', { qos: 1 })
          },
        }`),
    })
    const aliases = ({ packets }: ScriptedConnection) =>
      packets.flatMap((packet) =>
        packet.cmd === 'publish' ? [`${packet.topic}=${packet.properties?.topicAlias}`] : [],
      )
    const first = await broker.connection(1)
    await sends(first, 7)
    expect(aliases(first)).toEqual(['a=1', 'b=2', '=1', 'c=2', '=1', 'b=2', '=1'])
    broker.connack = { sessionPresent: true, properties: { topicAliasMaximum: 2 } }
    first.socket.destroy()
    const second = await broker.connection(2)
    await sends(second, 1)
    expect(aliases(second)).toEqual(['a=undefined'])
  })

  it("can be a script's own", async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { topicAliasMaximum: 5 } }
    bench.run({
      ta2: script(`
        const tell = (error) => log(error.message)
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.publish('long/topic', '1', { topicAlias: 5, qos: 1 }).catch(tell)
            await client.publish('', '2', { topicAlias: 5, userProperties: { a: 'b' } }).catch(tell)
            await client.publish('', '3', { topicAlias: 4 }).catch(tell)
            await client.publish('x', '4', { topicAlias: 6 }).catch(tell)
            await client.publish('', '5').catch(tell)
            log('end')
          },
        }`),
    })
    const connection = await broker.connection(1)
    await sends(connection, 1)
    connection.send({ cmd: 'puback', messageId: 1, reasonCode: 0x10 })
    await bench.says('ta2', 'end')
    const [one, two] = connection.packets.filter((packet) => packet.cmd === 'publish')
    expect(one).toMatchObject({ topic: 'long/topic', properties: { topicAlias: 5 } })
    expect(two).toMatchObject({ topic: '', properties: { topicAlias: 5, userProperties: { a: 'b' } } })
    expect(bench.console('ta2')).toEqual([
      "publish to '' at QoS 0: Topic Alias 4 stands for no topic on this connection",
      "publish to 'x' at QoS 0: Topic Alias 6 is too high: the broker takes 5",
      'the topic must not be empty',
      'end',
    ])
  })

  it('of the broker stand for topics at every QoS', async () => {
    const { bench, broker } = stage
    bench.run({
      ta3: script(`
        return {
          client: { protocolVersion: 5, topicAliasMaximum: 3 },
          message({ topic, text }) { log(topic, text) },
        }`),
    })
    const connection = await broker.connection(1)
    const send = (topic: string, payload: string, qos: 0 | 1 | 2, messageId: number) =>
      connection.send({
        cmd: 'publish',
        topic,
        payload,
        qos,
        messageId,
        dup: false,
        retain: false,
        properties: { topicAlias: 3 },
      })
    send('first', '0', 0, 0)
    send('', '1', 1, 1)
    send('', '2', 2, 2)
    send('second', '3', 0, 0)
    await broker.receives(connection, 'pubrec')
    connection.send({ cmd: 'pubrel', messageId: 2, reasonCode: 0 })
    await bench.says('ta3', 'first 2')
    expect(bench.console('ta3')).toEqual(['first 0', 'first 1', 'second 3', 'first 2'])
  })
})

describe('what a broker does not take', () => {
  it('is refused before it is sent', async () => {
    const { bench, broker } = stage
    broker.connack = { properties: { maximumQoS: 1, retainAvailable: false, maximumPacketSize: 30 } }
    bench.run({
      bl1: script(`
        const tell = (error) => log(error.name, error.reasonCode, error.message)
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.publish('t', '', { qos: 2 }).catch(tell)
            await client.publish('t', '', { retain: true }).catch(tell)
            await client.publish('t', 'x'.repeat(30)).catch(tell)
            await client.publish('t', 'x'.repeat(30), { qos: 1 }).catch(tell)
            await client.publish('t', 'fits')
            log('end')
          },
        }`),
    })
    const connection = await broker.connection(1)
    await bench.says('bl1', 'end')
    expect(await sends(connection, 1)).toEqual(['undefined fits'])
    expect(bench.console('bl1')).toEqual([
      "RefusedError undefined publish to 't' at QoS 2: the broker takes messages up to QoS 1 only",
      "RefusedError undefined publish to 't' at QoS 0: the broker does not keep retained messages",
      "RefusedError undefined publish to 't' at QoS 0: the packet has 36 octets, and the broker takes 30",
      "RefusedError undefined publish to 't' at QoS 1: the packet has 38 octets, and the broker takes 30",
      'end',
    ])
  })

  it('and was sent to it before is not sent again', async () => {
    const { bench, broker } = stage
    bench.run({
      bl2: script(`
        return {
          client: { ${kept} },
          connected({ client, sessionPresent }) {
            if (sessionPresent) return log('again')
            client.publish('t', 'x'.repeat(100), { qos: 1 }).catch((error) => log(error.message))
            client.publish('t', 'small', { qos: 1 }).then(() => log('small done'))
          },
        }`),
    })
    const first = await broker.connection(1)
    await sends(first, 2)
    broker.connack = { sessionPresent: true, properties: { maximumPacketSize: 30 } }
    first.socket.destroy()
    const second = await broker.connection(2)
    expect(await sends(second, 1)).toEqual(['2 small DUP'])
    second.send({ cmd: 'puback', messageId: 2, reasonCode: 0 })
    await bench.says('bl2', 'small done')
    expect(bench.console('bl2')).toEqual([
      "publish to 't' at QoS 1: the packet has 108 octets, and the broker takes 30",
      'again',
      'small done',
    ])
  })
})

describe('what the broker says', () => {
  async function disconnected(id: string, packet: Packet): Promise<void> {
    const { bench, broker } = stage
    bench.run({
      [id]: script(`
        return {
          client: { protocolVersion: 5, reconnect: false },
          disconnected({ reason, reasonCode, properties }) { log(reason, reasonCode, properties) },
        }`),
    })
    const connection = await broker.connection(1)
    await bench.reaches(id, 'online')
    connection.send(packet)
    connection.socket.end()
  }

  it('with DISCONNECT is why a connection has ended', async () => {
    await disconnected('dc1', {
      cmd: 'disconnect',
      reasonCode: 0x8e,
      properties: { reasonString: 'there can be only one', userProperties: { by: 'me' }, serverReference: 'other' },
    })
    await stage.bench.says(
      'dc1',
      'disconnected by the broker: session taken over (there can be only one) 142 {"reasonString":"there can be only one","userProperties":{"by":"me"},"serverReference":"other"}',
    )
  })

  it('with an alias that it was not given is an end, and says whose fault it is', async () => {
    await disconnected('dc2', {
      cmd: 'publish',
      topic: 'a',
      payload: '',
      qos: 0,
      dup: false,
      retain: false,
      properties: { topicAlias: 1 },
    })
    await stage.bench.says(
      'dc2',
      /^connection lost: the broker broke the rules of MQTT \(.*Topic Alias.*\) undefined \{\}$/,
    )
  })

  it('with a Reason Code of 0x80 or more rejects the promise, with its words', async () => {
    const { bench, broker } = stage
    broker.answer = (packet, connection) => {
      const properties = { reasonString: 'because', userProperties: { a: ['1', '2'] } }
      const messageId = packet.messageId ?? 0
      if (packet.cmd === 'subscribe') connection.send({ cmd: 'suback', messageId, granted: [0x87], properties })
      if (packet.cmd === 'unsubscribe') connection.send({ cmd: 'unsuback', messageId, granted: [0x11], properties })
      if (packet.cmd === 'publish') connection.send({ cmd: 'puback', messageId, reasonCode: 0x97, properties })
    }
    bench.run({
      rc1: script(`
        const tell = ({ message, reasonCode, reasonString, userProperties }) => log(message, reasonCode, reasonString, userProperties)
        return {
          client: { protocolVersion: 5 },
          async connected({ client }) {
            await client.subscribe('s').catch(tell)
            await client.publish('p', '', { qos: 1 }).catch(tell)
            await client.unsubscribe('u')
            log('end')
          },
        }`),
    })
    await bench.says('rc1', 'end')
    expect(bench.console('rc1')).toEqual([
      'the broker refused to subscribe to \'s\': not authorized (because) 135 because {"a":["1","2"]}',
      'the broker refused to publish to \'p\': quota exceeded (because) 151 because {"a":["1","2"]}',
      'end',
    ])
  })
})
