import { describe, expect, it } from 'vitest'
import type { HeldPacket } from '../../../../../app/contract/wire.ts'
import { endangered, keepAliveWords } from '../../../../../renderer/features/wire/keep-alive.ts'
import { clientName, held, wire } from './held.ts'

describe('a keep alive', () => {
  const ends = (keepAliveEndsAt: number | undefined, more: Partial<HeldPacket> = {}) =>
    held({ keepAliveEndsAt, ...more })

  it('is warned of when less than 15 seconds are left', () => {
    const state = wire({ held: [ends(30_000)] })
    expect(endangered(state, 15_000)).toEqual([])
    expect(endangered(state, 15_001)).toEqual([{ connection: 5, left: 14_999 }])
  })

  it('is warned of when less than a third of a long one is left', () => {
    const state = wire({ held: [ends(90_000)] })
    expect(endangered(state, 60_000)).toEqual([])
    expect(endangered(state, 60_001)).toEqual([{ connection: 5, left: 29_999 }])
  })

  it('is warned of once for a connection, the most urgent one first', () => {
    const list = [ends(9000), ends(8000), ends(3000, { connection: 7 }), ends(undefined, { connection: 9 })]
    expect(endangered(wire({ held: list }), 0)).toEqual([
      { connection: 7, left: 3000 },
      { connection: 5, left: 8000 },
    ])
  })

  it('is told of in words, also when it has run out', () => {
    expect(keepAliveWords([{ connection: 5, left: 7200 }], clientName)).toEqual({
      text: "client-5's keep alive runs out in 8 s: the broker will then close its connection",
      ranOut: false,
    })
    const two = [
      { connection: 5, left: 0 },
      { connection: 7, left: 1 },
    ]
    expect(keepAliveWords(two, clientName)).toEqual({
      text: "client-5's keep alive has run out: the broker closes its connection (and 1 more)",
      ranOut: true,
    })
    expect(keepAliveWords([], clientName)).toBeUndefined()
  })
})
