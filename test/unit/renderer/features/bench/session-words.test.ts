import { describe, expect, it } from 'vitest'
import { describeClean, describeKeepAlive } from '../../../../../renderer/features/bench/session-words.ts'

describe('what becomes of a session', () => {
  it.each([
    [4, false, 'kept (clean session off)'],
    [4, true, 'not kept (clean session on)'],
    [5, false, 'goes on (clean start off)'],
    [5, true, 'begins anew (clean start on)'],
  ] as const)('is said for protocol level %d with clean %s', (protocolVersion, clean, words) => {
    expect(describeClean({ protocolVersion, clean })).toBe(words)
  })
})

describe('the keep alive', () => {
  const session = { connected: true, keepAlive: 10 }
  const heard = { open: true, lastFromClientAt: 100_000 }

  it('says when the last packet came', () => {
    expect(describeKeepAlive(session, heard, 103_400)).toBe('10 s · last packet 3 s ago')
  })

  it('knows that a packet may have come since the clock of the screen ticked', () => {
    expect(describeKeepAlive(session, heard, 99_000)).toBe('10 s · last packet 0 s ago')
  })

  it('says that one and a half times the keep alive is too long', () => {
    expect(describeKeepAlive(session, heard, 115_000)).toBe('10 s · last packet 15 s ago')
    expect(describeKeepAlive(session, heard, 115_001)).toBe('10 s · last packet 15 s ago, too long')
  })

  it('is only a length of time while nobody is connected', () => {
    expect(describeKeepAlive({ ...session, connected: false }, { open: false }, 0)).toBe('10 s')
    expect(describeKeepAlive(session, undefined, 0)).toBe('10 s')
  })

  it('can be off', () => {
    expect(describeKeepAlive({ ...session, keepAlive: 0 }, heard, 999_999)).toBe('off: silence is never too long')
  })
})
