import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import { expectClosed, expectRefused } from '../../helpers/conformance-expect.ts'
import {
  connect,
  disconnect,
  field,
  octets,
  packet,
  pingreq,
  properties,
  publish,
  subscribe,
  u16,
  unsubscribe,
  type Version,
} from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

const illFormed = Buffer.of(0x61, 0xc3, 0x28)

/** What follows the flags and the Keep Alive in the Variable Header. */
function none(version: Version): Buffer {
  return version === 5 ? properties() : Buffer.alloc(0)
}

/** A CONNECT of these flags with this payload, whatever they promise. */
function loose({ version }: Trial, flags: number, ...payload: readonly Buffer[]): Buffer {
  const protocolName = version === 3 ? 'MQIsdp' : 'MQTT'
  return packet(0x10, field(protocolName), version, flags, u16(0), none(version), ...payload)
}

const willFields = ({ version }: Trial) => [...(version === 5 ? [properties()] : []), field('a'), field('b')]

describe('the first packet', () => {
  const firsts: Readonly<Record<string, (version: Version) => Buffer>> = {
    PUBLISH: (version) => publish(version, 'a', 'b'),
    SUBSCRIBE: (version) => subscribe(version, 1, [['a', 0]]),
    UNSUBSCRIBE: (version) => unsubscribe(version, 1, ['a']),
    PINGREQ: () => pingreq,
    DISCONNECT: () => disconnect(),
    CONNACK: () => packet(0x20, 0, 0),
  }
  for (const [kind, bytes] of Object.entries(firsts)) {
    rule({ v31: '§3.1', v311: '3.1.0-1', v5: '3.1.0-1' }, `must be CONNECT, not ${kind}`, async (trial) => {
      const client = await trial.open()
      client.send(bytes(trial.version), connect({ version: trial.version, id: trial.name() }))
      expect(await client.closing()).toEqual([])
    })
  }

  rule({ v31: '§3.1', v311: '3.1.0-2 4.8.0-1', v5: '3.1.0-2' }, 'may not be repeated', async (trial) => {
    const id = trial.name()
    const client = await trial.connect({ id })
    client.send(connect({ version: trial.version, id }))
    await expectClosed(client)
  })

  rule({ v311: '3.1.0-2', v5: '3.1.0-2 3.2.0-2' }, 'may not be repeated, also in one segment', async (trial) => {
    const bytes = connect({ version: trial.version, id: trial.name() })
    const client = await trial.open()
    client.send(bytes, bytes)
    await client.receive('CONNACK')
    await expectClosed(client)
  })
})

describe('the protocol', () => {
  for (const protocolName of ['MQTX', 'mqtt', 'MQT', 'MQTTT', '']) {
    rule({ v311: '3.1.2-1', v5: '3.1.2-1' }, `is not '${protocolName}'`, async (trial) => {
      const client = await trial.open(5)
      client.send(connect({ version: trial.version, id: trial.name(), protocolName }), pingreq)
      const came = await client.closing()
      // A Server may reveal that it speaks MQTT 5 [MQTT5-3.1.2-1].
      expect(came.filter(({ kind, code }) => kind !== 'CONNACK' || code !== 0x84)).toEqual([])
    })
  }

  for (const level of [0, 1, 2, 6, 127]) {
    rule({ v311: '3.1.2-2 3.2.2-4 3.2.2-5', v5: '3.1.2-2' }, `of level ${level} is refused`, async (trial) => {
      // The forms of both versions can be read so.
      const client = await trial.open(5)
      client.send(connect({ version: trial.version, id: trial.name(), level }))
      const came = await client.closing()
      expect(came.map(({ kind, sessionPresent }) => [kind, sessionPresent])).toEqual([['CONNACK', false]])
      expect([0x01, 0x84]).toContain(came[0]?.code)
    })
  }
})

