import { beforeAll, describe, expect, it } from 'vitest'
import { type Engine, loadEngine } from '../../../../../main/devices/guest/engine.ts'

describe('QuickJS as it is loaded', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await loadEngine()
  })

  /** Runs code in a runtime of its own; gives what it returned, or the message that it threw, and what was allocated. */
  function run(code: string, limit = 4 * 1024 * 1024) {
    const runtime = engine.newRuntime()
    const context = runtime.newContext()
    const rejections = engine.rejections.watch(runtime, context)
    runtime.setMemoryLimit(limit)
    const result = context.evalCode(code)
    runtime.executePendingJobs()
    const unhandled = rejections.take()
    const reasons = unhandled.map((promise) => {
      const state = context.getPromiseState(promise)
      return state.type === 'rejected' ? (state.error.consume((error) => context.dump(error)) as unknown) : state.type
    })
    for (const promise of unhandled) promise.dispose()
    const value: unknown = context.dump(result.error ?? result.value)
    result.dispose()
    const used = engine.memoryUsed(runtime)
    const refused = engine.ranOutOfMemory(runtime)
    rejections.dispose()
    context.dispose()
    runtime.dispose()
    return { value, reasons, used, refused }
  }

  it('counts the octets that a runtime has, and not its blocks', () => {
    const before = run('0').used
    const after = run('globalThis.held = [1, 2, 3].map(() => new Uint8Array(300_000)); 0').used
    expect(after - before).toBeGreaterThan(900_000)
    expect(after - before).toBeLessThan(920_000)
  })

  it('counts what is freed and what changes its size', () => {
    const before = run('0').used
    const code = `
      let all = []
      for (let i = 0; i < 20_000; i++) all.push({ i })
      all = undefined
      let text = ''
      for (let i = 0; i < 2000; i++) text += 'some text '
      text = undefined
      0`
    const { used, refused } = run(code)
    expect(used - before).toBeLessThan(30_000)
    expect(refused).toBe(false)
  })

  it('refuses more than the limit', () => {
    const { value, used, refused } = run('const all = []; for (;;) all.push(new Uint8Array(100_000))', 2_000_000)
    expect(value).toMatchObject({ message: 'out of memory' })
    expect(used).toBeLessThanOrEqual(2_000_000)
    expect(refused).toBe(true)
  })

  it('knows the promises that were rejected and that nobody handles', () => {
    expect(
      run('(async () => { throw 1 })(); (async () => { await 0; throw 2 })(); Promise.reject(3); 0').reasons,
    ).toEqual([1, 3, 2])
  })

  it('knows of none when all are handled, also later', () => {
    const code = `
      Promise.reject(1).catch(() => {})
      const late = Promise.reject(2)
      ;(async () => { try { await late } catch {} })()
      ;(async () => { await Promise.allSettled([Promise.reject(3)]) })()
      0`
    expect(run(code).reasons).toEqual([])
  })

  it('keeps runtimes apart', () => {
    expect(run('globalThis.shared = 1; Promise.reject(1); shared').value).toBe(1)
    const second = run('typeof shared')
    expect(second.value).toBe('undefined')
    expect(second.reasons).toEqual([])
  })
})
