import { describe, expect, it } from 'vitest'
import { TurnedAway } from '../../../../main/workbench/turned-away.ts'

function heard() {
  const lines: string[] = []
  return { lines, turnedAway: new TurnedAway((line) => void lines.push(line)) }
}

describe('clients that did not get in', () => {
  it('are told of once, with who it was, and in the end with how often', () => {
    const { lines, turnedAway } = heard()
    turnedAway.add('pump-01 at 127.0.0.1:40001', 'refused: nobody knows it')
    turnedAway.add('127.0.0.1:40002', 'what it speaks is HTTP')
    for (const n of [1, 2, 2, 3]) turnedAway.add(`pump-0${n} at 127.0.0.1:4001${n}`, 'refused: nobody knows it')
    expect(lines).toEqual([
      'pump-01 at 127.0.0.1:40001 did not get in: refused: nobody knows it',
      '127.0.0.1:40002 did not get in: what it speaks is HTTP',
    ])
    turnedAway.end()
    turnedAway.end()
    expect(lines.slice(2)).toEqual(['4 times more it was pump-01, pump-02, pump-03: refused: nobody knows it'])
  })

  it('are named as long as they are few', () => {
    const { lines, turnedAway } = heard()
    for (let n = 0; n < 6; n++) turnedAway.add(`meter-${n} at 127.0.0.1:4000${n}`, 'refused: full')
    turnedAway.end()
    expect(lines.at(-1)).toBe('5 times more it was meter-1, meter-2, meter-3 and others: refused: full')
  })
})
