import fc from 'fast-check'
import type { Captured, CapturedPacket, ConnectionEvent } from '../../app/capture/captured.ts'
import { malformations } from '../../app/mqtt/framer.ts'
import type { Origin } from '../../app/mqtt/network-connection.ts'
import { mostPacketOctets } from '../../app/mqtt/packets.ts'

const mostKept = 200

const clientId = fc.string({ unit: 'binary', maxLength: 12 })
const transport = fc.constantFrom('tcp' as const, 'tls' as const, 'ws' as const, 'wss' as const)
const reason = fc.option(fc.string(), { nil: undefined })

const origin: fc.Arbitrary<Origin> = fc.record({
  message: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  kind: fc.constantFrom('publish', 'will'),
  clientId: fc.option(clientId, { nil: undefined }),
})

const event: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.record({ type: fc.constant('opened' as const), transport, remote: fc.string() }),
  fc.record({ type: fc.constant('opened' as const), transport, remote: fc.string(), security: fc.string() }),
  fc.record({ type: fc.constant('handshake failed' as const), transport, remote: fc.string(), reason: fc.string() }),
  fc.record({
    type: fc.constant('denied' as const),
    clientId,
    action: fc.constantFrom('publish' as const, 'subscribe' as const),
    topic: fc.string(),
    rule: fc.string(),
  }),
  fc
    .record({
      type: fc.constant('closed' as const),
      by: fc.constantFrom('client' as const, 'broker' as const, 'link' as const),
      cause: fc.constantFrom('fin' as const, 'rst' as const, 'timeout' as const),
      reason,
    })
    // JSON has no undefined.
    .map(({ reason, ...event }) => (reason === undefined ? event : { ...event, reason })),
  fc.record({ type: fc.constant('power loss' as const), clientId }),
  fc.record({ type: fc.constant('target reached' as const), url: fc.string(), security: fc.string() }),
  fc.record({ type: fc.constant('target failed' as const), url: fc.string(), reason: fc.string() }),
  fc.record({ type: fc.constant('packet held' as const), packet: fc.nat(), by: fc.string() }),
  fc.record({ type: fc.constant('will published' as const), clientId, topic: fc.string(), reason: fc.string() }),
)

const common = {
  number: fc.constant(0),
  time: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  connection: fc.integer({ min: 0, max: 0xffffffff }),
}

export const capturedPacket: fc.Arbitrary<CapturedPacket> = fc
  .record({
    kind: fc.constant('packet'),
    ...common,
    direction: fc.constantFrom('to broker', 'to client'),
    octets: fc.uint8Array({ maxLength: mostKept }),
    malformed: fc.constantFrom(false as const, ...malformations),
    origin: fc.option(origin, { nil: undefined }),
    /** How many octets were left out: no packet is longer than the largest of MQTT. */
    left: fc.oneof(
      { weight: 9, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.nat(mostPacketOctets - mostKept) },
    ),
  })
  .map(({ left, ...packet }) => ({ ...packet, length: packet.octets.length + left }))

/** Any record; its number is 0. */
export const captured: fc.Arbitrary<Captured> = fc.oneof(
  capturedPacket,
  fc.record({ kind: fc.constant('event' as const), ...common, event }),
)
