import { describe, expect, it } from 'vitest'
import type { BrokerMessage } from '../../../../../main/broker/broker.ts'
import type { Census } from '../../../../../main/broker/engine/census.ts'
import { Counters } from '../../../../../main/broker/engine/counters.ts'
import { SysTopics } from '../../../../../main/broker/engine/sys-topics.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

const nothing: Census = {
  connected: 0,
  sessions: 0,
  subscriptions: 0,
  sharedSubscriptions: 0,
  retained: 0,
  retainedOctets: 0,
  ownRetained: 0,
  ownRetainedOctets: 0,
  queued: 0,
  queuedOctets: 0,
  longestQueue: 0,
  inflight: 0,
  incoming: 0,
}

function open(interval?: number) {
  const clock = new FakeClock()
  const counters = new Counters()
  const published: BrokerMessage[] = []
  const said = new Map<string, string>()
  let census = nothing
  const source = {
    counters,
    census: () => census,
    publish: (message: BrokerMessage) => {
      published.push(message)
      said.set(message.topic.replace('$SYS/broker/', ''), Buffer.from(message.payload).toString())
    },
  }
  const topics = new SysTopics({ clock, source, version: 'faultline version 1', ...(interval && { interval }) })
  const hold = (change: Partial<Census>) => {
    census = { ...census, ...change }
  }
  return { clock, counters, published, said, topics, hold }
}

describe('the $SYS topics', () => {
  it('are there from the start, retained, at the QoS that Mosquitto has', () => {
    const { published, said } = open()
    expect(said.get('version')).toBe('faultline version 1')
    expect(said.get('uptime')).toBe('0 seconds')
    expect(said.get('load/sockets/15min')).toBe('0.00')
    expect(published.every(({ retain, qos }) => retain && qos === 2)).toBe(true)
  })

  it('come again every ten seconds, and only where something has changed', () => {
    const { clock, counters, published } = open()
    published.length = 0
    counters.packetsReceived = 3
    clock.advance(9999)
    expect(published).toEqual([])
    clock.advance(1)
    const told = published.map(({ topic }) => topic).filter((topic) => !topic.includes('/heap/'))
    expect(told).toEqual([
      '$SYS/broker/uptime',
      '$SYS/broker/messages/received',
      '$SYS/broker/load/messages/received/1min',
      '$SYS/broker/load/messages/received/5min',
      '$SYS/broker/load/messages/received/15min',
    ])
  })

  it('take another interval', () => {
    const { clock, said } = open(500)
    clock.advance(2500)
    expect(said.get('uptime')).toBe('2 seconds')
  })

  it('say the load in a minute, over one, five and fifteen', () => {
    const { clock, counters, said } = open()
    counters.octetsSent = 1000
    clock.advance(10_000)
    const of = (minutes: number) => (6000 * (1 - Math.exp(-10 / (60 * minutes)))).toFixed(2)
    expect(said.get('load/bytes/sent/1min')).toBe(of(1))
    expect(said.get('load/bytes/sent/5min')).toBe(of(5))
    expect(said.get('load/bytes/sent/15min')).toBe(of(15))
  })

  it('count clients that are away, and messages that wait', () => {
    const { clock, hold, said } = open()
    hold({
      sessions: 5,
      connected: 3,
      retained: 2,
      retainedOctets: 20,
      ownRetained: 50,
      ownRetainedOctets: 100,
      queued: 4,
      queuedOctets: 40,
      inflight: 1,
    })
    clock.advance(10_000)
    expect(said.get('clients/total')).toBe('5')
    expect(said.get('clients/disconnected')).toBe('2')
    expect(said.get('messages/stored')).toBe('57')
    expect(said.get('store/messages/bytes')).toBe('160')
    expect(said.get('retained messages/count')).toBe('52')
  })

  it('stop when they are disposed', () => {
    const { clock, published, topics } = open()
    topics.dispose()
    published.length = 0
    clock.advance(60_000)
    expect(published).toEqual([])
    expect(clock.waiting).toBe(0)
  })
})
