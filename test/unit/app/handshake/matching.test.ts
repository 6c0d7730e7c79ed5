import { describe, expect, it } from 'vitest'
import { Conversation, ms } from '../../../helpers/conversation.ts'
import { ladder, only, rebuild, text } from '../../../helpers/messages.ts'

const origin = (message: number) => ({ message, kind: 'publish', clientId: 'pump' }) as const

describe('what belongs to a message', () => {
  it('is a repeat over the same connection, where DUP says so', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    one.deliver({ qos: 1, id: 4 })
    one.deliver({ qos: 1, id: 4, dup: true })
    one.says('puback', 4)
    expect(only(talk).subscribers).toMatchObject([{ sends: 2, state: 'complete' }])
  })

  it('is not what was published before the client subscribed', () => {
    for (const number of [undefined, 40]) {
      const talk = new Conversation()
      const pump = talk.connect('pump')
      for (let n = 0; n < 3; n++) pump.publish()
      const one = talk.connect('one')
      one.subscribe('t')
      pump.publish()
      one.deliver(number === undefined ? {} : { origin: origin(number) })
      expect(rebuild(talk).map(({ subscribers }) => subscribers.length)).toEqual([0, 0, 0, 1])
    }
  })

  it('is not a delivery of one that never arrived', () => {
    for (const number of [undefined, 40]) {
      const talk = new Conversation()
      const pump = talk.connect('pump')
      const one = talk.connect('one')
      pump.dropped(pump.publish())
      pump.publish()
      one.deliver(number === undefined ? {} : { origin: origin(number) })
      expect(rebuild(talk).map(({ state, subscribers }) => [state, subscribers.length])).toEqual([
        ['lost', 0],
        ['complete', 1],
      ])
    }
  })

  it('waits for nobody when it did not arrive', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one', { clean: false })
    one.subscribe('t')
    one.disconnect()
    const packet = pump.publish({ qos: 1, id: 1 })
    expect(only(talk).state).toBe('queued')
    pump.dropped(packet)
    expect(only(talk).state).toBe('waiting')
  })

  it('is the loss of the connection also where a packet is known to be lost only after it', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump', { clean: false })
    pump.publish({ qos: 1, id: 1 })
    const late = pump.hears('puback', 1)
    pump.cut()
    expect(only(talk).state).toBe('complete')
    pump.dropped(late, 'connection closed')
    expect(only(talk)).toMatchObject({ state: 'waiting', publisher: { expects: 'PUBLISH' } })
    expect(ladder(only(talk).publisher)).toEqual(['> PUBLISH 1', '< PUBACK 1 dropped', '-- link cut'])
  })

  it('is what arrives late in the order of its arrival', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.publish({ qos: 2, id: 1 })
    const late = pump.hears('pubrec', 1)
    pump.publish({ qos: 2, id: 1, dup: true })
    pump.sent(late, { delay: 5 * ms })
    expect(only(talk).publisher).toMatchObject({ expects: 'PUBREL', deliveries: 1 })
    expect(ladder(only(talk).publisher)).toEqual([
      '> PUBLISH 1',
      '< PUBREC 1 delayed',
      '> PUBLISH 1 DUP (Packet Identifier 1 is stored already: not delivered again)',
    ])
  })

  it('has the highest QoS with which it was seen', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    const two = talk.connect('two')
    one.deliver({ origin: origin(3) })
    two.deliver({ qos: 1, id: 1, origin: origin(3) })
    expect(only(talk)).toMatchObject({ qos: 1, publisherId: 'pump', remark: 'waits for PUBACK 1' })
  })

  it('is no second message where QoS 2 is repeated and stored already', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one')
    pump.publish({ qos: 2, id: 1 })
    pump.publish({ qos: 2, id: 1, dup: true })
    one.deliver()
    pump.publish({ qos: 2, id: 2 })
    one.deliver()
    expect(rebuild(talk).map(({ subscribers }) => subscribers.length)).toEqual([1, 1])
  })

  it('is what happened to the connection when a client goes on without a session', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.publish({ qos: 1, id: 1 })
    pump.cut()
    expect(only(talk).state).toBe('lost')
    talk.wait(500)
    const again = talk.connect('pump')
    again.publish({ qos: 1, id: 1, dup: true })
    again.hears('puback', 1)
    expect(only(talk).state).toBe('complete')
    expect(ladder(only(talk).publisher)).toEqual([
      '> PUBLISH 1',
      '-- link cut',
      '-- pump reconnects after 503 ms · no session',
      '> PUBLISH 1 DUP (taken for a new message: delivered again)',
      '< PUBACK 1',
    ])
  })

  it('is another one where a broker counts from 1 again', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    one.deliver({ payload: 'old', origin: origin(1) })
    one.deliver({ payload: 'new', origin: origin(1) })
    expect(rebuild(talk).map(text)).toEqual(['old', 'new'])
  })

  it('is every copy that overlapping subscriptions make, each with a Packet Identifier of its own', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    one.deliver({ qos: 1, id: 1, origin: origin(1) })
    one.deliver({ qos: 1, id: 2, origin: origin(1) })
    one.says('puback', 1)
    one.says('puback', 2)
    expect(only(talk)).toMatchObject({ state: 'delivered again', subscribers: [{ packetId: 1 }, { packetId: 2 }] })
  })

  it('was queued one by one, in the order in which it was published', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one', { clean: false })
    one.subscribe('t')
    one.disconnect()
    for (let n = 1; n <= 3; n++) {
      pump.publish({ qos: 1, id: n })
      talk.wait(5000)
    }
    const back = talk.connect('one', { clean: false, present: true })
    for (let n = 1; n <= 3; n++) back.deliver({ qos: 1, id: n })
    expect(rebuild(talk).map(({ subscribers }) => subscribers.map(({ packetId }) => packetId))).toEqual([[1], [2], [3]])
  })

  it('was queued also where the client was away again before it got it', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const one = talk.connect('one', { clean: false })
    one.subscribe('t')
    one.disconnect()
    pump.publish({ qos: 1, id: 1 })
    talk.connect('one', { clean: false, present: true }).disconnect()
    talk.wait(5000)
    pump.publish({ qos: 1, id: 2 })
    const back = talk.connect('one', { clean: false, present: true })
    for (let n = 1; n <= 2; n++) back.deliver({ qos: 1, id: n })
    expect(rebuild(talk).map(({ subscribers }) => subscribers.map(({ packetId }) => packetId))).toEqual([[1], [2]])
    expect(rebuild(talk).map(({ subscribers }) => ladder(subscribers[0])[0])).toEqual([
      '< PUBLISH 1 (queued while offline)',
      '< PUBLISH 2 (queued while offline)',
    ])
  })
})
