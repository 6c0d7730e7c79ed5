import { Buffer } from 'node:buffer'
import { describe, expect } from 'vitest'
import { type Cited, type Deviation, rule, type Trial } from '../../helpers/conformance.ts'
import { expectClosed } from '../../helpers/conformance-expect.ts'
import {
  ack,
  connect,
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
  variable,
} from '../../helpers/mqtt-octets.ts'

const none = (version: Version) => (version === 5 ? properties() : Buffer.alloc(0))

describe('the stream of octets', () => {
  rule({ v31: '§2.1', v311: '4.2.0-1 7.1.1-1', v5: '4.2.0-1' }, 'may come in segments of one octet', async (trial) => {
    const { version } = trial
    const topic = trial.name()
    const client = await trial.open()
    await client.sendOctetByOctet(
      octets(
        connect({ version, id: trial.name(), will: { topic: `${topic}/will`, payload: 'x'.repeat(200) } }),
        subscribe(version, 1, [[topic, 2]]),
        publish(version, topic, 'x'.repeat(200), { qos: 1, packetId: 2 }),
      ),
    )
    await client.receive('CONNACK')
    await client.receive('SUBACK')
    await client.receive('PUBACK')
    expect((await client.take()).payload).toHaveLength(200)
  })

  rule({ v311: '4.2.0-1', v5: '4.2.0-1' }, 'may hold many packets in one segment', async (trial) => {
    const { version } = trial
    const topic = trial.name()
    const client = await trial.open()
    client.send(
      connect({ version, id: trial.name() }),
      subscribe(version, 1, [[topic, 1]]),
      ...Array.from({ length: 50 }, (_, index) => publish(version, topic, String(index))),
      unsubscribe(version, 2, [topic]),
      publish(version, topic, 'unwanted'),
      pingreq,
    )
    await client.receive('PINGRESP')
    expect((await client.receiveAll('PUBLISH', 50)).map(({ text }) => text)).toEqual(
      Array.from({ length: 50 }, (_, index) => String(index)),
    )
    expect(client.unread.map(({ kind }) => kind)).toEqual(['CONNACK', 'SUBACK', 'UNSUBACK'])
  })

  rule({ v311: '4.8.0-1', v5: '4.13.1-1' }, 'that is broken harms no other', async (trial) => {
    const other = await trial.connect()
    const topic = trial.name()
    await other.subscribe([[topic, 0]])
    const client = await trial.connect()
    client.send(publish(trial.version, topic, 'before'), Buffer.of(0x00, 0x00))
    await expectClosed(client)
    expect((await other.take()).text).toBe('before')
    await other.ping()
  })
})

/** What Mosquitto takes as if it were right. */
const tolerated: Deviation = { why: 'it does not look' }

