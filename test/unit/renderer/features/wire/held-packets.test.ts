import { describe, expect, it } from 'vitest'
import {
  describeHeld,
  heldOnWay,
  isHolding,
  nextWords,
  targetOf,
  waitingWords,
} from '../../../../../renderer/features/wire/held-packets.ts'
import { packet } from '../../records.ts'
import { clientName, held, wire } from './held.ts'

describe('a held packet', () => {
  it('is told by its type and identifier, and by both ends', () => {
    expect(describeHeld(held(), clientName)).toEqual({
      type: 'PUBREL',
      name: 'PUBREL 77',
      from: 'broker',
      to: 'client-5',
      topic: '',
      by: 'type:pubrel',
      behind: '',
    })
  })

  it('has a topic where it is a PUBLISH, and may have others behind it', () => {
    const { octets } = packet({ cmd: 'publish', topic: 'a/b', payload: 'x', qos: 0, dup: false, retain: false })
    const words = describeHeld(held({ octets, direction: 'to broker', waiting: 2 }), clientName)
    expect(words).toMatchObject({
      name: 'PUBLISH',
      topic: 'a/b',
      from: 'client-5',
      to: 'broker',
      behind: '2 packets behind it',
    })
  })

  it('is what the buttons act on: the one that is looked at, otherwise the first', () => {
    const state = wire({ held: [held({ packet: 3 }), held({ packet: 8 })] })
    expect(targetOf(state, 8)?.packet).toBe(8)
    expect(targetOf(state, 4)?.packet).toBe(3)
    expect(targetOf(wire(), 4)).toBeUndefined()
    expect(nextWords(held(), clientName)).toBe('PUBREL 77, broker → client-5')
  })
})

describe('a way', () => {
  it('has one held packet at most: that of its connection and its direction', () => {
    const there = held({ packet: 3, connection: 5, direction: 'to broker' })
    const back = held({ packet: 8, connection: 5, direction: 'to client' })
    const state = wire({ held: [there, back] })
    expect(heldOnWay(state, { connection: 5, direction: 'to client' })).toBe(back)
    expect(heldOnWay(state, { connection: 5, direction: 'to broker' })).toBe(there)
    expect(heldOnWay(state, { connection: 6, direction: 'to broker' })).toBeUndefined()
  })
})

describe('the held wire', () => {
  it('is held by a breakpoint as well as by holding everything', () => {
    expect(isHolding(wire())).toBe(false)
    expect(isHolding(wire({ holding: true }))).toBe(true)
    expect(isHolding(wire({ held: [held()] }))).toBe(true)
  })

  it('says how many packets wait, and how many behind those', () => {
    expect(waitingWords(wire({ holding: true }))).toBe('nothing waits yet')
    expect(waitingWords(wire({ held: [held()] }))).toBe('1 packet waiting')
    expect(waitingWords(wire({ heldCount: 2, waitingCount: 7 }))).toBe('2 packets waiting · 7 behind')
  })
})
