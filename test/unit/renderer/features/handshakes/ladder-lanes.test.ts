import { describe, expect, it } from 'vitest'
import { roomForSubscribers } from '../../../../../renderer/features/handshakes/ladder-lanes.ts'

describe('the lifelines of subscribers', () => {
  it('have room for at least one, and for three where it is wide', () => {
    expect([320, 486, 732, 2000].map(roomForSubscribers)).toEqual([1, 1, 3, 3])
  })
})
