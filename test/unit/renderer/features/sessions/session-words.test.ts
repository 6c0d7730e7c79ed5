import { describe, expect, it } from 'vitest'
import { keepAliveClock } from '../../../../../renderer/features/sessions/keep-alive-clock.ts'
import { compareMarks, type Mark, markOfNow } from '../../../../../renderer/features/sessions/reconnect-diff.ts'
import { allSessions, filterSessions } from '../../../../../renderer/features/sessions/session-filter.ts'
import {
  congestedFor,
  describeDisconnect,
  describeKept,
  describeLine,
  describeShown,
  formatCountdown,
  phaseOf,
} from '../../../../../renderer/features/sessions/session-words.ts'
import type { Session } from '../../../../../renderer/state/clients.ts'

const subscription = {
  filter: 'work/#',
  qos: 1 as const,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0 as const,
  identifier: undefined,
}

function session(changes: Partial<Session> = {}): Session {
  return {
    clientId: 'pump',
    connected: true,
    connection: 1,
    since: 1000,
    protocolVersion: 4,
    clean: false,
    sessionPresent: false,
    keepAlive: 10,
    userName: undefined,
    expiry: undefined,
    expiresAt: undefined,
    subscriptions: [subscription],
    will: undefined,
    queued: 0,
    inflight: 0,
    incoming: 0,
    lost: { queueFull: 0, expired: 0, tooLarge: 0, cleared: 0 },
    ...changes,
  }
}

const kept = session({ clientId: 'kept', connected: false, expiry: 600, expiresAt: 251_000, queued: 41, inflight: 2 })
const ended = session({ clientId: 'ended', connected: false, expiry: 0, subscriptions: [] })

describe('a Session in words', () => {
  it('is connected, kept or ended', () => {
    expect([session(), kept, ended, session({ connected: false })].map(phaseOf)).toEqual([
      'connected',
      'kept',
      'ended',
      'kept',
    ])
  })

  it('is congested once there has been no room on its connection for a while', () => {
    const congested = session({ blockedSince: 10_000, queued: 41 })
    expect(describeLine(congested, 11_900)).toBe('MQTT 3.1.1 · 41 waiting · 1 subscription')
    expect(describeLine(congested, 22_000)).toBe('MQTT 3.1.1 · congested for 12 s · 41 waiting · 1 subscription')
    expect([session(), congested].map((any) => congestedFor(any, 22_000))).toEqual([undefined, 12_000])
  })

  it('says of one that is over why, and for how long it is still shown', () => {
    const over = { ...ended, since: 1000, endReason: 'its Session was ended by you' }
    expect(describeKept(over, 5000)).toBe('it has ended: its Session was ended by you')
    expect(describeShown(over, 61_000)).toBe('It stays here until its client connects again, for 9 min at the longest.')
    const will = { topic: 't', payload: new Uint8Array(), qos: 0, retain: false, delay: 0, since: 0 } as const
    const withWill = { ...over, will: { ...will, state: 'published' } } as const
    expect(describeShown(withWill, 61_000)).toBe('It stays here until its client connects again.')
  })

  it('says first what waits, and for how long', () => {
    expect(describeLine(session(), 1000)).toBe('MQTT 3.1.1 · 1 subscription')
    expect(describeLine(kept, 1000)).toBe('MQTT 3.1.1 · ends in 4 min 10 s · 39 waiting · 2 in flight · 1 subscription')
    const unacknowledged = { queued: 2, inflight: 2, incoming: 1 }
    expect(describeLine(session({ ...unacknowledged, connected: false }), 1000)).toBe(
      'MQTT 3.1.1 · 3 in flight · 1 subscription',
    )
    expect(describeLine(session({ ...unacknowledged, queued: 0 }), 1000)).toBe(
      'MQTT 3.1.1 · 3 in flight · 1 subscription',
    )
    expect(describeLine(ended, 61_000)).toBe('MQTT 3.1.1 · ended 1 min ago')
  })

  it('says what becomes of its will where it is disconnected, and that it has left meanwhile', () => {
    const armed = {
      topic: 't',
      payload: new Uint8Array(),
      qos: 0,
      retain: false,
      delay: 20,
      since: 0,
      state: 'armed',
    } as const
    expect(describeDisconnect(session(), 0)).toBe('It has no will: nothing is published.')
    expect(describeDisconnect(session({ will: { ...armed, delay: 0 } }), 0)).toMatch(/^Its will is published: to its/)
    expect(describeDisconnect(session({ will: armed, expiry: 0 }), 0)).toMatch(/^Its will is published: to its/)
    expect(describeDisconnect(session({ will: armed }), 0)).toMatch(/^Its will is published 20 s later, unless/)
    expect(describeDisconnect(session({ will: armed, expiry: 5 }), 0)).toMatch(/^Its will is published 5.0 s later/)
    const delayed = { ...armed, state: 'delayed', until: 20_000 } as const
    expect(describeDisconnect(session({ will: delayed, connected: false }), 8000)).toBe(
      'The client has left by itself meanwhile: its will goes out in 12 s, unless it is back before.',
    )
    expect(describeDisconnect(session({ connected: false }), 0)).toBe('The client has left by itself meanwhile.')
  })

  it('says for how long it is kept', () => {
    expect(describeKept(session(), 0)).toBe('for ever')
    expect(describeKept(session({ expiry: 90 }), 0)).toBe('for 1 min 30 s after its client leaves')
    expect(describeKept(session({ expiry: 0 }), 0)).toBe('ends with its connection')
    expect(describeKept(kept, 241_500)).toBe('ends in 9.5 s')
    expect(describeKept(ended, 0)).toBe('it has ended')
  })

  it('counts down to the second', () => {
    expect([4200, 48_000, 250_000, 120_000, 7_500_000].map(formatCountdown)).toEqual([
      '4.2 s',
      '48 s',
      '4 min 10 s',
      '2 min',
      '2 h 5 min',
    ])
  })
})