describe('reserved flags of the Fixed Header', () => {
  const wrong: readonly (readonly [Cited, string, (version: Version) => Buffer, Deviation?])[] = [
    [{ v311: '3.8.1-1', v5: '3.8.1-1' }, 'SUBSCRIBE of 0', (version) => flagged(subscribe(version, 1, [['a', 0]]), 0)],
    [{ v311: '3.8.1-1', v5: '3.8.1-1' }, 'SUBSCRIBE of 3', (version) => flagged(subscribe(version, 1, [['a', 0]]), 3)],
    [{ v311: '3.10.1-1', v5: '3.10.1-1' }, 'UNSUBSCRIBE of 0', (version) => flagged(unsubscribe(version, 1, ['a']), 0)],
    [
      { v311: '3.10.1-1', v5: '3.10.1-1' },
      'UNSUBSCRIBE of 15',
      (version) => flagged(unsubscribe(version, 1, ['a']), 15),
    ],
    [{ v311: '3.6.1-1', v5: '3.6.1-1' }, 'PUBREL of 0', () => flagged(ack('PUBREL', 1), 0)],
    [{ v311: '3.6.1-1', v5: '3.6.1-1' }, 'PUBREL of 6', () => flagged(ack('PUBREL', 1), 6)],
    [{ v311: '2.2.2-1 2.2.2-2', v5: '2.1.3-1' }, 'PUBACK of 2', () => flagged(ack('PUBACK', 1), 2), tolerated],
    [{ v311: '2.2.2-1 2.2.2-2', v5: '2.1.3-1' }, 'PUBREC of 2', () => flagged(ack('PUBREC', 1), 2), tolerated],
    [{ v311: '2.2.2-1 2.2.2-2', v5: '2.1.3-1' }, 'PUBCOMP of 2', () => flagged(ack('PUBCOMP', 1), 2), tolerated],
    [{ v311: '2.2.2-1 2.2.2-2', v5: '2.1.3-1' }, 'PINGREQ of 1', () => Buffer.of(0xc1, 0), tolerated],
    [{ v311: '3.14.1-1', v5: '3.14.1-1' }, 'DISCONNECT of 1', () => Buffer.of(0xe1, 0)],
  ]
  for (const [cited, what, make, deviation] of wrong) {
    rule(
      cited,
      `end the connection: ${what}`,
      async (trial) => {
        const client = await trial.connect()
        client.send(make(trial.version))
        await expectClosed(client)
      },
      deviation,
    )
  }

  rule({ v311: '2.2.2-1 3.1.4-1', v5: '2.1.3-1 3.1.4-1' }, 'end the connection: CONNECT of 1', async (trial) => {
    const client = await trial.open()
    client.send(flagged(connect({ version: trial.version, id: trial.name() }), 1))
    expect((await client.closing()).filter(({ code }) => code < 0x80)).toEqual([])
  })

  rule({ v5: '3.15.1-1 2.1.3-1' }, 'end the connection: AUTH of 1', async (trial) => {
    const client = await trial.connect()
    client.send(packet(0xf1, 0x18, properties()))
    await expectClosed(client)
  })
})

function flagged(bytes: Buffer, flags: number): Buffer {
  return Buffer.concat([Buffer.of((bytes.readUInt8() & 0xf0) | flags), bytes.subarray(1)])
}

describe('a packet that no client may send', () => {
  const wrong: Readonly<Record<string, Buffer>> = {
    'of type 0': Buffer.of(0x00, 0x00),
    CONNACK: packet(0x20, 0, 0),
    SUBACK: packet(0x90, 0, 1, 0),
    UNSUBACK: packet(0xb0, 0, 1),
    PINGRESP: packet(0xd0),
  }
  const toleratedIn: Readonly<Record<string, Deviation>> = {
    SUBACK: { ...tolerated, versions: [4] },
    UNSUBACK: { ...tolerated, versions: [4] },
    PINGRESP: tolerated,
  }
  for (const [what, bytes] of Object.entries(wrong)) {
    const test = async (trial: Trial) => {
      const client = await trial.connect()
      client.send(bytes)
      await expectClosed(client)
    }
    rule({ v311: '4.8.0-1', v5: '4.13.1-1' }, `ends the connection: ${what}`, test, toleratedIn[what])
  }

  rule({ v311: '4.8.0-1' }, 'ends the connection: type 15', async (trial) => {
    const client = await trial.connect()
    client.send(Buffer.of(0xf0, 0x00))
    await expectClosed(client)
  })
})

