import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'

export interface EncodedPacket {
  readonly version: 4 | 5
  readonly packet: Packet
  readonly octets: Uint8Array
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 24 })
// A byte order mark at the start is a character like any other [MQTT-1.5.3-3].
const topic = fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: text.map((rest) => `\uFEFF${rest}`) })
const payload = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets))
const packetId = fc.integer({ min: 1, max: 65535 })
const qos = fc.constantFrom(0, 1, 2)
const reasonCode = fc.constantFrom(0, 0x80, 0x87, 0x97)
const userProperties = fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.string({ maxLength: 90 }), {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
})
const properties = fc.option(
  userProperties.map((properties) => ({ userProperties: properties })),
  { nil: undefined },
)

function connect(version: 4 | 5): fc.Arbitrary<Packet> {
  const will = fc.record({ topic: text, payload, qos, retain: fc.boolean() })
  return fc
    .record({
      clientId: text,
      clean: fc.boolean(),
      keepalive: fc.integer({ min: 0, max: 65535 }),
      will: fc.option(will, { nil: undefined }),
      username: fc.option(text, { nil: undefined }),
      properties,
    })
    .map(({ properties, ...fields }) =>
      clean({ cmd: 'connect', protocolVersion: version, ...fields, ...(version === 5 && { properties }) }),
    )
}

function publish(version: 4 | 5): fc.Arbitrary<Packet> {
  return fc
    .record({ topic, payload, qos, retain: fc.boolean(), dup: fc.boolean(), messageId: packetId, properties })
    .map(({ properties, messageId, ...fields }) =>
      clean({
        cmd: 'publish',
        ...fields,
        ...(fields.qos > 0 && { messageId }),
        ...(version === 5 && { properties }),
      }),
    )
}

function subscribing(version: 4 | 5): fc.Arbitrary<Packet> {
  const filters = fc.array(topic, { minLength: 1, maxLength: 4 })
  return fc
    .record({ filters, qos, messageId: packetId, properties })
    .chain(({ filters, qos, messageId, properties }) => {
      const common = { messageId, ...(version === 5 && { properties }) }
      const options = version === 5 ? { qos, nl: false, rap: false, rh: 0 } : { qos }
      const subscriptions = filters.map((filter) => ({ topic: filter, ...options }))
      return fc.constantFrom(
        clean({ cmd: 'subscribe', subscriptions, ...common }),
        clean({ cmd: 'unsubscribe', unsubscriptions: filters, ...common }),
        clean({ cmd: 'suback', granted: filters.map(() => qos), ...common }),
        clean({ cmd: 'unsuback', ...(version === 5 && { granted: filters.map(() => 0) }), ...common }),
      )
    })
}

function acknowledging(version: 4 | 5): fc.Arbitrary<Packet> {
  const received = fc.record({ cmd: fc.constantFrom('puback', 'pubrec'), reasonCode })
  const released = fc.record({ cmd: fc.constantFrom('pubrel', 'pubcomp'), reasonCode: fc.constantFrom(0, 0x92) })
  return fc
    .tuple(fc.oneof(received, released), fc.record({ messageId: packetId, properties }))
    .map(([one, other]) => ({ ...one, ...other }))
    .map(({ reasonCode, properties, ...fields }) =>
      clean({ ...fields, ...(version === 5 && { reasonCode, properties }) }),
    )
}

function others(version: 4 | 5): fc.Arbitrary<Packet> {
  return fc
    .record({ sessionPresent: fc.boolean(), returnCode: fc.integer({ min: 0, max: 5 }), reasonCode })
    .chain((fields) =>
      fc.constantFrom(
        clean({
          cmd: 'connack',
          sessionPresent: fields.sessionPresent,
          ...(version === 5 ? { reasonCode: fields.reasonCode } : { returnCode: fields.returnCode }),
        }),
        clean({ cmd: 'pingreq' }),
        clean({ cmd: 'pingresp' }),
        clean({ cmd: 'disconnect', ...(version === 5 && { reasonCode: fields.reasonCode }) }),
        ...(version === 5 ? [clean({ cmd: 'auth', reasonCode: 0x18 })] : []),
      ),
    )
}

/** mqtt-packet takes a property that is undefined for one that is there. */
function clean(fields: object): Packet {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as Packet
}

/** Any valid Control Packet of one version, as mqtt-packet writes it. */
export function packetOf(version: 4 | 5): fc.Arbitrary<EncodedPacket> {
  return fc
    .oneof(connect(version), publish(version), subscribing(version), acknowledging(version), others(version))
    .map((packet) => ({ version, packet, octets: generate(packet, { protocolVersion: version }) }))
}

export const anyPacket: fc.Arbitrary<EncodedPacket> = fc.oneof(packetOf(4), packetOf(5))

/** Cuts octets into pieces of any length, empty ones among them. */
export function segmented(octets: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat(octets.length), { maxLength: 20 }).map((cuts) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), octets.length]
    return edges.slice(1).map((end, i) => octets.subarray(edges[i], end))
  })
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}
