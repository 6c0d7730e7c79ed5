import { describe, expect } from 'vitest'
import { rule, type Trial } from '../../helpers/conformance.ts'
import { expectRefused } from '../../helpers/conformance-expect.ts'
import {
  auth,
  connect,
  field,
  octets,
  type PropertyList,
  packet,
  publish,
  u16,
  variable,
} from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'

/** A CONNECT with these octets as its properties, and these as those of its Will. */
function raw(trial: Trial, props: Buffer, willProps?: Buffer): Buffer {
  return packet(
    0x10,
    field('MQTT'),
    5,
    willProps === undefined ? 2 : 6,
    u16(0),
    variable(props.length),
    props,
    field(trial.name()),
    ...(willProps === undefined ? [] : [variable(willProps.length), willProps, field('a'), field('b')]),
  )
}

const u32of = (id: number, value: number) => octets(id, 0, 0, value >>> 8, value & 0xff)

describe('the properties of CONNECT', () => {
  const wrong: Readonly<Record<string, Buffer>> = {
    'an unknown one': octets(0x7e, 0),
    'one of another packet': octets(0x23, u16(1)),
    'one of CONNACK': octets(0x25, 1),
    'Session Expiry Interval twice': octets(u32of(0x11, 1), u32of(0x11, 2)),
    'Receive Maximum twice': octets(0x21, u16(1), 0x21, u16(1)),
    'Receive Maximum 0': octets(0x21, u16(0)),
    'Maximum Packet Size twice': octets(u32of(0x27, 100), u32of(0x27, 100)),
    'Maximum Packet Size 0': u32of(0x27, 0),
    'Topic Alias Maximum twice': octets(0x22, u16(1), 0x22, u16(1)),
    'Request Response Information 2': octets(0x19, 2),
    'Request Response Information twice': octets(0x19, 1, 0x19, 1),
    'Request Problem Information 2': octets(0x17, 2),
    'Request Problem Information twice': octets(0x17, 1, 0x17, 1),
    'Authentication Method twice': octets(0x15, field('a'), 0x15, field('a')),
    'Authentication Data without a method': octets(0x16, field('a')),
    'a value cut short': octets(0x11, 0, 0),
    'a User Property without value': octets(0x26, field('name')),
    'a User Property that is no UTF-8': octets(0x26, field(octets(0xff)), field('a')),
    'a User Property with a value that is no UTF-8': octets(0x26, field('a'), field(octets(0xc3, 0x28))),
  }
  for (const [what, props] of Object.entries(wrong)) {
    rule(
      { v5: '3.1.4-1 4.13.1-1 1.5.7-1' },
      `are not ${what}`,
      async (trial) => {
        await expectRefused(trial, raw(trial, props))
      },
      what.startsWith('Authentication Data') ? { why: 'it does not look' } : undefined,
    )
  }

  const wrongWill: Readonly<Record<string, Buffer>> = {
    'an unknown one': octets(0x7e, 0),
    'one of CONNECT': octets(0x21, u16(1)),
    'Will Delay Interval twice': octets(u32of(0x18, 1), u32of(0x18, 1)),
    'Payload Format Indicator 2': octets(0x01, 2),
    'Content Type twice': octets(0x03, field('a'), 0x03, field('a')),
    'Message Expiry Interval twice': octets(u32of(0x02, 1), u32of(0x02, 1)),
    'a Response Topic with a wildcard': octets(0x08, field('a/#')),
  }
  for (const [what, props] of Object.entries(wrongWill)) {
    rule(
      { v5: '3.1.4-1 3.1.2-9' },
      `of a Will are not ${what}`,
      async (trial) => {
        await expectRefused(trial, raw(trial, octets(), props))
      },
      /Format|Response/.test(what) ? { why: 'it does not look' } : undefined,
    )
  }

  rule({ v5: '3.1.4-5 3.2.2-8' }, 'may be all of them', async (trial) => {
    const all: PropertyList = [
      ['userProperty', ['a', '1']],
      ['topicAliasMaximum', 65535],
      ['maximumPacketSize', 0xffffffff],
      ['receiveMaximum', 65535],
      ['requestProblemInformation', 1],
      ['requestResponseInformation', 1],
      ['sessionExpiryInterval', 0xffffffff],
      ['userProperty', ['a', '1']],
    ]
    const { client } = await trial.connectAndSee({ properties: all })
    await client.disconnect(0, [['sessionExpiryInterval', 0]])
  })
})

