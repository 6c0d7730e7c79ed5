import { describe, expect, it } from 'vitest'
import { EachSecond } from '../../../../../renderer/features/bench/each-second.ts'

describe('EachSecond', () => {
  it('makes a value once a second for each key', () => {
    const values = new EachSecond<object>()
    const first = values.get('a', 1000, () => ({}))
    expect(values.get('a', 1000, () => ({}))).toBe(first)
    expect(values.get('b', 1000, () => ({}))).not.toBe(first)
    expect(values.get('a', 2000, () => ({}))).not.toBe(first)
  })
})
