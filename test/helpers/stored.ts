import fc from 'fast-check'
import type { ApplicationMessage } from '../../app/session/application-message.ts'
import { Outgoing } from '../../app/session/outgoing.ts'
import type { SessionRecord } from '../../app/session/session-record.ts'
import type { Subscription } from '../../app/session/subscription.ts'

// Any text that a Control Packet may have.
const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !value.includes('\0'))
const octets = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 200, maxLength: 700 }))
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const seconds = fc.integer({ min: 0, max: 0xffffffff })
const time = fc.double({ min: 0, max: 4e12, noNaN: true })
const ordinal = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.maxSafeNat())

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined })
}

const properties = fc.record({
  payloadFormatIndicator: optional(fc.constantFrom(0 as const, 1 as const)),
  contentType: optional(text),
  responseTopic: optional(text),
  correlationData: optional(octets),
  userProperties: optional(fc.array(fc.tuple(text, text), { maxLength: 4 })),
})

export const storedMessage: fc.Arbitrary<ApplicationMessage> = fc.record({
  topic: text,
  payload: octets,
  qos,
  retain: fc.boolean(),
  properties: optional(properties),
  expiresAt: optional(time),
  origin: fc.record({
    message: ordinal,
    kind: fc.constantFrom('publish' as const, 'will' as const),
    clientId: optional(text),
  }),
})

const will = fc.record({
  topic: text,
  payload: octets,
  qos,
  retain: fc.boolean(),
  properties: optional(properties),
  messageExpiryInterval: optional(seconds),
  willDelayInterval: seconds,
})

export const storedRecord: fc.Arbitrary<SessionRecord> = fc.record({
  version: fc.constantFrom(3 as const, 4 as const, 5 as const),
  clean: fc.boolean(),
  userName: optional(text),
  expiry: optional(seconds),
  leftAt: optional(time),
  will: optional(fc.record({ packet: will, until: optional(time) })),
})

export const storedSubscription: fc.Arbitrary<Subscription> = fc.record({
  filter: text,
  qos,
  noLocal: fc.boolean(),
  retainAsPublished: fc.boolean(),
  retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
  matches: text,
  group: optional(text),
  identifiers: optional(fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 })),
})

const progress = fc.oneof(
  fc.constant({ packetId: 0, state: 'idle' as const, sends: 0 }),
  fc.record({
    packetId: fc.integer({ min: 1, max: 0xffff }),
    state: fc.constantFrom('awaiting PUBACK' as const, 'awaiting PUBREC' as const, 'awaiting PUBCOMP' as const),
    sends: fc.integer({ min: 1, max: 1000 }),
  }),
)

export const storedOutgoing: fc.Arbitrary<Outgoing> = fc
  .tuple(
    ordinal,
    storedMessage,
    fc.record({
      qos,
      retain: fc.boolean(),
      identifiers: optional(fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 })),
    }),
    time,
    progress,
  )
  .map(([number, message, how, since, state]) => Object.assign(new Outgoing(number, message, how, since), state))