describe('the keep alive clock', () => {
  it('is green until the Keep Alive, and runs out at one and a half of it', () => {
    expect(keepAliveClock(3000, 10)).toEqual({ share: 0.2, tone: 'green', words: 'last packet 3.0 s ago' })
    expect(keepAliveClock(12_000, 10)).toMatchObject({ share: 0.8, tone: 'amber' })
    expect(keepAliveClock(12_000, 10).words).toBe('last packet 12 s ago, late: given up in 3.0 s')
    expect(keepAliveClock(14_000, 10).tone).toBe('red')
    expect(keepAliveClock(99_000, 10)).toMatchObject({ share: 1, tone: 'red' })
  })
})

describe('the list of Sessions', () => {
  const all = [session({ clientId: 'pump-10' }), session({ clientId: 'pump-2', userName: 'Bob' }), kept, ended]
  const names = (filter: Parameters<typeof filterSessions>[1]) =>
    filterSessions(all, filter).map(({ clientId }) => clientId)

  it('is by name, with numbers as numbers', () => {
    expect(names(allSessions)).toEqual(['ended', 'kept', 'pump-2', 'pump-10'])
  })

  it('finds by client, user, topic filter and state', () => {
    expect(names({ text: 'PUMP', phase: 'all' })).toEqual(['pump-2', 'pump-10'])
    expect(names({ text: 'bob', phase: 'all' })).toEqual(['pump-2'])
    expect(names({ text: 'work/', phase: 'kept' })).toEqual(['kept'])
    expect(names({ text: 'work/', phase: 'ended' })).toEqual([])
    expect(names({ text: 'work/+', phase: 'kept' })).toEqual(['kept'])
    expect(names({ text: 'none/+', phase: 'kept' })).toEqual([])
    expect(names({ text: 'anonymous', phase: 'all' })).not.toContain('pump-2')
  })
})

describe('before and after a reconnect', () => {
  const agreed = (filter: string, qos: 0 | 1 | 2, more: Partial<Mark['subscriptions'][number]> = {}) => {
    return { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0, ...more } as const
  }
  const left: Mark = {
    time: 1,
    connection: 3,
    subscriptions: [agreed('a', 1)],
    subscriptionCount: 1,
    queued: 0,
    inflight: 2,
    incoming: 0,
    will: { topic: 'status', state: 'delayed' },
  }

  it('says what is another one, and what is gone', () => {
    const found: Mark = {
      ...left,
      connection: 4,
      subscriptions: [agreed('a', 2)],
      queued: 41,
      will: undefined,
    }
    const { lines, since, whileAway } = compareMarks(left, found, { ...left, queued: 7 })
    expect(lines.filter(({ changed }) => changed)).toEqual([
      { name: 'waiting', left: '0', found: '41', now: '7', changed: true },
      { name: 'will', left: 'delayed', found: 'none', now: 'delayed', changed: true },
    ])
    expect(whileAway).toEqual({ gone: ['a QoS 1'], added: ['a QoS 2'] })
    expect(since).toEqual({ gone: ['a QoS 2'], added: ['a QoS 1'] })
  })

  it('takes a Subscription with other options, or another identifier, for another one', () => {
    const before = { ...left, subscriptions: [agreed('a', 1), agreed('b', 1, { identifier: 7 }), agreed('c', 0)] }
    const options = { noLocal: true, retainHandling: 2 } as const
    const after = {
      ...left,
      subscriptions: [agreed('a', 1, options), agreed('b', 1, { identifier: 8 }), agreed('c', 0)],
    }
    const { since, whileAway } = compareMarks(before, after, after)
    expect(whileAway).toEqual({
      gone: ['a QoS 1', 'b QoS 1 · identifier 7'],
      added: ['a QoS 1 · no local · no retained', 'b QoS 1 · identifier 8'],
    })
    expect(since).toEqual({ gone: [], added: [] })
  })

  it('does not count what is in flight to a client that is away as waiting', () => {
    const detail = { session: kept, inflight: [], waiting: [], incoming: [], history: [] }
    expect(markOfNow({ ...detail, reconnect: undefined, keepAlive: undefined }, 5)).toMatchObject({
      queued: 39,
      inflight: 2,
    })
  })
})
