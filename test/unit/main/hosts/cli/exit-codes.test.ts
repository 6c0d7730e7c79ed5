import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorCodes, FaultlineError } from '../../../../../app/base/errors.ts'
import { exitCodeOf, exitCodes } from '../../../../../main/hosts/cli/exit-codes.ts'

const codeOf = (code: ErrorCode) => exitCodeOf(new FaultlineError({ code, message: 'x' }))

describe('exit codes', () => {
  it('are the seven of the table', () => {
    expect(Object.values(exitCodes)).toEqual([0, 1, 2, 3, 4, 5, 130])
  })

  it('tell the environment from the input and the script', () => {
    expect(codeOf('port-in-use')).toBe(5)
    expect(codeOf('not-found')).toBe(5)
    expect(codeOf('file-unreadable')).toBe(5)
    expect(codeOf('invalid-argument')).toBe(2)
    expect(codeOf('script-threw')).toBe(3)
    expect(codeOf('script-timeout')).toBe(4)
  })

  it('are never 0 or 1 for an error', () => {
    expect(errorCodes.map(codeOf).filter((code) => code < 2)).toEqual([])
    expect(exitCodeOf(new TypeError('x'))).toBe(5)
    expect(exitCodeOf('thrown text')).toBe(5)
  })
})
