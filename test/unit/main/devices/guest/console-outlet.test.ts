import { describe, expect, it } from 'vitest'
import { ConsoleOutlet, longestLine, mostLinesPerSecond } from '../../../../../main/devices/guest/console-outlet.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

function setUp() {
  const clock = new FakeClock()
  const written: { text: string; level: string; dropped: number }[] = []
  const outlet = new ConsoleOutlet(clock, (lines, dropped) => {
    written.push(...lines.map(({ text, level }) => ({ text, level, dropped })))
  })
  return { clock, outlet, written }
}

describe('the outlet of a console', () => {
  it('lets so many lines through in a second, then says how many it left out', () => {
    const { clock, outlet, written } = setUp()
    for (let i = 0; i < mostLinesPerSecond + 50; i++) outlet.log(`${i}`)
    expect(written).toHaveLength(mostLinesPerSecond)
    clock.advance(999)
    expect(written).toHaveLength(mostLinesPerSecond)
    clock.advance(1)
    expect(written.at(-1)).toEqual({
      text: `50 lines were left out: a device can write ${mostLinesPerSecond} lines a second`,
      level: 'info',
      dropped: 50,
    })
    outlet.log('next')
    expect(written.at(-1)).toEqual({ text: 'next', level: 'log', dropped: 0 })
    expect(clock.waiting).toBe(0)
  })

  it('never leaves out what the workbench says', () => {
    const { outlet, written } = setUp()
    for (let i = 0; i < mostLinesPerSecond + 50; i++) outlet.log(`${i}`)
    outlet.say('error', 'it broke')
    expect(written.at(-1)).toEqual({ text: 'it broke', level: 'error', dropped: 0 })
  })

  it('tells what it left out when it ends', () => {
    const { clock, outlet, written } = setUp()
    for (let i = 0; i < mostLinesPerSecond + 1; i++) outlet.log(`${i}`)
    outlet.dispose()
    expect(written.at(-1)?.dropped).toBe(1)
    expect(clock.waiting).toBe(0)
  })

  it('cuts a long line, and says so', () => {
    const { outlet, written } = setUp()
    outlet.log('x'.repeat(longestLine))
    outlet.log('x'.repeat(longestLine + 1))
    expect(written.map(({ text }) => text)).toEqual([
      'x'.repeat(longestLine),
      `${'x'.repeat(longestLine)}… (cut here: ${longestLine + 1} characters)`,
    ])
  })
})
