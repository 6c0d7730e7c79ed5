import { describe, expect, it } from 'vitest'
import type { Captured } from '../../../../app/capture/captured.ts'
import type { Exchange, Message } from '../../../../app/handshake/message.ts'
import type { Observed } from '../../../../app/handshake/observed.ts'
import { sidesOf } from '../../../../app/handshake/sides.ts'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { Conversation, ms } from '../../../helpers/conversation.ts'

/** All Messages of a conversation, the oldest first. */
function rebuild(conversation: Conversation): Message[] {
  const tracker = new HandshakeTracker()
  // The records of a capture are what a tracker takes: this line does not compile otherwise.
  for (const record of conversation.records satisfies readonly Captured[]) tracker.add(record satisfies Observed)
  return tracker.list(1000).reverse()
}

/** The only Message of a conversation. */
function only(conversation: Conversation): Message {
  const messages = rebuild(conversation)
  expect(messages.map(({ topic }) => topic)).toHaveLength(1)
  return messages[0] as Message
}

function ladder(exchange: Exchange | undefined): string[] {
  return (exchange?.steps ?? []).map((step) => {
    if (step.kind === 'connection') return `-- ${step.text}`
    const way = step.direction === 'to broker' ? '>' : '<'
    const words = [
      way,
      step.type,
      step.packetId,
      step.dup ? 'DUP' : undefined,
      step.fate,
      step.remark && `(${step.remark})`,
    ]
    return words.filter((word) => word !== undefined).join(' ')
  })
}

const text = ({ payload }: Message) => new TextDecoder().decode(payload)

