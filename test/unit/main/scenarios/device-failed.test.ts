import { describe, expect, it } from 'vitest'
import { refusal } from '../../../../main/devices/guest/close-reasons.ts'
import { isFinalRefusal } from '../../../../main/scenarios/device-failed.ts'

describe('a refusal', () => {
  it('is final where the same CONNECT would be refused again', () => {
    const final = (version: 4 | 5) => (code: number) => isFinalRefusal(refusal(code, version))
    expect([1, 2, 3, 4, 5].filter(final(4))).toEqual([1, 2, 4, 5])
    const codes = Array.from({ length: 0x80 }, (_, at) => 0x80 + at)
    expect(codes.filter(final(5))).toEqual([0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c])
    expect(isFinalRefusal(refusal(0x87, 5, { reasonString: 'no' }))).toBe(true)
    expect(isFinalRefusal('connection lost: not authorized')).toBe(false)
  })
})
