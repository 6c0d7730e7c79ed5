import fc from 'fast-check'
import { generate, type Packet, parser } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../../app/mqtt/decode.ts'
import type { DecodedPacket, Field } from '../../../../app/mqtt/decoded.ts'
import { everyField, expectTiled, fieldOf, formatViolation } from '../../../helpers/fields.ts'
import { concat, type EncodedPacket } from '../../../helpers/packets.ts'
import { conformingPacket, conformingPacketOf, propertyNames } from '../../../helpers/properties.ts'

/** What mqtt-packet, which shares no line with ours, reads from the same octets. */
function readByOracle({ octets, version }: EncodedPacket): Packet {
  const reader = parser({ protocolVersion: version })
  const packets: Packet[] = []
  reader.on('packet', (packet) => packets.push(packet))
  reader.on('error', (error) => {
    throw error
  })
  reader.parse(Buffer.from(octets))
  expect(packets).toHaveLength(1)
  return packets[0] as Packet
}

function textOf(field: Field): string {
  return JSON.parse(field.value) as string
}

/** The octets of a field that has two octets of length before them. */
function octetsOf(field: Field, octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.subarray(field.start + 2, field.end))
}

/** All parts of that name, of properties or of the payload. */
function all(fields: readonly Field[], name: string): Field[] {
  return fields.filter((field) => field.name === name)
}

function expectConnect(packet: Packet & { cmd: 'connect' }, decoded: DecodedPacket, octets: Uint8Array): void {
  const value = (name: string) => fieldOf(decoded, name).value
  expect(decoded.version).toBe(packet.protocolVersion)
  expect(textOf(fieldOf(decoded, 'Client Identifier'))).toBe(packet.clientId)
  expect(value('Keep Alive')).toBe(`${packet.keepalive} s`)
  expect(value(packet.protocolVersion === 5 ? 'Clean Start' : 'Clean Session')).toBe(packet.clean ? '1' : '0')
  expect(value('Will Flag')).toBe(packet.will ? '1' : '0')
  expect(value('Will QoS')).toBe(`QoS ${packet.will?.qos ?? 0}`)
  expect(value('Will Retain')).toBe(packet.will?.retain ? '1' : '0')
  expect(value('User Name Flag')).toBe(packet.username === undefined ? '0' : '1')
  if (packet.username !== undefined) expect(textOf(fieldOf(decoded, 'User Name'))).toBe(packet.username)
  if (packet.will === undefined) return
  expect(textOf(fieldOf(decoded, 'Will Topic'))).toBe(packet.will.topic)
  const payload = fieldOf(decoded, packet.protocolVersion === 5 ? 'Will Payload' : 'Will Message')
  expect(octetsOf(payload, octets)).toEqual(new Uint8Array(packet.will.payload as Buffer))
  if (packet.protocolVersion === 5) {
    expectProperties(packet.will.properties, fieldOf(decoded, 'Will Properties'), octets)
  }
}

function expectFields(packet: Packet, decoded: DecodedPacket, octets: Uint8Array): void {
  const value = (name: string) => fieldOf(decoded, name).value
  const codes = (name: string) => all(decoded.fields, name).map((field) => Number.parseInt(field.value, 16))
  const filters = () => all(everyField(decoded.fields), 'Topic Filter').map(textOf)
  expect(decoded.type).toBe(packet.cmd.toUpperCase())
  expect(fieldOf(decoded, 'Remaining Length').value).toBe(String(packet.length))
  if ('messageId' in packet && packet.messageId !== undefined) {
    expect(value('Packet Identifier')).toBe(String(packet.messageId))
  }
  switch (packet.cmd) {
    case 'connect':
      expectConnect(packet, decoded, octets)
      return
    case 'connack':
      expect(value('Session Present')).toBe(packet.sessionPresent ? '1' : '0')
      expect([...codes('Connect Reason Code'), ...codes('Connect Return Code')]).toEqual([
        packet.reasonCode ?? packet.returnCode,
      ])
      return
    case 'publish': {
      expect(textOf(fieldOf(decoded, 'Topic Name'))).toBe(packet.topic)
      expect(value('QoS')).toBe(`QoS ${packet.qos}`)
      expect([value('DUP'), value('RETAIN')]).toEqual([packet.dup ? '1' : '0', packet.retain ? '1' : '0'])
      const { start, end } = fieldOf(decoded, 'Payload')
      expect(new Uint8Array(octets.subarray(start, end))).toEqual(new Uint8Array(packet.payload as Buffer))
      return
    }
    case 'subscribe':
      expect(filters()).toEqual(packet.subscriptions.map(({ topic }) => topic))
      expect(all(decoded.fields, 'Subscription').map((field) => field.value.slice(-5))).toEqual(
        packet.subscriptions.map(({ qos }) => `QoS ${qos}`),
      )
      return
    case 'unsubscribe':
      expect(filters()).toEqual(packet.unsubscriptions)
      return
    case 'suback':
      expect([...codes('Return Code'), ...codes('Reason Code')]).toEqual(packet.granted)
      return
    case 'unsuback':
      expect(codes('Reason Code')).toEqual(packet.granted ?? [])
      return
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
    case 'disconnect':
    case 'auth':
      if (decoded.version === 5) expect(codes('Reason Code')).toEqual([packet.reasonCode ?? 0])
  }
}

