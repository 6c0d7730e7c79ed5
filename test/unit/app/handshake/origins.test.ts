import { describe, expect, it } from 'vitest'
import { Conversation, ms } from '../../../helpers/conversation.ts'
import { ladder, only, rebuild } from '../../../helpers/messages.ts'

describe('a message', () => {
  it('is retained where it was on the broker before, and belongs to its publisher where that is known', () => {
    const talk = new Conversation()
    talk
      .connect('early')
      .deliver({ topic: 'old', retain: true, origin: { message: 1, kind: 'publish', clientId: 'gone' } })
    const pump = talk.connect('pump')
    pump.publish({ topic: 'new', retain: true })
    const late = talk.connect('late')
    late.deliver({ topic: 'new', retain: true, origin: { message: 5, kind: 'publish', clientId: 'pump' } })
    late.deliver({ topic: 'old', retain: true, origin: { message: 1, kind: 'publish', clientId: 'gone' } })
    const [old, fresh] = rebuild(talk)
    expect(old).toMatchObject({ topic: 'old', origin: 'retained', publisherId: 'gone', publisher: undefined })
    expect(old?.subscribers.map(({ clientId }) => clientId)).toEqual(['early', 'late'])
    expect(fresh).toMatchObject({ origin: 'publish', retain: true, subscribers: [{ clientId: 'late', retain: true }] })
  })

  it('is a will, and begins when the connection is lost', () => {
    const talk = new Conversation()
    const will = { topic: 'status', payload: Buffer.from('offline'), qos: 1 as const, retain: true }
    const pump = talk.connect('pump', { will })
    const one = talk.connect('one')
    pump.cut()
    const lostAt = talk.time
    talk.wait(10)
    talk.event(1, { type: 'will published', clientId: 'pump', topic: 'status', reason: 'connection lost' })
    one.deliver({
      topic: 'status',
      payload: 'offline',
      qos: 1,
      id: 1,
      origin: { message: 3, kind: 'will', clientId: 'pump' },
    })
    one.says('puback', 1)
    const message = only(talk)
    expect(message).toMatchObject({ origin: 'will', publisherId: 'pump', publisher: undefined, retain: true })
    expect(message).toMatchObject({
      state: 'complete',
      remark: 'connection lost',
      startedAt: lostAt,
      duration: 13 * ms,
    })
  })

  it('is a will where no broker says so, but topic and payload do', () => {
    const talk = new Conversation()
    const will = { topic: 'status', payload: Buffer.from('offline'), qos: 0 as const, retain: false }
    const pump = talk.connect('pump', { will })
    const calm = talk.connect('calm', { will })
    const one = talk.connect('one')
    calm.disconnect()
    one.deliver({ topic: 'status', payload: 'offline' })
    pump.cut()
    one.deliver({ topic: 'status', payload: 'offline' })
    expect(rebuild(talk).map(({ origin, publisherId, match }) => [origin, publisherId, match])).toEqual([
      ['publish', undefined, 'likely'],
      ['will', 'pump', 'likely'],
    ])
  })

  it('is the broker’s own where nobody published it', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    one.deliver({ topic: '$SYS/x', origin: { message: 3, kind: 'publish', clientId: undefined } })
    one.deliver({ topic: '$SYS/y' })
    expect(rebuild(talk).map(({ origin, publisherId }) => [origin, publisherId])).toEqual([
      ['broker', undefined],
      ['broker', undefined],
    ])
  })

  it('is queued while its subscriber is offline, until it is delivered', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const valve = talk.connect('valve', { clean: false })
    valve.subscribe('valve/+/set', 1)
    valve.disconnect()
    pump.publish({ topic: 'valve/2/set', qos: 2, id: 1 })
    pump.hears('pubrec', 1)
    pump.says('pubrel', 1)
    pump.hears('pubcomp', 1)
    expect(only(talk)).toMatchObject({ state: 'queued', remark: 'valve is offline' })
    talk.wait(60_000)
    const back = talk.connect('valve', { clean: false, present: true })
    back.deliver({ topic: 'valve/2/set', qos: 1, id: 9, origin: { message: 1, kind: 'publish', clientId: 'pump' } })
    back.says('puback', 9)
    const message = only(talk)
    expect(message).toMatchObject({ state: 'complete', remark: '' })
    expect(message.duration).toBeGreaterThan(60_000 * ms)
    expect(ladder(message.subscribers[0])).toEqual(['< PUBLISH 9 (queued while offline)', '> PUBACK 9'])
  })

  it('is not queued for those who unsubscribed, keep no session, or come back without one', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    talk.connect('clean').subscribe('t')
    const zero = talk.connect('zero', { clean: false })
    zero.subscribe('t', 0)
    zero.disconnect()
    const gone = talk.connect('gone', { clean: false })
    gone.subscribe('t')
    talk.packet(gone.connection, 'to broker', { cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['t'] })
    talk.packet(gone.connection, 'to client', { cmd: 'unsuback', messageId: 2 })
    gone.disconnect()
    const fickle = talk.connect('fickle', { clean: false })
    fickle.subscribe('t')
    fickle.disconnect()
    pump.publish({ qos: 1, id: 1 })
    pump.hears('puback', 1)
    expect(only(talk)).toMatchObject({ state: 'queued', remark: 'fickle is offline' })
    talk.connect('fickle', { clean: true })
    expect(only(talk)).toMatchObject({ state: 'complete', remark: '' })
  })
})

describe('a message at a broker that is not ours', () => {
  it('says which broker that is, until its client connects to ours', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    talk.event(pump.connection, { type: 'target reached', url: 'mqtt://elsewhere:1883' })
    pump.publish()
    talk.connect('pump').publish()
    expect(rebuild(talk).map(({ target }) => target)).toEqual(['mqtt://elsewhere:1883', ''])
  })
})
