import { describe, expect, it } from 'vitest'
import type { ExchangeSnapshot } from '../../../../../app/contract/messages.ts'
import { chooseSubscribers, subscribersOf } from '../../../../../renderer/features/handshakes/subscribers.ts'
import { exchange, message } from './messages.ts'

function subscriber(clientId: string, more: Partial<ExchangeSnapshot> = {}): ExchangeSnapshot {
  return exchange({ role: 'subscriber', clientId, ...more })
}

describe('the subscribers of a message', () => {
  it('are clients: one that was sent the message twice is one of them', () => {
    const exchanges = [subscriber('a'), subscriber('b', { state: 'waiting' }), subscriber('a', { state: 'lost' })]
    expect(subscribersOf(message({ exchanges }))).toMatchObject([
      { name: 'a', deliveries: 2, state: 'lost' },
      { name: 'b', deliveries: 1, state: 'waiting' },
    ])
  })

  it('are shown by what is unusual about them where not all have room', () => {
    const exchanges = [
      subscriber('fine'),
      subscriber('waits', { state: 'waiting' }),
      subscriber('twice', { deliveries: 2 }),
      subscriber('held', { state: 'held' }),
    ]
    const all = subscribersOf(message({ exchanges }))
    expect(chooseSubscribers(all, 1)).toEqual([3])
    expect(chooseSubscribers(all, 3)).toEqual([1, 2, 3])
    expect(chooseSubscribers(all.slice(0, 1), 3)).toEqual([0])
  })
})
