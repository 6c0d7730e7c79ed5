import { describe, expect, it } from 'vitest'
import type { TargetSnapshot } from '../../../../../app/contract/targets.ts'
import { stateWords, targetWords } from '../../../../../renderer/features/shell/target-words.ts'

const reached = (url: string): TargetSnapshot => ({ url, state: 'reached', reason: '' })
const failed = (url: string, reason: string): TargetSnapshot => ({ url, state: 'failed', reason })
const untried = (url: string): TargetSnapshot => ({ url, state: 'untried', reason: '' })

describe('targets in the top bar', () => {
  it('are not there where devices connect to the embedded broker only', () => {
    expect(targetWords([])).toBeUndefined()
  })

  it('name the one there is', () => {
    expect(targetWords([reached('mqtt://a')])).toEqual({
      tone: 'green',
      label: 'Target',
      urls: 'mqtt://a',
      trouble: '',
    })
  })

  it('say that it cannot be reached, or that nobody has tried', () => {
    expect(targetWords([failed('mqtt://a', 'refused')])).toMatchObject({ tone: 'red', trouble: 'not reachable' })
    expect(targetWords([untried('mqtt://a')])).toMatchObject({ tone: 'grey', trouble: 'not tried yet' })
  })

  it('name all of several and count those that cannot be reached', () => {
    expect(targetWords([reached('mqtt://a'), failed('mqtts://b', 'refused'), untried('ws://c/mqtt')])).toEqual({
      tone: 'red',
      label: '3 targets',
      urls: 'mqtt://a, mqtts://b, ws://c/mqtt',
      trouble: '1 not reachable',
    })
  })

  it('say why', () => {
    expect(stateWords(failed('mqtt://a', 'nobody listens on a:1883'))).toBe('not reachable: nobody listens on a:1883')
    expect(stateWords(reached('mqtt://a'))).toBe('reachable')
  })
})
