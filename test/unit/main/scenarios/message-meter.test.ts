import { describe, expect, it } from 'vitest'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { summarize } from '../../../../app/mqtt/summary.ts'
import { RunMeter } from '../../../../main/scenarios/run-meter.ts'
import { Conversation, type Talk } from '../../../helpers/conversation.ts'

/** As `Evidence` has it, with room for so many messages. */
function measure(talk: Conversation, mostMessages: number, missed = 0) {
  const names = new Map<number, string>()
  const meter = new RunMeter((connection) => names.get(connection))
  const onForgotten = meter.messages.forget.bind(meter.messages)
  const tracker = new HandshakeTracker({ mostMessages, onForgotten })
  for (const record of talk.records) {
    const clientId = record.kind === 'packet' ? summarize(record.octets, 4).clientId : undefined
    if (clientId) names.set(record.connection, clientId)
    meter.add(record)
    tracker.add(record)
  }
  tracker.missed(missed)
  return { tracker, ...meter.measured(tracker) }
}

const closed = { type: 'closed', by: 'client', cause: 'rst' } as const

/** Lost is one, duplicated is another, and then come so many of which nothing is to be said. */
function conversation(after: number): Conversation {
  const talk = new Conversation()
  const pump = talk.connect('pump')
  const left = talk.connect('left', { clean: false })
  left.subscribe('a', 1)
  exchange(pump, 'first', 1, () => left.deliver({ topic: 'a', payload: 'first', qos: 1, id: 1 }))
  talk.event(2, closed)
  const back = talk.connect('left', { clean: false, present: true })
  back.deliver({ topic: 'a', payload: 'first', qos: 1, id: 1, dup: true })
  back.says('puback', 1)
  const right = talk.connect('right')
  right.subscribe('b', 1)
  exchange(pump, 'gone', 2, () => right.dropped(right.deliver({ topic: 'b', payload: 'gone', qos: 1, id: 1 })), 'b')
  talk.event(4, closed)
  for (let n = 0; n < after; n++) {
    const payload = `${n}`
    exchange(pump, payload, n + 3, () => back.deliver({ topic: 'a', payload, qos: 1, id: n + 2 }))
    back.says('puback', n + 2)
  }
  return talk
}

function exchange(pump: Talk, payload: string, id: number, deliver: () => unknown, topic = 'a'): void {
  pump.publish({ topic, payload, qos: 1, id })
  pump.hears('puback', id)
  deliver()
}

describe('thresholds of a run with more messages than are kept', () => {
  it('count those that are forgotten, as if they were kept', () => {
    const all = measure(conversation(200), 1000)
    const few = measure(conversation(200), 10)
    expect([all.tracker.forgotten, few.tracker.forgotten]).toEqual([0, 192])
    expect(few.counts).toEqual(all.counts)
    expect(few.counts).toMatchObject({ 'delivery.lost': 1, 'delivery.duplicated': 1, 'messages.delivered': 201 })
    const sorted = (times: readonly number[]) => [...times].sort((a, b) => a - b)
    for (const metric of ['delivery.duration', 'handshake.duration'] as const)
      expect(sorted(few.times[metric])).toEqual(sorted(all.times[metric]))
    expect(few.times['handshake.duration']).toHaveLength(404)
    expect(few.untold).toEqual({})
  })

  it('give the same figures whenever they are asked for', () => {
    const talk = conversation(50)
    const meter = new RunMeter(() => undefined)
    const tracker = new HandshakeTracker({ mostMessages: 10, onForgotten: meter.messages.forget.bind(meter.messages) })
    for (const record of talk.records) {
      meter.add(record)
      tracker.add(record)
    }
    expect(meter.measured(tracker)).toEqual(meter.measured(tracker))
  })

  it('cannot be told where what was under way is forgotten', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let n = 1; n <= 30; n++) pump.publish({ payload: `open ${n}`, qos: 1, id: n })
    const { untold } = measure(talk, 10)
    const why = '20 messages were forgotten, for want of room, before all their handshakes had ended'
    expect(untold).toEqual({
      'delivery.duration': why,
      'handshake.duration': why,
      'delivery.lost': why,
      'delivery.duplicated': why,
      'messages.delivered': why,
    })
  })

  it('cannot be told where a message comes again that was forgotten', () => {
    const comeAgain = (room: number) => {
      const talk = new Conversation()
      const pump = talk.connect('pump')
      const left = talk.connect('left', { clean: false })
      left.subscribe('a', 1)
      for (let n = 1; n <= 20; n++) {
        exchange(pump, `${n}`, n, () => left.deliver({ topic: 'a', payload: `${n}`, qos: 1, id: n }))
        left.says('puback', n)
      }
      pump.publish({ topic: 'a', payload: '2', qos: 1, id: 2, dup: true })
      left.deliver({ topic: 'a', payload: '1', qos: 1, id: 1, dup: true })
      return measure(talk, room)
    }
    const kept = comeAgain(100)
    expect([kept.tracker.strays, kept.untold, kept.counts['delivery.duplicated']]).toEqual([0, {}, 1])
    const few = comeAgain(10)
    expect(few.tracker.strays).toBe(2)
    const why = '2 PUBLISH packets came again, of messages that were forgotten for want of room'
    expect(few.untold).toEqual({
      'delivery.duration': why,
      'handshake.duration': why,
      'delivery.duplicated': why,
      'messages.delivered': why,
    })
  })

  it('cannot tell how long it took until those had come that were forgotten while their client was away', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    talk.connect('left', { clean: false }).subscribe('a', 1)
    talk.event(2, closed)
    for (let n = 1; n <= 11; n++) exchange(pump, `${n}`, n, () => undefined)
    const { untold } = measure(talk, 10)
    expect(untold).toEqual({
      'delivery.duration': '1 message was forgotten, for want of room, while it waited for a client that was away',
    })
  })

  it('cannot be told, none of them, where records of the capture are missing', () => {
    const { untold } = measure(conversation(1), 1000, 1)
    expect(Object.keys(untold ?? {})).toHaveLength(11)
    expect(untold?.['connections.lost']).toBe('1 record of the capture was gone before it could be read')
  })
})

describe('delivery.lost', () => {
  it('counts what the broker says that it has never sent, and says why', () => {
    const names = new Map([
      [1, 'pump'],
      [4, 'right'],
    ])
    const meter = new RunMeter((connection) => names.get(connection))
    const tracker = new HandshakeTracker()
    for (const record of conversation(0).records) {
      meter.add(record)
      tracker.add(record)
    }
    const none = { queueFull: 0, expired: 0, tooLarge: 0, sessionEnded: 0 }
    const lost = (losses?: typeof none) => {
      const { counts, notes } = meter.measured(tracker, losses)
      return [counts['delivery.lost'], notes?.['delivery.lost']]
    }
    expect(lost()).toEqual([1, undefined])
    expect(lost(none)).toEqual([1, undefined])
    expect(lost({ ...none, queueFull: 3, sessionEnded: 1 })).toEqual([
      5,
      '1 on the way, 3 never sent because a queue was full, 1 never sent because the Session had ended',
    ])
  })
})
