import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { matchesClient } from '../../../../app/faults/client-pattern.ts'
import { ActiveRule } from '../../../../main/link/active-rule.ts'
import { Identity } from '../../../../main/link/identity.ts'
import { RuleBook } from '../../../../main/link/rule-book.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { connectPacket, newRule, TestWire } from '../../../helpers/test-wire.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

function book(): RuleBook {
  return new RuleBook(new FakeClock(), 1, { changed: () => {}, counted: () => {} })
}

function identityOf(clientId: string | undefined): Identity {
  const identity = new Identity(1)
  if (clientId !== undefined) identity.introduce(connectPacket(clientId))
  return identity
}

describe('the rules of one link', () => {
  it('are those whose patterns its client fits, in the order in which they act', () => {
    const pattern = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b')
    const clientId = fc.option(fc.constantFrom('a', 'b', 'ab', 'c'), { nil: undefined })
    fc.assert(
      fc.property(fc.array(pattern), fc.array(fc.nat()), clientId, (patterns, removed, client) => {
        const rules = book()
        const ids = patterns.map((clients) => rules.add(newRule('drop', { clients })))
        for (const at of new Set(removed.map((n) => n % Math.max(ids.length, 1)))) {
          const id = ids[at]
          if (id !== undefined) rules.remove(id)
        }
        const left = rules.state().filter(({ clients }) => matchesClient(clients, client))
        const concerning = rules.concerning(identityOf(client), 'to broker')
        expect(concerning.map(({ id }) => id)).toEqual(left.map(({ id }) => id))
      }),
    )
  })

  it('are not looked for among those that each other client has for itself', () => {
    const rules = book()
    for (let i = 0; i < 50; i++) rules.add(newRule('drop', { clients: `pump-${i}` }))
    const asked = vi.spyOn(ActiveRule.prototype, 'concerns')
    expect(rules.concerning(identityOf('pump-7'), 'to client')).toHaveLength(1)
    expect(rules.concerning(identityOf('meter'), 'to client')).toHaveLength(0)
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('are found again where the broker names its client', () => {
    const bench = new TestWire()
    bench.wire.addRule(newRule('drop', { clients: 'named' }))
    const link = bench.connect('')
    bench.wire.identify(link.connection, 'named')
    const before = link.atBroker.heard.length
    link.client.write(Uint8Array.of(0xc0, 0))
    expect(link.atBroker.heard).toHaveLength(before)
  })
})
