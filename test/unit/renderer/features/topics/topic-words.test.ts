import { describe, expect, it } from 'vitest'
import {
  describeCounts,
  describeHistory,
  describeNone,
  isNotFound,
} from '../../../../../renderer/features/topics/topic-words.ts'

describe('a search that finds nothing', () => {
  it('says so, and what is wrong with a filter that is none', () => {
    expect(describeNone('pump', 109)).toBe('None of 109 topics fits.')
    expect(describeNone('pump/+', 109)).toBe('None of 109 topics fits.')
    expect(describeNone('a/#/b', 109)).toMatch(
      /^None of 109 topics fits\. It is no Topic Filter: \[MQTT-4\.7\.1-1\] # in/,
    )
  })
})

describe('the topic beside a search', () => {
  const found = { rows: [{ path: 'a/b' }, { path: 'a/c' }], total: 2 }

  it('is marked where it is none of those that were found', () => {
    expect(isNotFound('a/b', 'a', found)).toBe(false)
    expect(isNotFound('x', 'a', found)).toBe(true)
    expect(isNotFound('x', 'nothing', { rows: [], total: 0 })).toBe(true)
  })

  it('is not marked where nobody searches, or it may be among those that are not here', () => {
    expect(isNotFound('x', '', found)).toBe(false)
    expect(isNotFound('x', 'a', { ...found, total: 500 })).toBe(false)
  })
})

describe('what there is', () => {
  const counts = { since: 0, topics: 59, retained: 2, ownRetained: 0, messages: 7, rate: 0, over: 0 }

  it("tells what clients have retained from the broker's own", () => {
    expect(describeCounts(counts, 3000)).toBe('59 topics · 2 retained · 7 messages in 3 s')
    expect(describeCounts({ ...counts, ownRetained: 53 }, 3000)).toContain("2 retained + 53 of the broker's own ·")
  })
})

describe('a curve', () => {
  it('says how long it is and what its highest point is', () => {
    expect(describeHistory([0, 3, 1200])).toBe('last 3 s · at most 1,200/s')
    expect(describeHistory([])).toBe('last 0 s · at most 0/s')
  })
})
