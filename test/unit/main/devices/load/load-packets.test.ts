import fc from 'fast-check'
import { generate, type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import type { ClientSettings } from '../../../../../app/script-api/crossing.ts'
import { encodePublish } from '../../../../../main/devices/guest/encode-publish.ts'
import { encodeAnswer, encodeConnect, withDup } from '../../../../../main/devices/load/load-packets.ts'
import { readAnswer, readConnack, readPublishId } from '../../../../../main/devices/load/load-read.ts'

function read(octets: Buffer, protocolVersion: 3 | 4 | 5): Packet {
  let found: Packet | undefined
  const reader = parser({ protocolVersion })
  reader.on('packet', (packet) => {
    found = packet
  })
  reader.on('error', (error) => {
    throw error
  })
  reader.parse(octets)
  if (found === undefined) throw new Error('no whole packet')
  return found
}

const version = fc.constantFrom<3 | 4 | 5>(3, 4, 5)
const id = fc.integer({ min: 1, max: 65_535 })

describe('a PUBLISH of text', () => {
  it('writes what any client reads, however long it is', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }).filter((topic) => !/[+#\0]/.test(topic)),
        fc.tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(1, 120, 16_400, 1_050_000)),
        fc.constantFrom<0 | 1 | 2>(0, 1, 2),
        fc.boolean(),
        id,
        version,
        (topic, [text, times], qos, retain, packetId, protocolVersion) => {
          const payload = [...text].slice(0, 2).join('').repeat(times)
          const octets = encodePublish({ topic, payload, qos, retain }, packetId, false, protocolVersion)
          const packet = read(octets, protocolVersion)
          expect(packet).toMatchObject({ cmd: 'publish', topic, qos, retain, dup: false })
          expect(packet.messageId).toBe(qos === 0 ? undefined : packetId)
          expect(packet.cmd === 'publish' && packet.payload.toString()).toBe(payload)
          if (qos > 0) expect(readPublishId(octets)).toBe(packetId)
        },
      ),
      // Some of them are megabytes.
      { numRuns: 40 },
    )
  })

  it('differs by DUP alone when it is sent again', () => {
    const first = encodePublish({ topic: 'a', payload: 'b', qos: 1, retain: true }, 3, false, 4)
    const second = withDup(first)
    expect(read(second, 4)).toMatchObject({ dup: true, qos: 1, retain: true, messageId: 3 })
    expect(second.subarray(1)).toEqual(first.subarray(1))
    expect(read(first, 4)).toMatchObject({ dup: false })
  })
})

describe('encodeAnswer and readAnswer', () => {
  it('agree with each other and with any client', () => {
    const type = fc.constantFrom<'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP'>('PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP')
    fc.assert(
      fc.property(type, id, fc.boolean(), (what, packetId, refused) => {
        const code = !refused ? 0 : what === 'PUBACK' || what === 'PUBREC' ? 0x97 : 0x92
        const octets = encodeAnswer(what, packetId, code)
        expect(readAnswer(octets)).toEqual({ packetId, code })
        const packet = read(octets, code === 0 ? 4 : 5)
        expect(packet).toMatchObject({ cmd: what.toLowerCase(), messageId: packetId })
        if (code !== 0) expect(packet).toMatchObject({ reasonCode: code })
      }),
    )
  })

  it('reads past a long reason string', () => {
    const octets = generate(
      { cmd: 'puback', messageId: 513, reasonCode: 0x97, properties: { reasonString: 'x'.repeat(300) } },
      { protocolVersion: 5 },
    )
    expect(readAnswer(octets)).toEqual({ packetId: 513, code: 0x97 })
  })
})

describe('encodeConnect', () => {
  const plain: ClientSettings = {
    protocolVersion: 4,
    clientId: 'm-1',
    cleanStart: true,
    keepAlive: 60,
    topicAliases: false,
    store: 'ram',
  }

  it('writes each version as it wants it', () => {
    expect(read(encodeConnect(plain), 4)).toMatchObject({
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
    })
    expect(read(encodeConnect({ ...plain, protocolVersion: 3 }), 3)).toMatchObject({
      protocolId: 'MQIsdp',
      protocolVersion: 3,
    })
  })

  it('carries credentials, a will and the properties of MQTT 5', () => {
    const packet = read(
      encodeConnect({
        ...plain,
        protocolVersion: 5,
        username: 'u',
        password: 'p',
        will: {
          topic: 'w',
          payload: [1, 2],
          qos: 2,
          retain: true,
          properties: { willDelayInterval: 9, correlationData: [7], userProperties: [['a', 'b']] },
        },
        properties: {
          sessionExpiryInterval: 5,
          receiveMaximum: 3,
          userProperties: [
            ['x', '1'],
            ['x', '2'],
          ],
        },
      }),
      5,
    )
    expect(packet).toMatchObject({
      username: 'u',
      password: Buffer.from('p'),
      will: { topic: 'w', payload: Buffer.from([1, 2]), qos: 2, retain: true, properties: { willDelayInterval: 9 } },
      properties: { sessionExpiryInterval: 5, receiveMaximum: 3, userProperties: { x: ['1', '2'] } },
    })
  })
})

describe('encodeConnect of MQTT 5 with a password alone', () => {
  it('has no user name, whatever else there is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.string({ maxLength: 40_000 }),
        (password, hasWill, text) => {
          const octets = encodeConnect({
            protocolVersion: 5,
            clientId: 'm-1',
            cleanStart: false,
            keepAlive: 60,
            topicAliases: false,
            store: 'ram',
            password,
            ...(hasWill ? { will: { topic: 'w', payload: text, qos: 1, retain: true } } : {}),
          })
          const packet = read(octets, 5)
          expect(packet).not.toHaveProperty('username')
          expect(packet).toMatchObject({
            clientId: 'm-1',
            clean: false,
            keepalive: 60,
            password: Buffer.from(password),
          })
          expect(packet.cmd === 'connect' && packet.will?.payload.toString()).toBe(hasWill ? text : undefined)
        },
      ),
    )
  })
})

describe('encodeConnect with strange names', () => {
  it('carries user properties whose names are those of every object', () => {
    const pairs: [string, string][] = [
      ['constructor', 'x'],
      ['toString', 'y'],
    ]
    const octets = encodeConnect({
      protocolVersion: 5,
      clientId: 'm-1',
      cleanStart: true,
      keepAlive: 60,
      topicAliases: false,
      store: 'ram',
      properties: { userProperties: pairs },
      will: { topic: 'w', payload: '', qos: 0, retain: false, properties: { userProperties: pairs } },
    })
    for (const [name, value] of pairs)
      expect(octets.toString('latin1').split(`${name}\0\u0001${value}`)).toHaveLength(3)
  })
})

describe('readConnack', () => {
  it('reads each version', () => {
    const connack = { cmd: 'connack', sessionPresent: true, returnCode: 0 } as const
    expect(readConnack(generate(connack), 4)).toMatchObject({ code: 0, sessionPresent: true })
    expect(readConnack(generate({ ...connack, sessionPresent: false, returnCode: 5 }), 4).code).toBe(5)
    const five = generate(
      { cmd: 'connack', sessionPresent: true, reasonCode: 0, properties: { receiveMaximum: 4 } },
      { protocolVersion: 5 },
    )
    expect(readConnack(five, 5)).toMatchObject({ code: 0, sessionPresent: true, properties: { receiveMaximum: 4 } })
  })

  it('takes one that cannot be read for a Malformed Packet', () => {
    expect(readConnack(Uint8Array.from([0x20, 3, 0, 0, 9]), 5).code).toBe(0x81)
  })
})
