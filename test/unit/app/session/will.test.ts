import { describe, expect, it } from 'vitest'
import { willFate } from '../../../../app/session/will.ts'

describe('A Will Message', () => {
  it('is deleted by DISCONNECT, whatever its delay', () => {
    for (const delay of [0, 5]) expect(willFate('disconnected', delay, 60)).toEqual({ type: 'delete' })
  })

  it('is published at once without a delay', () => {
    expect(willFate('failed', 0, 60)).toEqual({ type: 'publish' })
  })

  it('is published at once where the Session ends with its connection', () => {
    expect(willFate('failed', 5, 0)).toEqual({ type: 'publish' })
  })

  it('waits for its delay or for the end of the Session, whichever is first', () => {
    expect(willFate('failed', 5, 60)).toEqual({ type: 'delay', after: 5 })
    expect(willFate('failed', 60, 5)).toEqual({ type: 'delay', after: 5 })
    expect(willFate('failed', 60, Number.POSITIVE_INFINITY)).toEqual({ type: 'delay', after: 60 })
  })
})
