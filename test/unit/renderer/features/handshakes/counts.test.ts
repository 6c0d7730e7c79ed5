import { describe, expect, it } from 'vitest'
import type { ExchangeSnapshot } from '../../../../../app/contract/messages.ts'
import { countsOf } from '../../../../../renderer/features/handshakes/counts.ts'
import { alarm, exchange, message } from './messages.ts'

function subscriber(clientId: string, more: Partial<ExchangeSnapshot> = {}): ExchangeSnapshot {
  return exchange({ role: 'subscriber', clientId, ...more })
}

describe('the counts of a message', () => {
  it('say that QoS 2 was delivered exactly once, however often it was sent', () => {
    const complete = alarm()
    const exchanges = complete.exchanges.map((one) => ({ ...one, state: 'complete' as const }))
    expect(countsOf({ ...complete, exchanges })).toEqual({
      sent: 2,
      stored: 1,
      delivered: 1,
      tone: 'green',
      sends: 2,
      words: '1 · exactly once',
    })
  })

  it('claim nothing while PUBREL has not released it', () => {
    expect(countsOf(alarm())).toMatchObject({ delivered: 1, tone: 'plain', words: '1 · not released yet' })
  })

  it('warn of a message that a subscriber took twice', () => {
    const twice = message({ qos: 1, deliveries: 2, exchanges: [subscriber('dashboard', { deliveries: 2 })] })
    expect(countsOf(twice)).toMatchObject({ tone: 'amber', words: '2 · more than once' })
  })

  it('add up over all subscribers', () => {
    const exchanges = [subscriber('a'), subscriber('b', { deliveries: 0, state: 'waiting' }), subscriber('c')]
    expect(countsOf(message({ exchanges }))).toMatchObject({ tone: 'green', words: 'once · 2 of 3 subscribers' })
    expect(countsOf(message({ exchanges, deliveries: 3 })).words).toBe('up to 3× · 2 of 3 subscribers')
  })

  it('say why nobody got it', () => {
    const none = { deliveries: 0 }
    expect(countsOf(message({ ...none, state: 'lost' }))).toMatchObject({ tone: 'red', words: '0 · lost' })
    expect(countsOf(message({ ...none, state: 'queued' })).words).toBe('0 · queued')
    expect(countsOf(message({ ...none })).words).toBe('0 · nobody subscribed')
    expect(countsOf(message({ ...none, exchanges: [subscriber('a')] })).words).toBe('0 · not yet')
  })
})
