import { describe, expect, it } from 'vitest'
import { Refusals } from '../../../../../main/broker/access/refusals.ts'

describe('Refusals', () => {
  it('refuse whom and as often as they are told', () => {
    const refusals = new Refusals()
    const order = refusals.add({ code: 0x88, reason: 'as asked', clients: 'pump-*' })
    refusals.add({ code: 0x9f, reason: 'once', times: 1 })
    expect(refusals.take('pump-1')).toMatchObject({ code: 0x88, reason: 'as asked' })
    expect(refusals.take('valve')).toMatchObject({ code: 0x9f, reason: 'once' })
    expect(refusals.take('valve')).toBeUndefined()
    expect(refusals.take('pump-1')).toMatchObject({ code: 0x88 })
    order.dispose()
    expect(refusals.take('pump-1')).toBeUndefined()
  })
})