describe('the handshake of a message', () => {
  it('is one PUBLISH at QoS 0', () => {
    const talk = new Conversation()
    talk.connect('pump').publish({ topic: 'a/b', payload: 'hello' })
    const message = only(talk)
    expect(message).toMatchObject({ topic: 'a/b', qos: 0, origin: 'publish', publisherId: 'pump', state: 'complete' })
    expect(text(message)).toBe('hello')
    expect(message.publisher).toMatchObject({ state: 'complete', sends: 1, deliveries: 1, expects: undefined })
  })

  it('is PUBLISH and PUBACK at QoS 1, and waits for PUBACK until it comes', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.publish({ qos: 1, id: 7 })
    expect(only(talk)).toMatchObject({ state: 'waiting', remark: 'waits for PUBACK 7', duration: 0 })
    expect(only(talk).publisher).toMatchObject({ state: 'waiting', expects: 'PUBACK', endedAt: undefined })
    pump.hears('puback', 7)
    expect(only(talk)).toMatchObject({ state: 'complete', remark: '', duration: ms })
    expect(ladder(only(talk).publisher)).toEqual(['> PUBLISH 7', '< PUBACK 7'])
  })

  it('is four packets at QoS 2, and says at each which one comes next', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const expected: unknown[] = []
    const note = () => expected.push(only(talk).publisher?.expects)
    pump.publish({ qos: 2, id: 7 })
    note()
    pump.hears('pubrec', 7)
    note()
    pump.says('pubrel', 7)
    note()
    pump.hears('pubcomp', 7)
    note()
    expect(expected).toEqual(['PUBREC', 'PUBREL', 'PUBCOMP', undefined])
    expect(only(talk)).toMatchObject({ state: 'complete', duration: 3 * ms })
  })

  it('goes on to every subscriber, by the number that the broker gave it', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one')
    const two = talk.connect('two')
    const origin = { message: 12, kind: 'publish', clientId: 'pump' } as const
    pump.publish({ qos: 1, id: 7 })
    one.deliver({ qos: 1, id: 1, origin })
    two.deliver({ origin })
    pump.hears('puback', 7)
    one.says('puback', 1)
    const message = only(talk)
    expect(message).toMatchObject({ match: 'certain', state: 'complete', qos: 1 })
    expect(message.subscribers.map(({ clientId, qos, state }) => [clientId, qos, state])).toEqual([
      ['one', 1, 'complete'],
      ['two', 0, 'complete'],
    ])
  })

  it('is put together by topic, payload and time where the broker says nothing, which is likely', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one')
    for (const payload of ['a', 'b', 'a']) pump.publish({ payload })
    for (const payload of ['a', 'b', 'a']) one.deliver({ payload })
    const messages = rebuild(talk)
    expect(messages.map((message) => [text(message), message.match, message.subscribers.length])).toEqual([
      ['a', 'likely', 1],
      ['b', 'likely', 1],
      ['a', 'likely', 1],
    ])
    const numbers = messages.map(({ publisher, subscribers }) =>
      [publisher, subscribers[0]].map((e) => e?.steps[0]?.number),
    )
    expect(numbers.map(([publish, deliver]) => (deliver ?? 0) - (publish ?? 0))).toEqual([3, 3, 3])
  })

  it('tells equal messages apart by the order of the broker’s numbers', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    // Nobody listens yet.
    for (let n = 0; n < 5; n++) pump.publish()
    const one = talk.connect('one')
    one.subscribe('t')
    pump.publish()
    pump.publish()
    // The broker has counted five messages, and what it said of two clients and a subscription.
    one.deliver({ origin: { message: 9, kind: 'publish', clientId: 'pump' } })
    one.deliver({ origin: { message: 10, kind: 'publish', clientId: 'pump' } })
    expect(rebuild(talk).map(({ subscribers }) => subscribers.length)).toEqual([0, 0, 0, 0, 0, 1, 1])
  })

  it('is refused by a Reason Code', () => {
    const talk = new Conversation(5)
    const pump = talk.connect('pump', { clean: false })
    pump.publish({ qos: 1, id: 7 })
    pump.hears('puback', 7, 0x87)
    expect(only(talk)).toMatchObject({ state: 'refused', remark: 'the broker refuses it: Reason Code 0x87' })
    expect(only(talk).publisher).toMatchObject({ state: 'refused', deliveries: 0 })
  })

  it('is lost when QoS 0 is dropped, and waits when anything else is', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.dropped(pump.publish({ payload: '0' }), 'link loss')
    pump.dropped(pump.publish({ payload: '1', qos: 1, id: 1 }))
    const [zero, one] = rebuild(talk)
    expect(zero).toMatchObject({ state: 'lost', remark: 'PUBLISH dropped by link loss' })
    expect(one).toMatchObject({ state: 'waiting', publisher: { expects: 'PUBACK', deliveries: 0 } })
  })

  it('is lost when its connection is, and no session is kept', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.publish({ qos: 1, id: 1 })
    pump.cut()
    expect(only(talk)).toMatchObject({ state: 'lost', remark: 'link cut, no session to go on with' })
    expect(only(talk).publisher).toMatchObject({ state: 'lost', expects: undefined, sessionKept: false })
  })

  it('is delivered again when PUBACK is lost, and says why', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump', { clean: false })
    const one = talk.connect('one')
    pump.publish({ qos: 1, id: 7 })
    one.deliver({ origin: { message: 1, kind: 'publish', clientId: 'pump' } })
    pump.dropped(pump.hears('puback', 7))
    pump.cut()
    talk.wait(2000)
    const again = talk.connect('pump', { clean: false, present: true })
    again.publish({ qos: 1, id: 7, dup: true })
    one.deliver({ origin: { message: 2, kind: 'publish', clientId: 'pump' } })
    again.hears('puback', 7)
    const message = only(talk)
    expect(message).toMatchObject({ state: 'delivered again', remark: 'PUBACK lost' })
    expect(message.publisher).toMatchObject({ state: 'complete', sends: 2, deliveries: 2 })
    expect(message.subscribers.map(({ clientId, deliveries }) => [clientId, deliveries])).toEqual([
      ['one', 1],
      ['one', 1],
    ])
    expect(ladder(message.publisher)).toEqual([
      '> PUBLISH 7',
      '< PUBACK 7 dropped',
      '-- link cut',
      '-- pump reconnects after 2.0 s · session present',
      '> PUBLISH 7 DUP (taken for a new message: delivered again)',
      '< PUBACK 7',
    ])
  })

  it('counts a duplicated PUBLISH of QoS 1 twice and of QoS 2 once', () => {
    const talk = new Conversation()
    const one = talk.connect('one', { clean: false })
    one.sent(one.deliver({ payload: '1', qos: 1, id: 1 }), { copies: 2 })
    one.sent(one.deliver({ payload: '2', qos: 2, id: 2 }), { copies: 2 })
    const [first, second] = rebuild(talk)
    expect(first).toMatchObject({ state: 'delivered again', subscribers: [{ sends: 2, deliveries: 2 }] })
    expect(second).toMatchObject({ state: 'waiting', subscribers: [{ sends: 2, deliveries: 1 }] })
    expect(ladder(second?.subscribers[0])).toEqual([
      '< PUBLISH 2 duplicated (Packet Identifier 2 is stored already: not delivered again)',
    ])
  })

  it('is held while one of its packets is, and so is what waits behind that', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    const first = one.deliver({ payload: 'a' })
    one.held(first)
    const second = one.deliver({ payload: 'b' })
    expect(rebuild(talk).map(({ state, remark }) => [state, remark])).toEqual([
      ['held', 'PUBLISH to one is held'],
      ['held', 'PUBLISH to one is held'],
    ])
    one.sent(first, { delay: 5 * ms })
    one.sent(second, { delay: 4 * ms })
    expect(rebuild(talk).map(({ state, subscribers }) => [state, ladder(subscribers[0])])).toEqual([
      ['complete', ['< PUBLISH delayed']],
      ['complete', ['< PUBLISH delayed']],
    ])
  })

  it('is not what it was when it was changed on its way', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one')
    const octets = (payload: string) =>
      Buffer.from(`3004000174${Buffer.from(payload).toString('hex')}`, 'hex').toString('hex')
    pump.sent(pump.publish({ payload: 'x' }), { octets: octets('y') })
    one.deliver({ payload: 'y', origin: { message: 1, kind: 'publish', clientId: 'pump' } })
    pump.sent(pump.publish({ payload: 'z' }), { octets: '00ff' })
    const [changed, broken] = rebuild(talk)
    expect(changed).toMatchObject({ state: 'complete', match: 'certain', subscribers: [{ clientId: 'one' }] })
    expect(ladder(changed?.publisher)).toEqual(['> PUBLISH changed'])
    expect(broken).toMatchObject({ state: 'lost', publisher: { deliveries: 0 } })
  })

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

  it('goes on after a capture that begins in the middle, as far as it can be known', () => {
    const talk = new Conversation()
    const pump = talk.unseen()
    const one = talk.unseen()
    pump.hears('puback', 3)
    pump.publish({ qos: 1, id: 4 })
    one.deliver({ origin: { message: 900, kind: 'publish', clientId: 'pump' } })
    pump.hears('puback', 4)
    expect(only(talk)).toMatchObject({ publisherId: 'pump', state: 'complete', publisher: { clientId: 'pump' } })
    expect(only(talk).subscribers).toMatchObject([{ clientId: '' }])
  })

  it('reads the Topic Aliases of MQTT 5', () => {
    const talk = new Conversation(5)
    const pump = talk.connect('pump')
    const send = (topic: string, payload: string) =>
      talk.packet(pump.connection, 'to broker', {
        cmd: 'publish',
        topic,
        payload,
        qos: 0,
        dup: false,
        retain: false,
        properties: { topicAlias: 3, userProperties: { a: 'b' } },
      })
    send('long/topic', '1')
    send('', '2')
    expect(rebuild(talk).map((message) => [message.topic, text(message)])).toEqual([
      ['long/topic', '1'],
      ['long/topic', '2'],
    ])
  })

  it('ends lost when its Packet Identifier is used for another one', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump', { clean: false })
    pump.publish({ payload: 'a', qos: 1, id: 1 })
    pump.publish({ payload: 'b', qos: 1, id: 1 })
    pump.hears('puback', 1)
    expect(rebuild(talk).map(({ state, remark }) => [state, remark])).toEqual([
      ['lost', 'Packet Identifier 1 was used again too early'],
      ['complete', ''],
    ])
  })

  it('believes the numbers of a broker that says it has no session, and delivers QoS 2 once all the same', () => {
    const tell = (numbers: readonly number[]) => {
      const talk = new Conversation()
      const one = talk.connect('one')
      const pump = talk.connect('pump', { clean: false })
      pump.publish({ qos: 2, id: 4 })
      pump.cut()
      const again = talk.connect('pump', { clean: false, present: false })
      again.publish({ qos: 2, id: 4, dup: true })
      for (const message of numbers) one.deliver({ origin: { message, kind: 'publish', clientId: 'pump' } })
      return only(talk)
    }
    expect(tell([1])).toMatchObject({ state: 'waiting', publisher: { deliveries: 1 } })
    expect(tell([1, 2])).toMatchObject({ state: 'delivered again', publisher: { deliveries: 2 } })
  })

  it('takes a repeat to a client for the same message also without DUP, and says that DUP is missing', () => {
    const talk = new Conversation()
    const one = talk.connect('one', { clean: false })
    const origin = { message: 1, kind: 'publish', clientId: 'pump' } as const
    one.deliver({ qos: 1, id: 4, origin })
    one.cut()
    const again = talk.connect('one', { clean: false, present: true })
    again.deliver({ qos: 1, id: 4, origin })
    again.says('puback', 4)
    expect(only(talk)).toMatchObject({ state: 'delivered again', subscribers: [{ sends: 2, deliveries: 2 }] })
    expect(ladder(only(talk).subscribers[0])[3]).toContain('sent again without DUP [MQTT-3.3.1-1]')
  })
})