describe('the properties of CONNACK', () => {
  rule({ v5: '3.2.2-8 3.2.2-1' }, 'are within their bounds, and none comes twice', async (trial) => {
    const { connack } = await trial.connectAndSee({})
    const names = connack.properties.map(([name]) => name).filter((name) => name !== 'userProperty')
    expect(new Set(names).size).toBe(names.length)
    const value = (name: Parameters<typeof property>[1], absent: number) => Number(property(connack, name) ?? absent)
    expect(value('receiveMaximum', 65535)).toBeGreaterThan(0)
    expect(value('maximumPacketSize', 1)).toBeGreaterThan(0)
    expect([0, 1, 2]).toContain(value('maximumQoS', 2))
    for (const name of [
      'retainAvailable',
      'wildcardSubscriptionAvailable',
      'subscriptionIdentifierAvailable',
      'sharedSubscriptionAvailable',
    ] as const) {
      expect([0, 1]).toContain(value(name, 1))
    }
  })

  rule({ v5: '3.1.2-28' }, 'have no Response Information that was not asked for', async (trial) => {
    for (const properties of [[], [['requestResponseInformation', 0]]] as const) {
      const { connack } = await trial.connectAndSee({ id: trial.name(String(properties.length)), properties })
      expect(property(connack, 'responseInformation')).toBeUndefined()
    }
  })

  rule({ v5: '4.12.0-6' }, 'have no Authentication Method where CONNECT has none', async (trial) => {
    const { client, connack } = await trial.connectAndSee({})
    expect(property(connack, 'authenticationMethod')).toBeUndefined()
    await client.expectNothing()
  })

  rule({ v5: '3.2.2-19 3.2.2-20 3.1.2-24' }, 'leave the packet within Maximum Packet Size', async (trial) => {
    const client = await trial.open()
    client.send(
      connect({
        version: 5,
        id: trial.name(),
        properties: [
          ['maximumPacketSize', 20],
          ['authenticationMethod', 'NOBODY-KNOWS-IT'],
        ],
      }),
    )
    for (const { octets } of await client.closing()) expect(octets.length).toBeLessThanOrEqual(20)
  })

  rule({ v5: '3.2.2-9 3.2.2-12 3.2.2-13' }, 'are true of QoS and of retained messages', async (trial) => {
    const { client, connack } = await trial.connectAndSee({})
    const highest = Number(property(connack, 'maximumQoS') ?? 2)
    for (const qos of [0, 1, 2].filter((qos) => qos <= highest)) {
      await client.publish(trial.name(), '', { qos, retain: property(connack, 'retainAvailable') !== 0 })
    }
    await client.ping()
  })
})

describe('enhanced authentication', () => {
  rule({ v5: '4.12.0-1 4.12.0-4 3.2.2-7' }, 'by an unknown method is refused', async (trial) => {
    const client = await trial.open()
    const properties: PropertyList = [
      ['authenticationMethod', 'NOBODY-KNOWS-IT'],
      ['authenticationData', 'secret'],
    ]
    const connack = await client.connect({ id: trial.name(), properties })
    expect([0x8c, 0x87]).toContain(connack.code)
    expect(await client.closing()).toEqual([])
  })

  rule({ v5: '3.1.0-1 4.12.0-7' }, 'does not start a connection with AUTH', async (trial) => {
    const client = await trial.open()
    client.send(auth(0x18, [['authenticationMethod', 'x']]))
    expect((await client.closing()).filter(({ code }) => code < 0x80)).toEqual([])
  })

  for (const code of [0x18, 0x19, 0x00]) {
    rule(
      { v5: '4.12.0-7 4.12.1-1 3.15.2-1' },
      `is not begun with AUTH 0x${code.toString(16)} later`,
      async (trial) => {
        const topic = trial.name('w')
        const watcher = await trial.connect()
        await watcher.subscribe([[topic, 0]])
        const client = await trial.connect({ will: { topic, payload: 'gone' } })
        client.send(auth(code, [['authenticationMethod', 'x']]), publish(5, topic, 'unwanted'))
        const came = await client.closing()
        expect(came.map(({ kind, code }) => [kind, code >= 0x80])).toEqual([['DISCONNECT', true]])
        expect((await watcher.take()).text).toBe('gone')
      },
      { why: 'it closes without a word' },
    )
  }
})
