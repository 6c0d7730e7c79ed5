import { describe, expect, it } from 'vitest'
import type { ConnectionEvent } from '../../../../app/capture/captured.ts'
import { WillOrder } from '../../../../main/workbench/will-order.ts'
import { TestWire } from '../../../helpers/test-wire.ts'

const published: ConnectionEvent = {
  type: 'will published',
  clientId: 'pump',
  topic: 'will',
  reason: 'connection lost',
}

function open() {
  const bench = new TestWire()
  const pump = bench.connect('pump')
  const wills = new WillOrder({ clock: bench.clock, wire: bench.wire, tap: bench.tap })
  const types = () => bench.tap.events.slice(1).map(({ type }) => type)
  return { bench, pump, wills, types }
}

describe('what a broker tells of a will', () => {
  it('comes after the end of its connection, whoever hears of that first', () => {
    const { pump, types, wills } = open()
    wills.take(pump.connection, published)
    expect(types()).toEqual([])
    pump.client.reset()
    expect(types()).toEqual(['closed', 'will published'])
    wills.take(pump.connection, { type: 'will dropped', clientId: 'pump' })
    expect(types()).toEqual(['closed', 'will published', 'will dropped'])
  })

  it('does not wait for ever, and is told once', () => {
    const { bench, pump, types, wills } = open()
    wills.take(pump.connection, published)
    bench.clock.advance(999)
    expect(types()).toEqual([])
    bench.clock.advance(1)
    expect(types()).toEqual(['will published'])
    pump.client.reset()
    wills.dispose()
    expect(types()).toEqual(['will published', 'closed'])
  })

  it('is not lost when the workbench closes', () => {
    const { bench, pump, types, wills } = open()
    wills.take(pump.connection, published)
    wills.dispose()
    pump.client.reset()
    bench.clock.advance(2000)
    expect(types()).toEqual(['will published', 'closed'])
  })

  it('holds back nothing else', () => {
    const { pump, types, wills } = open()
    wills.take(pump.connection, { type: 'fault', what: 'refused', by: 'the broker' })
    expect(types()).toEqual(['fault'])
  })
})
