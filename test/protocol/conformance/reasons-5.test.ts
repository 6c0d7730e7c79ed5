import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { rule } from '../../helpers/conformance.ts'
import { expectClosed, expectDisconnect } from '../../helpers/conformance-expect.ts'
import { ack, connect, disconnect, packet, pingreq, properties, publish, subscribe } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

describe('Reason Codes', () => {
  rule({ v5: '3.4.2-1 3.5.2-1' }, 'of PUBACK and PUBREC may say that nobody is subscribed', async (trial) => {
    const client = await trial.connect()
    const topic = trial.name()
    for (const qos of [1, 2]) {
      expect([0x00, 0x10]).toContain((await client.publish(topic, '', { qos }))?.code)
    }
    await client.subscribe([[topic, 0]])
    for (const qos of [1, 2]) expect((await client.publish(topic, '', { qos }))?.code).toBe(0)
  })

  rule(
    { v5: '3.7.2-1 3.6.2-1' },
    'say that a Packet Identifier is not known',
    async (trial) => {
      const client = await trial.connect()
      client.send(ack('PUBREL', 77))
      expect(await client.receive('PUBCOMP')).toMatchObject({ packetId: 77, code: 0x92 })
      client.send(ack('PUBREC', 78))
      expect(await client.receive('PUBREL')).toMatchObject({ packetId: 78, code: 0x92 })
      client.send(ack('PUBCOMP', 78))
      await client.ping()
    },
    { why: 'it says 0x00' },
  )

  rule({ v5: '4.3.3-8 3.5.2-1' }, 'of all acknowledgements may be left out, or be there', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[topic, 2]])
    for (const [code, list] of [
      [undefined, undefined],
      [0, undefined],
      [0, []],
      [0, [['reasonString', 'fine']]],
    ] as const) {
      await client.publish(topic, 'one', { qos: 1 })
      client.send(ack('PUBACK', (await client.receive('PUBLISH')).packetId, code, list))
      client.send(publish(5, topic, 'two', { qos: 2, packetId: 500 }))
      await client.receive('PUBREC')
      client.send(ack('PUBREL', 500, code, list))
      await client.receive('PUBCOMP')
      const { packetId } = await client.receive('PUBLISH')
      client.send(ack('PUBREC', packetId, code, list))
      expect(await client.receive('PUBREL')).toMatchObject({ packetId, code: 0 })
      client.send(ack('PUBCOMP', packetId, code, list))
      await client.expectNothing()
    }
  })

  rule(
    { v5: '3.4.2-1 3.5.2-1 3.6.2-1 3.7.2-1 4.13.1-1' },
    'that do not exist end the connection',
    async (trial) => {
      for (const kind of ['PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'] as const) {
        const topic = trial.name(kind)
        const client = await trial.connect({ id: trial.name(kind.toLowerCase()) })
        await client.subscribe([[topic, 1]])
        client.send(ack(kind, 1, 0x7f))
        await expectClosed(client)
      }
    },
    { why: 'it does not look' },
  )

  rule({ v5: '3.1.2-29' }, 'come without Reason String where CONNECT wants none', async (trial) => {
    const client = await trial.connect({ properties: [['requestProblemInformation', 0]] })
    const came = [
      await client.publish(trial.name(), '', { qos: 1 }),
      await client.publish(trial.name(), '', { qos: 2 }),
      await client.unsubscribe([trial.name()]),
      await client.subscribe([[trial.name(), 1]]),
    ]
    client.send(ack('PUBREL', 77))
    came.push(await client.receive('PUBCOMP'))
    for (const one of came) {
      if (one === undefined) continue
      expect(property(one, 'reasonString')).toBeUndefined()
      expect(property(one, 'userProperty')).toBeUndefined()
    }
  })

  rule({ v5: '3.8.4-7 3.9.3-2 4.7.1-1' }, 'of SUBACK say what was not granted, and grant the rest', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    client.send(
      subscribe(5, 1, [
        [topic, 1],
        [`${topic}+`, 1],
        [`${topic}/#`, 2],
      ]),
    )
    const came = await client.next()
    // Also allowed: the filter makes the packet malformed.
    if (came.kind === 'DISCONNECT') return expect([0x81, 0x82, 0x8f]).toContain(came.code)
    expect(came.codes).toEqual([1, 0x8f, 2])
    await client.publish(`${topic}/a`, 'hello', { qos: 2 })
    expect((await client.take()).qos).toBe(2)
  })
})

