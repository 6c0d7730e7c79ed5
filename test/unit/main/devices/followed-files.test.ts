import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FollowedFiles } from '../../../../main/devices/followed-files.ts'

describe('the files that devices use', () => {
  it('are watched from the first device on, and left when their place is needed', () => {
    const files = new FollowedFiles(2)
    expect(files.use('a.csv')).toEqual({ follow: true, leave: undefined })
    expect(files.use('a.csv')).toEqual({ follow: false, leave: undefined })
    expect(files.use('b.csv')).toEqual({ follow: true, leave: undefined })
    expect(files.use('c.csv')).toEqual({ follow: false, leave: undefined })
    files.release(['a.csv', 'c.csv'])
    expect(files.use('c.csv')).toEqual({ follow: false, leave: undefined })
    files.release(['a.csv'])
    expect(files.use('d.csv')).toEqual({ follow: true, leave: 'a.csv' })
    expect(files.use('a.csv')).toEqual({ follow: false, leave: undefined })
  })

  it('stay watched while the only device that uses them boots', () => {
    const files = new FollowedFiles(2)
    files.use('a.csv')
    files.release(['a.csv'])
    expect(files.use('a.csv')).toEqual({ follow: false, leave: undefined })
  })

  it('are watched as long as they are used, and never too many', () => {
    const step = fc.record({ device: fc.nat(3), path: fc.constantFrom('a', 'b', 'c', 'd', 'e'), boots: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const files = new FollowedFiles(3)
        const used = Array.from({ length: 4 }, () => new Set<string>())
        const watched = new Set<string>()
        for (const { boots, device, path } of steps) {
          const own = used[device] as Set<string>
          if (boots) {
            files.release(own)
            own.clear()
          } else if (!own.has(path)) {
            own.add(path)
            const { follow, leave } = files.use(path)
            if (leave !== undefined) {
              expect(watched.delete(leave)).toBe(true)
              expect(used.some((paths) => paths.has(leave))).toBe(false)
            }
            if (follow) {
              expect(watched.has(path)).toBe(false)
              watched.add(path)
            } else if (!watched.has(path)) {
              // There was no room: each that is watched is used.
              for (const other of watched) expect(used.some((paths) => paths.has(other))).toBe(true)
              expect(watched.size).toBe(3)
            }
          }
          expect(watched.size).toBeLessThanOrEqual(3)
        }
      }),
    )
  })
})
