import { describe, expect, it } from 'vitest'
import { troubleOf } from '../../../../../renderer/features/recordings/recording-trouble.ts'

const well = { records: 7, octets: 700, lost: 0 }
const path = 'recordings/a.faultline'

describe('troubleOf', () => {
  it('says nothing of a recording that is complete', () => {
    expect(troubleOf(well)).toBeUndefined()
    expect(troubleOf({ ...well, path })).toBeUndefined()
  })

  it('says what is lost while it is being written', () => {
    expect(troubleOf({ ...well, path, lost: 1200 })).toMatch(/^the recording has gaps: 1\D?200 records left the memory/)
    expect(troubleOf({ ...well, path, lost: 1 })).toMatch(/1 record left the memory before it could be written$/)
  })

  it('says what is lost of one that the user has stopped, and not that it stopped', () => {
    expect(troubleOf({ ...well, lost: 3 })).toMatch(/^the recording has gaps: 3 records/)
  })

  it('says why it stopped by itself, and what was lost before', () => {
    const problem = 'the disk is full'
    expect(troubleOf({ ...well, problem })).toBe('recording stopped: the disk is full')
    expect(troubleOf({ ...well, problem, lost: 3 })).toMatch(
      /^recording stopped: the disk is full; the recording has gaps: 3/,
    )
  })
})
