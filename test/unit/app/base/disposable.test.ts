import { describe, expect, it } from 'vitest'
import { DisposableStore, toDisposable } from '../../../../app/base/disposable.ts'

describe('DisposableStore', () => {
  it('lets go of the last first, once', () => {
    const gone: string[] = []
    const store = new DisposableStore()
    store.add(toDisposable(() => gone.push('first')))
    store.add(toDisposable(() => gone.push('second')))
    store.dispose()
    store.dispose()
    expect(gone).toEqual(['second', 'first'])
  })

  it('lets go at once of what comes too late', () => {
    const store = new DisposableStore()
    store.dispose()
    let gone = 0
    store.add(
      toDisposable(() => {
        gone += 1
      }),
    )
    expect(gone).toBe(1)
  })
})