describe('the handshake of the picture', () => {
  const talk = new Conversation()
  const gateway = talk.connect('gateway-berlin', { clean: false })
  const dashboard = talk.connect('dashboard', { clean: false })
  gateway.publish({ topic: 'site/berlin/alarm', qos: 2, id: 19 })
  gateway.dropped(gateway.hears('pubrec', 19), 'drop first PUBREC')
  talk.event(gateway.connection, { type: 'fault', what: 'cut with RST', by: 'cut after PUBREC' })
  gateway.cut()
  talk.wait(4998)
  const again = talk.connect('gateway-berlin', { clean: false, present: true })
  again.publish({ topic: 'site/berlin/alarm', qos: 2, id: 19, dup: true })
  again.hears('pubrec', 19)
  again.says('pubrel', 19)
  again.hears('pubcomp', 19)
  const origin = { message: 41, kind: 'publish', clientId: 'gateway-berlin' } as const
  dashboard.deliver({ topic: 'site/berlin/alarm', qos: 2, id: 77, origin })
  dashboard.says('pubrec', 77)
  const pubrel = dashboard.hears('pubrel', 77)
  dashboard.held(pubrel, 'type:pubrel')

  it('shows the ladder of the publisher', () => {
    expect(ladder(only(talk).publisher)).toEqual([
      '> PUBLISH 19',
      '< PUBREC 19 dropped',
      '-- link cut with RST by cut after PUBREC',
      '-- gateway-berlin reconnects after 5.0 s · session present',
      '> PUBLISH 19 DUP (Packet Identifier 19 is stored already: not delivered again)',
      '< PUBREC 19',
      '> PUBREL 19',
      '< PUBCOMP 19',
    ])
    expect(only(talk).publisher).toMatchObject({ state: 'complete', sends: 2, deliveries: 1 })
  })

  it('shows the PUBREL that is held, and what both sides hold', () => {
    const message = only(talk)
    expect(message).toMatchObject({ state: 'held', remark: 'PUBREL 77 to dashboard is held' })
    expect(ladder(message.subscribers[0])).toEqual(['< PUBLISH 77', '> PUBREC 77', '< PUBREL 77 held'])
    expect(sidesOf(message.subscribers[0] as Exchange)).toEqual({
      broker: 'waits for PUBCOMP 77',
      client: 'holds 77, sent PUBREC',
      ifDropped: 'broker resends PUBREL after reconnect; message is not delivered twice',
    })
  })

  it('goes on when the PUBREL is dropped, the link cut and the PUBREL sent again', () => {
    const { records } = talk
    const length = records.length
    dashboard.dropped(pubrel, 'you')
    expect(only(talk).subscribers[0]).toMatchObject({ state: 'waiting', expects: 'PUBCOMP' })
    dashboard.cut()
    expect(only(talk)).toMatchObject({ state: 'waiting', remark: 'dashboard is offline' })
    expect(only(talk).subscribers[0]).toMatchObject({ state: 'waiting', expects: 'PUBREL' })
    const back = talk.connect('dashboard', { clean: false, present: true })
    back.hears('pubrel', 77)
    back.says('pubcomp', 77)
    expect(only(talk)).toMatchObject({ state: 'complete' })
    expect(only(talk).subscribers[0]).toMatchObject({ state: 'complete', sends: 1, deliveries: 1 })
    records.splice(length)
  })
})
