import { describe, expect, it } from 'vitest'
import { describeCounts, type MatchCounts } from '../../../../../renderer/features/traffic/traffic-status.tsx'

const source = { oldest: 1, last: 48_640, evicted: 0, missing: 0 }
const matches: MatchCounts = {
  filter: { text: 'dup' },
  count: 123,
  leftOut: 0,
  progress: undefined,
  problem: undefined,
  retry: () => undefined,
}

describe('what is said about the list', () => {
  it('is how many records there are, and how many of them are shown', () => {
    expect(describeCounts(source, undefined)).toBe('48,640 records')
    expect(describeCounts(source, { ...matches, filter: undefined })).toBe('48,640 records')
    expect(describeCounts(source, matches)).toBe('123 of 48,640 records')
  })

  it('counts only records that are still there', () => {
    expect(describeCounts({ ...source, oldest: 641, evicted: 640 }, matches)).toBe('123 of 48,000 records')
  })

  it('says how far the search is, and what is left out', () => {
    expect(describeCounts(source, { ...matches, progress: 0.609 })).toBe('123 of 48,640 records · searching … 60 %')
    expect(describeCounts(source, { ...matches, leftOut: 5000 })).toBe(
      '123 of 48,640 records · 5,000 older ones left out',
    )
    expect(describeCounts(source, { ...matches, progress: 0.5, problem: { message: 'x' } })).toBe(
      '123 of 48,640 records',
    )
  })
})
