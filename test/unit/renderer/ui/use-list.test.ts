import { describe, expect, it } from 'vitest'
import { rowForKey } from '../../../../renderer/ui/use-list.ts'

describe('the keys of a list', () => {
  it('go from row to row, by ten and to both ends, and no further', () => {
    expect(rowForKey('ArrowDown', 3, 20)).toBe(4)
    expect(rowForKey('ArrowUp', 3, 20)).toBe(2)
    expect(rowForKey('PageDown', 3, 20)).toBe(13)
    expect(rowForKey('PageDown', 15, 20)).toBe(19)
    expect(rowForKey('PageUp', 3, 20)).toBe(0)
    expect(rowForKey('Home', 15, 20)).toBe(0)
    expect(rowForKey('End', 3, 20)).toBe(19)
    expect(rowForKey('ArrowDown', 19, 20)).toBe(19)
  })

  it('begin at the first row where none is chosen', () => {
    expect(rowForKey('ArrowDown', -1, 20)).toBe(0)
    expect(rowForKey('ArrowUp', -1, 20)).toBe(0)
  })

  it('are those alone, and do nothing in an empty list', () => {
    expect(rowForKey('Enter', 3, 20)).toBeUndefined()
    expect(rowForKey('a', 3, 20)).toBeUndefined()
    expect(rowForKey('ArrowDown', -1, 0)).toBeUndefined()
  })

  it('pass over what cannot be chosen, and turn back where there is nothing else on that side', () => {
    // folder, file, file, folder, file, folder
    const isFile = (at: number) => [1, 2, 4].includes(at)
    expect(rowForKey('ArrowDown', 2, 6, isFile)).toBe(4)
    expect(rowForKey('ArrowUp', 4, 6, isFile)).toBe(2)
    expect(rowForKey('ArrowUp', 1, 6, isFile)).toBe(1)
    expect(rowForKey('ArrowDown', 4, 6, isFile)).toBe(4)
    expect(rowForKey('Home', 4, 6, isFile)).toBe(1)
    expect(rowForKey('End', 1, 6, isFile)).toBe(4)
    expect(rowForKey('ArrowDown', 0, 6, () => false)).toBeUndefined()
  })
})
