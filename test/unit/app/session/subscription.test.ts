import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QoS } from '../../../../app/mqtt/control-packet.ts'
import { joinMatches, lowerQoS, type Match } from '../../../../app/session/subscription.ts'

const qos = fc.constantFrom<QoS>(0, 1, 2)
const match: fc.Arbitrary<Match> = fc.record({
  qos,
  retainAsPublished: fc.boolean(),
  identifiers: fc.option(
    fc.integer({ min: 1, max: 268_435_455 }).map((identifier) => [identifier]),
    { nil: undefined },
  ),
})

describe('Subscriptions that overlap', () => {
  it('are one copy of the highest QoS, with the Subscription Identifiers of all', () => {
    fc.assert(
      fc.property(fc.array(match, { minLength: 1, maxLength: 5 }), (matches) => {
        const joined = matches.reduce(joinMatches)
        const identifiers = matches.flatMap(({ identifiers }) => identifiers ?? [])
        expect(joined.qos).toBe(Math.max(...matches.map(({ qos }) => qos)))
        expect(joined.retainAsPublished).toBe(matches.some(({ retainAsPublished }) => retainAsPublished))
        expect(joined.identifiers ?? []).toEqual(identifiers)
      }),
    )
  })

  it('leave what they were made of as it was', () => {
    const one = { qos: 1, retainAsPublished: false, identifiers: [1] } as const
    const two = { qos: 2, retainAsPublished: true, identifiers: [2] } as const
    joinMatches(one, two)
    expect([one.identifiers, two.identifiers]).toEqual([[1], [2]])
  })
})

describe('lowerQoS', () => {
  it('is the lower of the two', () => {
    fc.assert(
      fc.property(qos, qos, (a, b) => {
        expect(lowerQoS(a, b)).toBe(Math.min(a, b))
      }),
    )
  })
})