describe('the flags of CONNECT', () => {
  rule({ v311: '3.1.2-3', v5: '3.1.2-3' }, 'have a reserved bit that must be 0', async (trial) => {
    await expectRefused(trial, connect({ version: trial.version, id: trial.name(), flags: 0x03 }))
  })

  rule({ v311: '3.1.2-11 3.1.2-13', v5: '3.1.2-11' }, 'have no Will QoS without a Will', async (trial) => {
    for (const flags of [0x0a, 0x12]) {
      await expectRefused(trial, connect({ version: trial.version, id: trial.name(), flags }))
    }
  })

  rule({ v311: '3.1.2-11 3.1.2-15', v5: '3.1.2-13' }, 'have no Will Retain without a Will', async (trial) => {
    await expectRefused(trial, connect({ version: trial.version, id: trial.name(), flags: 0x22 }))
  })

  // "If the Will flag is set, the Will QoS field is mandatory, otherwise its value is disregarded"; so is Will Retain.
  rule(
    { v31: '§3.1' },
    'may have Will QoS and Will Retain without a Will',
    async (trial) => {
      for (const flags of [0x0a, 0x1a, 0x22, 0x3a]) {
        const client = await trial.open()
        expect(await client.connect({ id: trial.name(), flags })).toMatchObject({ code: 0 })
      }
    },
    { why: 'it refuses Will QoS 3' },
  )

  rule({ v311: '3.1.2-14', v5: '3.1.2-12' }, 'have no Will QoS 3', async (trial) => {
    const will = { topic: 'a', payload: 'b', qos: 3 }
    await expectRefused(trial, connect({ version: trial.version, id: trial.name(), will }))
  })

  rule({ v311: '3.1.2-14', v5: '3.1.2-12' }, 'have Will QoS 0, 1 or 2', async (trial) => {
    for (const qos of [0, 1, 2]) {
      const client = await trial.connect({
        id: trial.name(String(qos)),
        will: { topic: trial.name(), payload: '', qos },
      })
      await client.disconnect()
    }
  })

  rule({ v311: '3.1.2-9', v5: '3.1.2-9' }, 'promise a Will that must be there', async (trial) => {
    await expectRefused(trial, loose(trial, 0x06, field(trial.name())))
    await expectRefused(trial, loose(trial, 0x06, field(trial.name()), ...willFields(trial).slice(0, -1)))
  })

  rule({ v311: '3.1.2-11', v5: '3.1.4-1' }, 'without the Will Flag allow no Will in the payload', async (trial) => {
    await expectRefused(trial, loose(trial, 0x02, field(trial.name()), ...willFields(trial)))
  })

  rule({ v311: '3.1.2-19 3.1.2-21', v5: '3.1.2-17 3.1.2-19' }, 'promise a User Name and a Password', async (trial) => {
    await expectRefused(trial, loose(trial, 0x82, field(trial.name())))
    await expectRefused(trial, loose(trial, 0xc2, field(trial.name()), field('user')))
  })

  rule({ v311: '3.1.2-18 3.1.2-20', v5: '3.1.2-16 3.1.2-18' }, 'say whether they are there', async (trial) => {
    await expectRefused(trial, loose(trial, 0x02, field(trial.name()), field('user')))
    await expectRefused(trial, loose(trial, 0x82, field(trial.name()), field('user'), field('secret')))
  })

  rule({ v311: '3.1.2-22' }, 'allow no Password without a User Name', async (trial) => {
    await expectRefused(trial, connect({ version: trial.version, id: trial.name(), password: 'secret' }))
  })

  rule({ v5: '3.1.4-5' }, 'allow a Password without a User Name', async (trial) => {
    await trial.connect({ password: 'token' })
  })
})

describe('the payload of CONNECT', () => {
  rule({ v311: '3.1.3-3', v5: '3.1.3-3' }, 'has a Client Identifier', async (trial) => {
    await expectRefused(trial, loose(trial, 0x02))
  })

  rule({ v311: '3.1.3-1', v5: '3.1.3-1' }, 'has its fields in their order', async (trial) => {
    const topic = trial.name('will')
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 2]])
    const client = await trial.connect({
      will: { topic, payload: 'gone', qos: 1 },
      userName: 'user',
      password: 'secret',
    })
    client.reset()
    expect(await watcher.take()).toMatchObject({ topic, text: 'gone', qos: 1 })
  })

  rule({ v311: '3.1.3-4 1.5.3-1', v5: '3.1.3-4 1.5.4-1' }, 'has a Client Identifier of UTF-8', async (trial) => {
    await expectRefused(trial, connect({ version: trial.version, id: illFormed }))
  })

  rule({ v311: '3.1.3-10', v5: '3.1.3-11' }, 'has a Will Topic of UTF-8', async (trial) => {
    const will = { topic: illFormed, payload: '' }
    await expectRefused(trial, connect({ version: trial.version, id: trial.name(), will }))
  })

  rule({ v311: '3.1.3-11', v5: '3.1.3-12' }, 'has a User Name of UTF-8', async (trial) => {
    await expectRefused(trial, connect({ version: trial.version, id: trial.name(), userName: illFormed }))
  })

  rule({ v311: '4.7.1-1 4.7.3-1', v5: '4.7.0-1 4.7.3-1' }, 'has a Will Topic that is a Topic Name', async (trial) => {
    for (const topic of ['a/#', '+/a', '']) {
      const will = { topic, payload: 'b' }
      await expectRefused(trial, connect({ version: trial.version, id: trial.name(), will }))
    }
  })

  rule({ v31: '§3.1', v311: '3.1.4-1 3.2.2-6', v5: '3.1.4-1' }, 'has nothing after its last field', async (trial) => {
    await expectRefused(trial, loose(trial, 0x02, field(trial.name()), Buffer.of(0)))
  })

  rule({ v311: '3.1.4-1', v5: '3.1.4-1' }, 'is as long as its fields say', async (trial) => {
    await expectRefused(trial, loose(trial, 0x02, octets(u16(100), 'short')))
    await expectRefused(trial, packet(0x10, field('MQTT'), trial.version))
    await expectRefused(trial, packet(0x10))
  })
})

