import { describe, expect, it } from 'vitest'
import { KeptMessages } from '../../../../../main/devices/guest/kept-messages.ts'
import { described, mostPending, PendingCalls, type Request } from '../../../../../main/devices/guest/pending-calls.ts'

const nothing = { size: 0, octets: 0 }
const long = 'x'.repeat(65_535)

function publish(call: number, about: Partial<Request & { type: 'publish' }> = {}): Request {
  return { type: 'publish', call, topic: 't', payload: new Uint8Array(0), qos: 1, retain: false, ...about }
}

/** How many requests of a kind find room. */
function room(make: (call: number) => Request, kept = nothing): number {
  const calls = new PendingCalls()
  let call = 0
  for (; call <= mostPending.calls && calls.hasRoomFor(make(call), kept); call++) calls.add(make(call))
  return call
}

describe('what a client may have pending', () => {
  it('is counted in calls', () => {
    expect(room((call) => publish(call))).toBe(mostPending.calls)
  })

  it.each<[string, (call: number) => Request]>([
    ['payloads', (call) => publish(call, { payload: new Uint8Array(65_535) })],
    ['topics', (call) => publish(call, { topic: long })],
    ['topics in octets', (call) => publish(call, { topic: 'ü'.repeat(32_768) })],
    ['filters of subscriptions', (call) => ({ type: 'subscribe', call, filter: long, qos: 0 })],
    ['filters that are given up', (call) => ({ type: 'unsubscribe', call, filter: long })],
    ['properties', (call) => publish(call, { properties: { contentType: long } })],
    ['User Properties', (call) => publish(call, { properties: { userProperties: [[long, '']] } })],
    ['octets that are a list', (call) => publish(call, { properties: { correlationData: Array(8192).fill(0) } })],
    [
      'pairs of nothing',
      (call) =>
        publish(call, { properties: { userProperties: Array.from({ length: 1000 }, () => ['', ''] as const) } }),
    ],
  ])('is bounded where its %s are long', (_what, make) => {
    const calls = room(make)
    expect(calls).toBeGreaterThan(200)
    expect(calls).toBeLessThan(270)
  })

  it('has room again when calls are complete', () => {
    const calls = new PendingCalls()
    calls.add(publish(1, { payload: new Uint8Array(mostPending.octets - 2) }))
    expect(calls.hasRoomFor(publish(2, { topic: 'tt' }), nothing)).toBe(false)
    calls.remove(1)
    expect(calls.hasRoomFor(publish(2, { topic: 'tt' }), nothing)).toBe(true)
  })

  it('counts what an earlier life has left in flash', () => {
    const message = {
      topic: long,
      payload: new Uint8Array(mostPending.octets - 65_536),
      qos: 1,
      retain: false,
    } as const
    const kept = new KeptMessages(
      new Map([
        [7, { type: 'PUBLISH', packetId: 7, message } as const],
        [8, { type: 'PUBREL', packetId: 8 } as const],
      ]),
    )
    expect(kept).toMatchObject({ size: 2, octets: mostPending.octets - 1 })
    const calls = new PendingCalls()
    expect(calls.hasRoomFor(publish(1, { topic: 'tt' }), kept)).toBe(false)
    kept.remove(9)
    kept.remove(7)
    kept.remove(7)
    expect(kept).toMatchObject({ size: 1, octets: 0 })
    expect(calls.hasRoomFor(publish(1, { topic: 'tt' }), kept)).toBe(true)
    expect(room((call) => publish(call), kept)).toBe(mostPending.calls - 1)
  })

  it('is told with the beginning of a long topic', () => {
    expect(described(publish(1, { topic: long }))).toBe(`publish to '${'x'.repeat(200)}…' at QoS 1`)
    expect(described({ type: 'subscribe', call: 1, filter: 'a/#', qos: 0 })).toBe("subscribe 'a/#'")
  })
})
