import { describe, expect, it } from 'vitest'
import type { ConsoleLine } from '../../../../app/device/device-snapshot.ts'
import { ConsoleRing } from '../../../../main/devices/console-ring.ts'

function lines(from: number, to: number): ConsoleLine[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ device: 'a', time: 0, level: 'log', text: `${from + i}` }))
}

describe('the console of a device', () => {
  it('keeps the newest 500 lines, oldest first, and counts those that are gone', () => {
    const ring = new ConsoleRing()
    ring.add(lines(1, 300))
    expect(ring.read()).toEqual({ lines: lines(1, 300), dropped: 0 })
    ring.add(lines(301, 510))
    expect(ring.read()).toEqual({ lines: lines(11, 510), dropped: 10 })
    ring.add(lines(511, 2000))
    expect(ring.read()).toEqual({ lines: lines(1501, 2000), dropped: 1500 })
  })

  it('counts what never came, too', () => {
    const ring = new ConsoleRing()
    ring.add(lines(1, 1), 99)
    expect(ring.read().dropped).toBe(99)
  })
})
