import { describe, expect, it } from 'vitest'
import { Conversation, ms } from '../../../helpers/conversation.ts'
import { ladder, only, rebuild, text } from '../../../helpers/messages.ts'

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
