import { beforeEach, describe, expect, it } from 'vitest'
import { newRule, publishPacket, type TestLink, TestWire } from '../../../helpers/test-wire.ts'

let bench: TestWire
let pump: TestLink
/** Events of the capture, and `told` where the one who waits is called back. */
let order: string[]

beforeEach(() => {
  bench = new TestWire()
  pump = bench.connect('pump-01')
  order = []
})

const types = () => bench.tap.events.slice(1).map(({ type }) => type)
const wait = () =>
  bench.wire.whenClosed(pump.connection, () => {
    order = [...types(), 'told']
  })

describe('who waits for a connection to be closed', () => {
  it('is told at once where it is closed already, or was never there', () => {
    pump.client.reset()
    wait()
    expect(order).toEqual(['closed', 'told'])
    let told = false
    bench.wire.whenClosed(99, () => {
      told = true
    })
    expect(told).toBe(true)
  })

  it('is told when it closes', () => {
    wait()
    expect(order).toEqual([])
    pump.client.reset()
    expect(order).toEqual(['closed', 'told'])
    expect(types()).toEqual(['closed'])
  })

  it('makes the capture say that the client has closed, once, though the broker has not answered', () => {
    pump.client.end()
    expect(types()).toEqual([])
    wait()
    expect(order).toEqual(['closed', 'told'])
    expect(bench.tap.events.at(-1)).toEqual({ type: 'closed', by: 'client', cause: 'fin', reason: undefined })
    pump.broker.end()
    expect(pump.link.open).toBe(false)
    expect(types()).toEqual(['closed'])
  })

  it('makes the capture say that the broker has closed its end, while the client still sends', () => {
    pump.broker.end('taken over')
    wait()
    expect(order).toEqual(['one end closed', 'told'])
    expect(bench.tap.events.at(-1)).toEqual({
      type: 'one end closed',
      by: 'broker',
      cause: 'fin',
      reason: 'taken over',
      told: true,
    })
    pump.client.write(publishPacket('t', 'late'))
    pump.client.end()
    expect(types().at(-1)).toBe('closed')
    expect(bench.tap.events.at(-1)).toEqual({ type: 'closed', by: 'broker', cause: 'fin', reason: 'taken over' })
  })

  it('is told of a broker that closes after it has waited', () => {
    wait()
    pump.broker.end('keep alive ran out')
    expect(order).toEqual(['one end closed', 'told'])
  })

  it('is told after the one end that closed, where the other cannot hear of it', () => {
    bench.wire.addRule(newRule('halfOpen'))
    wait()
    pump.broker.end('keep alive ran out')
    expect(order).toEqual(['fault', 'one end closed', 'told'])
    expect(types().filter((type) => type === 'one end closed')).toHaveLength(1)
  })

  it('is told after what came in one piece with the packet that made the end', () => {
    bench.wire.addRule(newRule('cut', { filter: 'payload~"b"', settings: { how: 'rst', when: 'after' } }))
    wait()
    pump.client.write(Buffer.concat(['a', 'b', 'c'].map((payload) => publishPacket('t', payload))))
    expect(order).toEqual(['fault', 'packet dropped', 'closed', 'told'])
  })
})
