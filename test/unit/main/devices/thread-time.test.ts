import { describe, expect, it } from 'vitest'
import { thisThread, threadTime } from '../../../../main/devices/thread-time.ts'
import { until } from '../../../helpers/until.ts'

describe('the time of a thread', () => {
  it.runIf(process.platform === 'linux')('grows while it works', async () => {
    const thread = thisThread()
    const before = threadTime(thread) as number
    expect(before).toBeGreaterThan(0)
    await until('it has worked for a while', () => {
      for (let i = 0; i < 1e6; i++);
      return (threadTime(thread) as number) > before + 20
    })
  })

  it('is unknown for a thread that does not exist', () => {
    expect(threadTime(0)).toBeUndefined()
    expect(threadTime(2 ** 30)).toBeUndefined()
  })
})
