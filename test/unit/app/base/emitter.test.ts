import { describe, expect, it } from 'vitest'
import { Emitter } from '../../../../app/base/emitter.ts'

describe('Emitter', () => {
  it('tells listeners in the order in which they came', () => {
    const emitter = new Emitter<number>()
    const heard: string[] = []
    emitter.event((value) => heard.push(`first ${value}`))
    emitter.event((value) => heard.push(`second ${value}`))
    emitter.fire(1)
    expect(heard).toEqual(['first 1', 'second 1'])
  })

  it('lets the same function subscribe twice and leave once', () => {
    const emitter = new Emitter<number>()
    let heard = 0
    const listener = () => {
      heard += 1
    }
    const first = emitter.event(listener)
    emitter.event(listener)
    first.dispose()
    first.dispose()
    emitter.fire(1)
    expect(heard).toBe(1)
    expect(emitter.hasListeners).toBe(true)
  })

  it('goes on after a listener that throws, and reports the error', () => {
    const errors: unknown[] = []
    const emitter = new Emitter<number>((error) => errors.push(error))
    const heard: number[] = []
    const broken = new Error('broken')
    emitter.event(() => {
      throw broken
    })
    emitter.event((value) => heard.push(value))
    emitter.fire(1)
    expect(heard).toEqual([1])
    expect(errors).toEqual([broken])
  })

  it('tells nothing more to one that leaves while an event is told, and nothing yet to one that joins', () => {
    const emitter = new Emitter<number>()
    const heard: string[] = []
    emitter.event(() => {
      leaving.dispose()
      emitter.event((value) => heard.push(`joined ${value}`))
    })
    const leaving = emitter.event(() => heard.push('left'))
    emitter.fire(1)
    expect(heard).toEqual([])
    emitter.fire(2)
    expect(heard).toEqual(['joined 2'])
  })

  it('is silent when it is disposed, even halfway', () => {
    const emitter = new Emitter<number>()
    const heard: number[] = []
    emitter.event(() => emitter.dispose())
    emitter.event((value) => heard.push(value))
    emitter.fire(1)
    emitter.fire(2)
    expect(heard).toEqual([])
    expect(emitter.hasListeners).toBe(false)
  })
})