/** Each property as a line, so that their order does not matter: mqtt-packet does not keep it. */
function propertyLines(properties: object): string[] {
  const lines = Object.entries(properties).flatMap(([key, value]: [string, unknown]) => {
    const name = propertyNames[key]
    if (key === 'userProperties') {
      return Object.entries(value as Record<string, string | string[]>).flatMap(([name, values]) =>
        [values].flat().map((one) => `User Property ${JSON.stringify(name)} = ${JSON.stringify(one)}`),
      )
    }
    return [value].flat().map((one) => {
      if (typeof one === 'string') return `${name} ${JSON.stringify(one)}`
      return Buffer.isBuffer(one) ? `${name} ${one.toString('hex')}` : `${name} ${Number(one)}`
    })
  })
  return lines.sort()
}

function expectProperties(properties: object | undefined, field: Field, octets: Uint8Array): void {
  const lines = field.parts.slice(1).map((property) => {
    if (property.name === 'User Property') return `User Property ${property.value}`
    const [, part] = property.parts as [Field, Field]
    if (['Correlation Data', 'Authentication Data'].includes(property.name)) {
      return `${property.name} ${Buffer.from(octetsOf(part, octets)).toString('hex')}`
    }
    const value = property.value.startsWith('"') ? property.value : /\d+/.exec(property.value)?.[0]
    return `${property.name} ${value}`
  })
  expect(lines.sort()).toEqual(propertyLines(properties ?? {}))
}

