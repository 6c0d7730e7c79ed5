import { describe, expect, it } from 'vitest'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { summarize } from '../../../../app/mqtt/summary.ts'
import { RunMeter } from '../../../../main/scenarios/run-meter.ts'
import { Conversation, ms } from '../../../helpers/conversation.ts'

function measure(talk: Conversation) {
  const names = new Map<number, string>()
  const meter = new RunMeter((connection) => names.get(connection))
  const tracker = new HandshakeTracker()
  for (const record of talk.records) {
    const clientId = record.kind === 'packet' ? summarize(record.octets, 4).clientId : undefined
    if (clientId) names.set(record.connection, clientId)
    meter.add(record)
    tracker.add(record)
  }
  return { meter, ...meter.measured(tracker) }
}

const closed = { type: 'closed', by: 'client', cause: 'rst' } as const

describe('what thresholds are judged by', () => {
  it('is the time from the first PUBLISH until it has come to each subscriber, not until its handshake ends', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const left = talk.connect('left')
    const right = talk.connect('right')
    left.subscribe('a', 1)
    right.subscribe('a', 1)
    pump.publish({ topic: 'a', payload: '1', qos: 1, id: 1 })
    pump.hears('puback', 1)
    talk.wait(9)
    left.deliver({ topic: 'a', payload: '1', qos: 1, id: 1 })
    talk.wait(99)
    right.deliver({ topic: 'a', payload: '1', qos: 1, id: 1 })
    talk.wait(1000)
    left.says('puback', 1)
    const { counts, times } = measure(talk)
    // The handshake with `right` is unfinished, and the message has come all the same.
    expect(times['delivery.duration'].map(Math.round)).toEqual([11, 111])
    expect(times['handshake.duration'].map(Math.round)).toEqual([1, 1101])
    expect(times['connect.duration'].map(Math.round)).toEqual([1, 1, 1])
    expect(counts).toMatchObject({ 'messages.published': 1, 'messages.delivered': 2, 'connections.opened': 3 })
  })

  it('counts a delay on the way to the subscriber, and not a copy that was dropped', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const left = talk.connect('left')
    left.subscribe('a', 0)
    pump.publish({ topic: 'a', payload: '1' })
    const late = left.deliver({ topic: 'a', payload: '1' })
    talk.event(2, { type: 'packet sent', packet: late, by: 'slow', delay: 40 * ms, copies: 1 })
    pump.publish({ topic: 'a', payload: '2' })
    const gone = left.deliver({ topic: 'a', payload: '2' })
    talk.event(2, { type: 'packet dropped', packet: gone, by: 'loss' })
    const { counts, times } = measure(talk)
    expect(times['delivery.duration'].map(Math.round)).toEqual([41])
    // Of QoS 0 nobody promised anything.
    expect(counts).toMatchObject({ 'messages.delivered': 1, 'packets.dropped': 1, 'delivery.lost': 0 })
  })

  it('counts for one that was away from the time at which it was let in', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    talk.connect('left', { clean: false }).subscribe('a', 1)
    talk.event(2, closed)
    pump.publish({ topic: 'a', payload: '1', qos: 1, id: 1 })
    pump.hears('puback', 1)
    talk.wait(60_000)
    const back = talk.connect('left', { clean: false, present: true })
    talk.wait(4)
    back.deliver({ topic: 'a', payload: '1', qos: 1, id: 1 })
    const { counts, times } = measure(talk)
    expect(times['delivery.duration'].map(Math.round)).toEqual([5])
    expect(counts).toMatchObject({ 'connections.opened': 3, 'connections.lost': 1, 'delivery.lost': 0 })
  })

  it('counts as lost what a fault has dropped and nobody has sent again', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const left = talk.connect('left', { clean: false })
    left.subscribe('a', 1)
    pump.publish({ topic: 'a', payload: '1', qos: 1, id: 1 })
    const gone = left.deliver({ topic: 'a', payload: '1', qos: 1, id: 1 })
    // It is under way, for all that is known.
    expect(measure(talk).counts['delivery.lost']).toBe(0)
    talk.event(2, { type: 'packet dropped', packet: gone, by: 'loss' })
    expect(measure(talk).counts).toMatchObject({ 'delivery.lost': 1, 'messages.delivered': 0 })
    talk.event(2, closed)
    const back = talk.connect('left', { clean: false, present: true })
    back.deliver({ topic: 'a', payload: '1', qos: 1, id: 1, dup: true })
    back.says('puback', 1)
    expect(measure(talk).counts).toMatchObject({ 'delivery.lost': 0, 'messages.delivered': 1 })
  })

  it('counts once what is published again, and as duplicated what a subscriber took twice', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const left = talk.connect('left', { clean: false })
    left.subscribe('a', 1)
    pump.publish({ topic: 'a', payload: '1', qos: 1, id: 1 })
    pump.publish({ topic: 'a', payload: '1', qos: 1, id: 1, dup: true })
    left.deliver({ topic: 'a', payload: '1', qos: 1, id: 1 })
    talk.event(2, closed)
    const back = talk.connect('left', { clean: false, present: true })
    back.deliver({ topic: 'a', payload: '1', qos: 1, id: 1, dup: true })
    back.says('puback', 1)
    expect(measure(talk).counts).toMatchObject({
      'messages.published': 1,
      'messages.delivered': 1,
      'delivery.duplicated': 1,
    })
  })

  it('has lost a connection that ended without DISCONNECT of its client, and none that was refused', () => {
    const talk = new Conversation()
    talk.connect('left')
    talk.connect('right')
    talk.packet(2, 'to broker', { cmd: 'disconnect' })
    talk.packet(3, 'to broker', { cmd: 'connect', clientId: 'fan', protocolVersion: 4, clean: true, keepalive: 0 })
    talk.packet(3, 'to client', { cmd: 'connack', sessionPresent: false, returnCode: 5 })
    expect(measure(talk).meter.open).toBe(2)
    for (const connection of [1, 2, 3]) talk.event(connection, closed)
    talk.event(1, { type: 'will published', clientId: 'left', topic: 'w', reason: 'connection lost' })
    const { counts, meter } = measure(talk)
    expect(counts).toMatchObject({ 'connections.opened': 3, 'connections.lost': 1, 'wills.published': 1 })
    expect(meter.open).toBe(0)
  })
})

describe('rates', () => {
  it('are those of the last second, to the broker and from it', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let i = 0; i < 300; i++) {
      talk.wait(9)
      pump.publish({ topic: 'a' })
      if (i % 3 === 0) pump.deliver({ topic: 'a' })
    }
    const { meter } = measure(talk)
    const { sent, taken } = meter.rates(talk.time)
    expect(taken).toBeGreaterThanOrEqual(87)
    expect(taken).toBeLessThanOrEqual(100)
    expect(sent).toBeGreaterThanOrEqual(29)
    expect(sent).toBeLessThanOrEqual(34)
    // Half a second later the older half is out, and then everything.
    expect(meter.rates(talk.time + 500 * ms).taken).toBeLessThan(60)
    expect(meter.rates(talk.time + 500 * ms).taken).toBeGreaterThan(35)
    expect(meter.rates(talk.time + 5000 * ms)).toEqual({ taken: 0, sent: 0 })
  })
})
