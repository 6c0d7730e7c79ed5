import { describe, expect, it } from 'vitest'
import { concerns, standStill } from '../../../../../renderer/features/handshakes/pause.ts'
import { summary } from './messages.ts'

describe('a list that stands still', () => {
  const since = {
    messages: [summary({ id: 2, state: 'waiting' }), summary({ id: 1 })],
    total: 2,
    forgotten: 0,
    missed: 0,
  }

  it('keeps its messages in their places, and shows what becomes of them', () => {
    const now = {
      messages: [summary({ id: 3 }), summary({ id: 2, state: 'complete' })],
      total: 3,
      forgotten: 1,
      missed: 0,
    }
    const shown = standStill(since, now)
    expect(shown.map(({ id, state }) => [id, state])).toEqual([
      [2, 'complete'],
      [1, 'complete'],
    ])
  })

  it('goes on when another capture has begun', () => {
    expect(concerns({ reason: 'asked', since }, { messages: [], total: 0, forgotten: 0, missed: 0 })).toBe(false)
    expect(concerns({ reason: 'asked', since }, since)).toBe(true)
  })
})