describe('decodePacket', () => {
  for (const version of [4, 5] as const) {
    it(`finds nothing wrong with any conforming packet of ${version === 4 ? '3.1.1' : '5'}, and covers it`, () => {
      fc.assert(
        fc.property(conformingPacketOf(version), ({ octets }) => {
          const decoded = decodePacket(new Uint8Array(octets), version)
          expect(decoded.violations.map(formatViolation)).toEqual([])
          expectTiled(decoded.fields, 0, octets.length)
        }),
        { numRuns: 150 },
      )
    })

    it(`reads what mqtt-packet reads, in ${version === 4 ? '3.1.1' : '5'}`, () => {
      fc.assert(
        fc.property(conformingPacketOf(version), (encoded) => {
          const octets = new Uint8Array(encoded.octets)
          const packet = readByOracle(encoded)
          const decoded = decodePacket(octets, version)
          expectFields(packet, decoded, octets)
          const properties = decoded.fields.find((field) => field.name === 'Properties')
          const expected = 'properties' in packet ? packet.properties : undefined
          if (properties !== undefined) expectProperties(expected, properties, octets)
          else expect(expected ?? {}).toEqual({})
        }),
        { numRuns: 150 },
      )
    })
  }

  it('meets every property of MQTT 5 in these tests', () => {
    const seen = new Set<string>()
    for (const { octets } of fc.sample(conformingPacketOf(5), 600)) {
      for (const field of everyField(decodePacket(octets, 5).fields)) seen.add(field.name)
    }
    expect(Object.values(propertyNames).filter((name) => !seen.has(name))).toEqual([])
  })

  it('takes a CONNECT by its own Protocol Level, whatever it is told', () => {
    const octets = generate({ cmd: 'connect', protocolVersion: 5, clientId: 'pump', clean: true, keepalive: 9 })
    expect(decodePacket(octets, 4)).toMatchObject({ version: 5, violations: [] })
    // Where Mosquitto's bridges speak, the highest bit of the Protocol Level is set.
    const bridge = Uint8Array.from(generate({ cmd: 'connect', protocolVersion: 4, clientId: 'b', clean: true }))
    bridge[8] = 0x84
    expect(decodePacket(bridge, 5)).toMatchObject({ version: 4, violations: [] })
  })

  it('judges what stands before the Protocol Level of a CONNECT by it as well', () => {
    const octets = Uint8Array.from(generate({ cmd: 'connect', protocolVersion: 5, clientId: 'pump', clean: true }))
    octets[0] = 0x11
    expect(decodePacket(octets, 4).violations).toMatchObject([{ statement: 'MQTT-2.1.3-1' }])
  })

  it('reads MQTT 3.1, where DUP of a PUBREL is allowed and a flagged User Name may be missing', () => {
    const octets = generate({ cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'x', clean: true })
    expect(decodePacket(octets, 4)).toMatchObject({ version: 3, violations: [] })
    const flagged = Uint8Array.from(octets)
    flagged[11] = 0xc2
    expect(decodePacket(flagged, 4).violations).toEqual([])
    expect(decodePacket(Uint8Array.of(0x6a, 2, 0, 9), 3).violations).toEqual([])
  })

  it('never throws at noise, and stays inside of it', () => {
    const noise = fc.uint8Array({ maxLength: 60 })
    const broken = fc.tuple(conformingPacket, fc.nat(), fc.nat(255), fc.nat()).map(([{ octets }, at, octet, cut]) => {
      const changed = Uint8Array.from(octets)
      changed[at % changed.length] = octet
      return changed.subarray(0, cut % (changed.length + 1))
    })
    fc.assert(
      fc.property(fc.oneof(noise, broken), fc.constantFrom(3, 4, 5), fc.nat(500), (octets, version, more) => {
        for (const length of [octets.length, octets.length + more]) {
          const decoded = decodePacket(octets, version, length)
          const places = [...everyField(decoded.fields), ...decoded.violations]
          const outside = places.filter(({ start, end }) => !(0 <= start && start <= end && end <= octets.length))
          expect(outside).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('sees in every packet that was cut off that it was, and reads as far as it goes', () => {
    fc.assert(
      fc.property(conformingPacket, fc.nat(), ({ octets, version }, cut) => {
        const whole = new Uint8Array(octets)
        const part = whole.subarray(0, cut % whole.length)
        const decoded = decodePacket(part, version)
        expect(decoded.violations).toHaveLength(1)
        // A field that is whole says the same as in the whole packet.
        const leaves = everyField(decodePacket(whole, version).fields).filter(({ parts }) => parts.length === 0)
        const line = ({ name, value, start }: Field) => `${start} ${name} ${value}`
        const read = new Set(everyField(decoded.fields).map(line))
        expect(
          leaves
            .filter(({ end }) => end < part.length)
            .map(line)
            .filter((one) => !read.has(one)),
        ).toEqual([])
      }),
    )
  })

  it('finds nothing wrong where only the first part of a packet was kept', () => {
    fc.assert(
      fc.property(conformingPacket, fc.nat(), ({ octets, version }, cut) => {
        const part = octets.subarray(0, cut % octets.length)
        expect(decodePacket(part, version, octets.length).violations).toEqual([])
      }),
    )
    const octets = generate({
      cmd: 'publish',
      topic: 't',
      payload: Buffer.alloc(300, 'x'),
      qos: 0,
      dup: false,
      retain: false,
    })
    const payload = fieldOf(decodePacket(octets.subarray(0, 10), 4, octets.length), 'Payload')
    expect(payload.value).toBe('"xxxx"… 300 octets, of which the first 4 were kept')
  })

  it('says that there are octets too many, inside of the packet and after it', () => {
    fc.assert(
      fc.property(conformingPacket, fc.uint8Array({ minLength: 1, maxLength: 9 }), ({ octets, version }, more) => {
        const decoded = decodePacket(concat([octets, more]), version)
        expect(decoded.violations).toEqual([
          expect.objectContaining({ start: octets.length, end: octets.length + more.length }),
        ])
        expectTiled(decoded.fields, 0, octets.length + more.length)
      }),
    )
    const long = decodePacket(Uint8Array.of(0x40, 4, 0, 9, 1, 2), 4)
    expect(long.violations).toMatchObject([{ start: 4, end: 6, message: '2 octets more than PUBACK has fields for' }])
  })

  it('shows text as text, and of what is no text how long it is', () => {
    const value = (payload: Buffer) =>
      fieldOf(
        decodePacket(generate({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false }), 4),
        'Payload',
      ).value
    expect(value(Buffer.from('{"a": 1}'))).toBe('"{\\"a\\": 1}"')
    expect(value(Buffer.of(0, 1, 2))).toBe('3 octets')
    expect(value(Buffer.of(0xff))).toBe('1 octet')
    expect(value(Buffer.alloc(0))).toBe('empty')
    expect(value(Buffer.from('é'.repeat(700)))).toBe(`"${'é'.repeat(500)}"… 1400 octets`)
  })

  it('reads text of any length that two octets can say', () => {
    for (const length of [255, 256, 300, 65_535]) {
      const topic = 'x'.repeat(length)
      const octets = generate({ cmd: 'publish', topic, payload: '', qos: 0, dup: false, retain: false })
      const decoded = decodePacket(octets, 4)
      expect(textOf(fieldOf(decoded, 'Topic Name'))).toBe(topic)
      expect(decoded.violations).toEqual([])
    }
  })

  it('says what a Reason Code means that was left out', () => {
    const code = fieldOf(decodePacket(Uint8Array.of(0x40, 2, 0, 9), 5), 'Reason Code')
    expect(code).toMatchObject({ value: '0x00 Success', start: 4, end: 4 })
    expect(code.remark).toContain('left out')
  })

  it('does not read a million items one by one, and says so', () => {
    const codes = Buffer.alloc(1 << 20)
    const octets = generate({ cmd: 'suback', messageId: 1, granted: [...codes] })
    const decoded = decodePacket(octets, 4)
    expect(decoded.violations).toEqual([])
    expectTiled(decoded.fields, 0, octets.length)
    expect(decoded.fields).toHaveLength(2 + 10_000 + 1)
    expect(decoded.fields.at(-1)).toMatchObject({
      name: 'Other Return Codes',
      value: `${(1 << 20) - 10_000} octets, not read one by one`,
    })
  })
})
