import { beforeEach, describe, expect, it } from 'vitest'
import { Turn } from '../../../../../main/broker/engine/turn.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

let clock: FakeClock
let work: number
let turn: Turn
let failures: unknown[]

beforeEach(() => {
  clock = new FakeClock()
  work = 0
  failures = []
  turn = new Turn(
    clock,
    () => work,
    (error) => failures.push(error),
  )
})

/** The turn has begun, and has lasted too long. */
function overstay(): void {
  expect(turn.isOver).toBe(false)
  clock.stall(11)
}

describe('A turn', () => {
  it('is over when it has lasted for more than ten milliseconds, and the next one is not', () => {
    expect(turn.isOver).toBe(false)
    clock.stall(10)
    work += 32
    expect(turn.isOver).toBe(false)
    clock.stall(1)
    work += 32
    expect(turn.isOver).toBe(true)
    clock.advance(0)
    expect(turn.isOver).toBe(false)
  })

  it('asks for the time once for 32 packets', () => {
    overstay()
    work += 31
    expect(turn.isOver).toBe(false)
    work += 1
    expect(turn.isOver).toBe(true)
  })

  it('asks for the time with the next packet where much was done for one', () => {
    overstay()
    expect(turn.isOver).toBe(false)
    turn.hurry()
    expect(turn.isOver).toBe(true)
  })

  it('can be ended, and the next one is another', () => {
    turn.end()
    const { number } = turn
    expect(turn.isOver).toBe(true)
    clock.advance(0)
    expect([turn.isOver, turn.number]).toEqual([false, number + 1])
  })

  it('is followed by one in which all goes on that waits, in order', () => {
    const ran: string[] = []
    turn.next(() => ran.push('first'))
    turn.next(() => {
      ran.push('second')
      turn.next(() => ran.push('fourth'))
    })
    turn.next(() => ran.push('third'))
    expect(ran).toEqual([])
    clock.advance(0)
    expect(ran.slice(0, 3)).toEqual(['first', 'second', 'third'])
    clock.advance(0)
    expect(ran).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('is followed by one that begins with what was begun before', () => {
    const ran: string[] = []
    turn.next(() => ran.push('waited'))
    turn.first(() => ran.push('begun'))
    clock.advance(0)
    expect(ran).toEqual(['begun', 'waited'])
  })

  it('that what was begun before takes up leaves the others to the next one', () => {
    const ran: string[] = []
    turn.next(() => ran.push('waited'))
    turn.first(() => {
      expect(turn.isOver).toBe(false)
      clock.stall(20)
      turn.hurry()
      expect(turn.isOver).toBe(true)
      turn.first(() => ran.push('ended'))
    })
    clock.advance(0)
    expect(ran).toEqual(['ended', 'waited'])
  })

  it('goes on with the others where one throws, and says so', () => {
    const ran: string[] = []
    turn.next(() => {
      throw new Error('broken')
    })
    turn.next(() => ran.push('the next'))
    clock.advance(0)
    expect(ran).toEqual(['the next'])
    expect(failures).toEqual([new Error('broken')])
  })

  it('that one thing takes up leaves the others to the next one, before what has come since', () => {
    const ran: string[] = []
    turn.next(() => {
      ran.push('long')
      expect(turn.isOver).toBe(false)
      clock.stall(20)
      turn.hurry()
      turn.next(() => ran.push('long again'))
    })
    turn.next(() => ran.push(turn.isOver ? 'short, without time' : 'short'))
    clock.advance(0)
    expect(ran).toEqual(['long', 'short', 'long again'])
  })
})