describe('a Client Identifier', () => {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  for (const id of ['a', letters.slice(0, 23), letters.slice(23, 46), letters.slice(39)]) {
    rule({ v31: '§3.1', v311: '3.1.3-5 3.1.4-4', v5: '3.1.3-5 3.1.4-5' }, `may be ${id}`, async (trial) => {
      const client = await trial.connect({ id })
      await client.disconnect()
    })
  }

  rule({ v311: '3.1.3-6 3.1.3-7', v5: '3.1.3-6' }, 'is given to those that bring none', async (trial) => {
    const one = await trial.connect({ id: '' })
    const two = await trial.connect({ id: '' })
    // Were they the same, the first were gone.
    await one.ping()
    await two.ping()
  })

  rule({ v311: '3.1.3-8 3.1.3-9 3.2.2-4 3.2.2-5' }, 'is not given for a Session that is kept', async (trial) => {
    const client = await trial.open()
    const connack = await client.connect({ id: '', clean: false })
    expect(connack).toMatchObject({ code: 2, sessionPresent: false })
    expect(await client.closing()).toEqual([])
  })

  rule({ v31: '§3.1' }, 'is needed', async (trial) => {
    const client = await trial.open()
    expect(await client.connect({ id: '' })).toMatchObject({ code: 2 })
    expect(await client.closing()).toEqual([])
  })

  rule({ v5: '3.1.3-6 3.1.3-7 3.2.2-16' }, 'that was given is told, and can be used again', async (trial) => {
    const given = async (clean: boolean) => {
      const made = await trial.connectAndSee({ id: '', clean, properties: [['sessionExpiryInterval', 60]] })
      expect(made.connack.sessionPresent).toBe(false)
      return { client: made.client, id: property(made.connack, 'assignedClientIdentifier') }
    }
    const [one, two] = [await given(true), await given(false)]
    expect(one.id).toBeTypeOf('string')
    expect(two.id).toBeTypeOf('string')
    expect(one.id).not.toBe('')
    expect(one.id).not.toBe(two.id)
    await one.client.disconnect()
    const { connack } = await trial.connectAndSee({ id: String(one.id), clean: false })
    expect(connack.sessionPresent).toBe(true)
    expect(property(connack, 'assignedClientIdentifier')).toBeUndefined()
  })
})

describe('CONNACK', () => {
  rule(
    { v31: '§3.2', v311: '3.2.0-1 3.1.4-4', v5: '3.2.0-1 3.2.0-2 3.2.2-1' },
    'is the first answer',
    async (trial) => {
      const { version } = trial
      const topic = trial.name()
      const client = await trial.open()
      client.send(
        connect({ version, id: trial.name() }),
        subscribe(version, 1, [[topic, 1]]),
        publish(version, topic, 'hello', { qos: 1, packetId: 2 }),
        pingreq,
      )
      expect((await client.next()).kind).toBe('CONNACK')
      await client.receive('SUBACK')
      expect(await client.take()).toMatchObject({ topic, text: 'hello', qos: 1, dup: false })
      await client.receive('PUBACK')
      await client.receive('PINGRESP')
      await client.expectNothing()
    },
  )

  rule({ v311: '3.1.4-5' }, 'that refuses ends it: what came after is not looked at', async (trial) => {
    const topic = trial.name()
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 0]])
    const client = await trial.open()
    client.send(connect({ id: '', clean: false }), publish(4, topic, 'unwanted', { retain: true }), pingreq)
    expect((await client.closing()).map(({ kind, code }) => [kind, code])).toEqual([['CONNACK', 2]])
    await watcher.expectNothing()
  })

  rule({ v5: '3.1.4-6 4.12.0-1 3.2.2-6 3.2.2-7' }, 'that refuses ends it', async (trial) => {
    const topic = trial.name()
    const watcher = await trial.connect()
    await watcher.subscribe([[topic, 0]])
    const client = await trial.open()
    client.send(
      connect({ version: 5, id: trial.name(), properties: [['authenticationMethod', 'NOBODY-KNOWS-IT']] }),
      publish(5, topic, 'unwanted', { retain: true }),
    )
    const came = await client.closing()
    expect(came.map(({ kind, sessionPresent }) => [kind, sessionPresent])).toEqual([['CONNACK', false]])
    expect([0x8c, 0x87]).toContain(came[0]?.code)
    await watcher.expectNothing()
  })
})