describe('the length of a packet', () => {
  const wrong: Readonly<Record<string, (version: Version) => Buffer>> = {
    'Remaining Length of five octets': () => Buffer.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x01),
    'PINGREQ with a payload': () => packet(0xc0, 0),
    'PUBLISH that is empty': () => packet(0x30),
    'PUBLISH whose topic is longer': () => packet(0x30, u16(10), 'short'),
    'PUBLISH without its Packet Identifier': (version) => packet(0x32, field('a'), ...(version === 5 ? [] : [0])),
    'PUBACK of one octet': () => packet(0x40, 0),
    'PUBREL of none': () => packet(0x62),
    'SUBSCRIBE whose filter is longer': (version) => packet(0x82, u16(1), none(version), u16(10), 'a', 0),
    'SUBSCRIBE without options': (version) => packet(0x82, u16(1), none(version), field('a')),
    'UNSUBSCRIBE whose filter is longer': (version) => packet(0xa2, u16(1), none(version), u16(10), 'a'),
  }
  for (const [what, make] of Object.entries(wrong)) {
    const test = async (trial: Trial) => {
      const client = await trial.connect()
      client.send(make(trial.version))
      await expectClosed(client)
    }
    const deviation = what.startsWith('PINGREQ') ? tolerated : undefined
    rule({ v311: '4.8.0-1', v5: '4.13.1-1' }, `is what its fields need: ${what}`, test, deviation)
  }

  rule(
    { v311: '4.8.0-1' },
    'of acknowledgements is two',
    async (trial) => {
      for (const first of [0x40, 0x50, 0x62, 0x70]) {
        const client = await trial.connect({ id: trial.name(String(first)) })
        client.send(packet(first, u16(1), 0))
        await expectClosed(client)
      }
    },
    tolerated,
  )

  rule({ v311: '4.8.0-1' }, 'of DISCONNECT is nothing', async (trial) => {
    const client = await trial.connect()
    client.send(packet(0xe0, 0))
    await expectClosed(client)
  })

  rule(
    { v5: '1.5.5-1' },
    'is written with as few octets as it needs',
    async (trial) => {
      const wasteful = [
        octets(0x30, variable(4, 2), field('a'), properties()),
        packet(0x30, field('a'), variable(0, 2)),
        packet(0x82, u16(1), variable(3), 0x0b, variable(5, 2), field('a'), 0),
      ]
      for (const [index, bytes] of wasteful.entries()) {
        const client = await trial.connect({ id: trial.name(String(index)) })
        client.send(bytes)
        await expectClosed(client)
      }
    },
    tolerated,
  )

  rule({ v5: '2.2.2-1 4.13.1-1' }, 'of the properties is there, and fits', async (trial) => {
    const wrong = [
      packet(0x30, field('a')),
      packet(0x30, field('a'), variable(5), 0x01, 0),
      packet(0x82, u16(1), variable(100), field('a'), 0),
      packet(0x82, u16(1), variable(1), 0x0b, field('a'), 0),
    ]
    for (const [index, bytes] of wrong.entries()) {
      const client = await trial.connect({ id: trial.name(String(index)) })
      client.send(bytes)
      await expectClosed(client)
    }
  })
})

describe('a Packet Identifier', () => {
  const zero: Readonly<Record<string, (version: Version) => Buffer>> = {
    'PUBLISH of QoS 1': (version) => publish(version, 'a', '', { qos: 1, packetId: 0 }),
    'PUBLISH of QoS 2': (version) => publish(version, 'a', '', { qos: 2, packetId: 0 }),
    SUBSCRIBE: (version) => subscribe(version, 0, [['a', 0]]),
    UNSUBSCRIBE: (version) => unsubscribe(version, 0, ['a']),
  }
  for (const [what, make] of Object.entries(zero)) {
    rule({ v311: '2.3.1-1', v5: '2.2.1-3' }, `is not 0: ${what}`, async (trial) => {
      const client = await trial.connect()
      client.send(make(trial.version))
      await expectClosed(client)
    })
  }

  rule({ v311: '2.3.1-5', v5: '2.2.1-2' }, 'is not there at QoS 0', async (trial) => {
    const topic = trial.name()
    const client = await trial.connect()
    await client.subscribe([[topic, 2]])
    await client.publish(topic, Buffer.of(0, 7, 8))
    const came = await client.take()
    // As the packet has no other octets, there is none.
    expect(came).toMatchObject({ qos: 0, payload: Buffer.of(0, 7, 8) })
  })
})
