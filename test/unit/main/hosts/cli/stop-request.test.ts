import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stopRequest } from '../../../../../main/hosts/cli/stop-request.ts'

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'] as const

describe('a request to stop', () => {
  const others = new Map(names.map((name) => [name, process.rawListeners(name)]))

  // The test runner's own listeners must neither hear of our signals nor get lost.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
    for (const name of names) process.removeAllListeners(name)
  })
  afterEach(() => {
    vi.useRealTimers()
    for (const name of names) {
      process.removeAllListeners(name)
      for (const listener of others.get(name) ?? []) process.on(name, listener as () => void)
    }
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is %s', async (signal) => {
    const request = stopRequest({ secondSignal() {}, error() {} })
    process.emit(signal)
    expect(await request).toBe('asked')
  })

  it('is an error that nobody caught; those that follow while it stops are heard of too', async () => {
    const errors: unknown[] = []
    const request = stopRequest({ secondSignal() {}, error: (error) => errors.push(error) })
    const [first, second] = [new Error('first'), new Error('second')]
    process.emit('uncaughtException', first)
    process.emit('unhandledRejection', second, Promise.resolve())
    expect(await request).toBe('failed')
    expect(errors).toEqual([first, second])
  })

  it('is made at once by a second signal, but not by the echo of the first', () => {
    const secondSignal = vi.fn()
    void stopRequest({ secondSignal, error() {} })
    process.emit('SIGINT')
    vi.advanceTimersByTime(50)
    process.emit('SIGINT')
    expect(secondSignal).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1000)
    process.emit('SIGINT')
    expect(secondSignal).toHaveBeenCalledOnce()
  })
})
