import { describe, expect, it } from 'vitest'
import { describeNone } from '../../../../../renderer/features/topics/topic-words.ts'

describe('a search that finds nothing', () => {
  it('says so, and what is wrong with a filter that is none', () => {
    expect(describeNone('pump', 109)).toBe('None of 109 topics fits.')
    expect(describeNone('pump/+', 109)).toBe('None of 109 topics fits.')
    expect(describeNone('a/#/b', 109)).toMatch(
      /^None of 109 topics fits\. It is no Topic Filter: \[MQTT-4\.7\.1-1\] # in/,
    )
  })
})
