import { describe, expect, it } from 'vitest'
import { deviceStates } from '../../../../../app/device/device-snapshot.ts'
import { nearness, rowsOf } from '../../../../../renderer/features/bench/state-path.ts'

describe('the path of a device', () => {
  it('is told from the newest state back, with how long each lasted', () => {
    const entries = [
      { time: 1000, state: 'booting', reason: 'powered on' },
      { time: 1040, state: 'connecting', reason: '' },
      { time: 3240, state: 'online', reason: '' },
    ] as const
    expect(rowsOf({ entries: [...entries], dropped: 7 })).toEqual([
      { number: 10, ...entries[2], lasted: '' },
      { number: 9, ...entries[1], lasted: '2.2 s' },
      { number: 8, ...entries[0], lasted: '40 ms' },
    ])
  })

  it('never lasted less than nothing, where two clocks were read', () => {
    const entries = [
      { time: 5, state: 'power lost' as const, reason: '' },
      { time: 4, state: 'booting' as const, reason: '' },
    ]
    expect(rowsOf({ entries, dropped: 0 }).at(-1)?.lasted).toBe('0 ms')
  })
})

describe('the state machine on the screen', () => {
  it('marks where a device is, and what can be next', () => {
    const marked = (state: (typeof deviceStates)[number], near: string) =>
      deviceStates.filter((other) => nearness(other, state) === near)
    expect(marked('power lost', 'now')).toEqual(['power lost'])
    expect(marked('power lost', 'next')).toEqual(['booting'])
    expect(marked('booting', 'next')).toEqual(['connecting', 'power lost', 'script error'])
    expect(marked('online', 'far')).toEqual(['off'])
  })
})