describe('DISCONNECT of the broker', () => {
  const quiet = { why: 'it closes without a word' }

  rule(
    { v5: '3.14.2-1 3.14.4-1 3.14.4-2 4.13.2-1 4.13.1-1 3.14.2-2' },
    'says that a packet is malformed',
    async (trial) => {
      const client = await trial.connect()
      client.send(packet(0x80, 0, 1, properties(), 0, 1, 'a', 0), pingreq)
      const came = await expectDisconnect(client, 0x81)
      expect(property(came, 'sessionExpiryInterval')).toBeUndefined()
    },
  )

  rule(
    { v5: '3.14.1-1' },
    'answers one with reserved flags',
    async (trial) => {
      const client = await trial.connect()
      client.send(Buffer.of(0xe2, 0))
      await expectDisconnect(client, 0x81)
    },
    quiet,
  )

  rule(
    { v5: '3.1.0-2 4.13.1-1' },
    'says that a second CONNECT is a Protocol Error',
    async (trial) => {
      const id = trial.name()
      const client = await trial.connect({ id })
      client.send(connect({ version: 5, id }))
      await expectDisconnect(client, 0x82)
    },
    quiet,
  )

  rule({ v5: '3.3.1-4' }, 'says that QoS 3 is malformed', async (trial) => {
    const client = await trial.connect()
    client.send(publish(5, trial.name(), '', { qos: 3, packetId: 1 }))
    await expectDisconnect(client, 0x81)
  })

  rule({ v5: '3.3.2-2' }, 'says that a Topic Name is invalid', async (trial) => {
    const client = await trial.connect()
    client.send(publish(5, 'a/#', ''))
    await expectDisconnect(client, 0x90, 0x81, 0x82)
  })

  rule({ v5: '1.5.4-1' }, 'says that text is malformed', async (trial) => {
    const client = await trial.connect()
    client.send(publish(5, Buffer.of(0xff), ''))
    await expectDisconnect(client, 0x81)
  })

  rule(
    { v5: '3.1.2-22' },
    'says that Keep Alive ran out',
    async (trial) => {
      const client = await trial.connect({ keepAlive: 1 })
      await expectDisconnect(client, 0x8d)
    },
    quiet,
  )

  rule({ v5: '3.14.0-1' }, 'does not come before CONNACK', async (trial) => {
    for (const bytes of [
      Buffer.of(0, 0),
      connect({ version: 5, flags: 1 }),
      Buffer.of(0x10, 0xff, 0xff, 0xff, 0xff, 1),
    ]) {
      const client = await trial.open()
      client.send(bytes)
      expect((await client.closing()).filter(({ kind }) => kind === 'DISCONNECT')).toEqual([])
    }
  })
})

describe('DISCONNECT of the client', () => {
  rule({ v5: '3.14.4-3' }, 'may have no code, a code, and properties', async (trial) => {
    const forms = [
      disconnect(),
      disconnect(0),
      disconnect(0, []),
      disconnect(0, [
        ['reasonString', 'tired'],
        ['userProperty', ['a', 'b']],
      ]),
    ]
    for (const [index, bytes] of forms.entries()) {
      const topic = trial.name('w')
      const watcher = await trial.connect({ id: trial.name(`w${index}`) })
      await watcher.subscribe([[topic, 0]])
      const client = await trial.connect({ id: trial.name(`f${index}`), will: { topic, payload: 'unwanted' } })
      client.send(bytes)
      expect(await client.closing()).toEqual([])
      await watcher.expectNothing()
    }
  })

  rule(
    { v5: '3.14.2-1 4.13.1-1' },
    'has a code that a client may send',
    async (trial) => {
      for (const code of [0x01, 0x7f, 0x8e]) {
        const topic = trial.name('w')
        const watcher = await trial.connect({ id: trial.name(`w${code}`) })
        await watcher.subscribe([[topic, 0]])
        const client = await trial.connect({ id: trial.name(`f${code}`), will: { topic, payload: 'gone' } })
        client.send(disconnect(code))
        await expectClosed(client)
        expect((await watcher.take()).text).toBe('gone')
      }
    },
    { why: 'it does not look' },
  )

  rule({ v311: '3.14.4-2 3.14.4-3', v5: '3.14.4-1 3.14.4-2' }, 'is the last that is looked at', async (trial) => {
    const topic = trial.name()
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 0]])
    const client = await trial.connect()
    client.send(publish(trial.version, topic, 'wanted'), disconnect(), publish(trial.version, topic, 'unwanted'))
    expect(await client.closing()).toEqual([])
    expect((await watcher.take()).text).toBe('wanted')
    await watcher.expectNothing()
  })
})
