import { describe, expect, it } from 'vitest'
import { TurnsByKey } from '../../../../../main/broker/engine/turns-by-key.ts'

describe('turns by key', () => {
  it('run what has one key one after the other, and other keys beside it', async () => {
    const turns = new TurnsByKey(() => {})
    const log: string[] = []
    let goOn = () => {}
    const first = turns.run('a', async () => {
      log.push('a1 begins')
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      log.push('a1 ends')
    })
    const second = turns.run('a', async () => void log.push('a2'))
    expect(log).toEqual([])
    await turns.run('b', async () => void log.push('b1'))
    expect(log).toEqual(['a1 begins', 'b1'])
    goOn()
    await Promise.all([first, second])
    expect(log).toEqual(['a1 begins', 'b1', 'a1 ends', 'a2'])
  })

  it('go on after one that failed, which is told of', async () => {
    const failures: unknown[] = []
    const turns = new TurnsByKey((error) => void failures.push(error))
    const log: string[] = []
    const failed = turns.run('a', () => Promise.reject(new Error('not this time')))
    const after = turns.run('a', async () => void log.push('after'))
    await Promise.all([failed, after])
    expect(failures).toEqual([new Error('not this time')])
    expect(log).toEqual(['after'])
  })
})
