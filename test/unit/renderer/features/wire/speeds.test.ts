import { describe, expect, it } from 'vitest'
import { formatSpeed, speedsWith } from '../../../../../renderer/features/wire/speeds.ts'

describe('the speed', () => {
  it('can be chosen from real time down to a hundredth', () => {
    expect(speedsWith(1).map(formatSpeed)).toEqual(['1×', '0.5×', '0.25×', '0.1×', '0.05×', '0.01×'])
  })

  it('has the present one among its choices', () => {
    expect(speedsWith(0.3)).toEqual([1, 0.5, 0.3, 0.25, 0.1, 0.05, 0.01])
  })
})
