import { describe, expect, it } from 'vitest'
import { PaintPace } from '../../../../../renderer/features/traffic/use-painting.ts'

/** In which frames, from 1, is painted, when so many records come with each. */
function paintings(pace: PaintPace, frames: number, recordsPerFrame: number, frameMs = 1000 / 60): number[] {
  const painted: number[] = []
  let waiting = 0
  for (let frame = 1; frame <= frames; frame++) {
    waiting += recordsPerFrame
    if (!pace.isDue(frame * frameMs, waiting)) continue
    painted.push(frame)
    waiting = 0
  }
  return painted
}

describe('PaintPace', () => {
  it('paints every frame while little happens', () => {
    expect(paintings(new PaintPace(), 5, 3)).toEqual([1, 2, 3, 4, 5])
  })

  it('paints every fourth frame under load', () => {
    expect(paintings(new PaintPace(), 12, 333)).toEqual([4, 8, 12])
  })

  it('waits longer when frames are missed, and comes back', () => {
    const pace = new PaintPace()
    const slow = paintings(pace, 200, 333, 40)
    const last = slow.at(-1) ?? 0
    expect(last - (slow.at(-2) ?? 0)).toBe(16)
    const after = paintings(pace, 400, 333)
    expect((after.at(-1) ?? 0) - (after.at(-2) ?? 0)).toBe(4)
  })
})
