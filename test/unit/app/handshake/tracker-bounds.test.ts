import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { MessageStore } from '../../../../app/handshake/message-store.ts'
import { SessionTable } from '../../../../app/handshake/session-table.ts'
import { Sleepers } from '../../../../app/handshake/sleepers.ts'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { Conversation } from '../../../helpers/conversation.ts'

function rebuild({ records }: Conversation, mostMessages?: number): HandshakeTracker {
  const tracker = new HandshakeTracker(mostMessages === undefined ? {} : { mostMessages })
  for (const record of records) tracker.add(record)
  return tracker
}

const payloads = (tracker: HandshakeTracker) =>
  tracker
    .list(1000)
    .map(({ payload }) => new TextDecoder().decode(payload))
    .reverse()

describe('what a tracker keeps', () => {
  it('is the newest messages; those that are finished go before those that are not', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    pump.publish({ payload: 'open', qos: 1, id: 1 })
    for (let n = 1; n <= 20; n++) pump.publish({ payload: `${n}` })
    const tracker = rebuild(talk, 5)
    expect(payloads(tracker)).toEqual(['open', '17', '18', '19', '20'])
    expect([tracker.total, tracker.forgotten]).toEqual([21, 16])
    expect(tracker.get(2)).toBeUndefined()
    expect(tracker.list(2).map(({ id }) => id)).toEqual([21, 20])
  })

  it('leaves room for new messages where nothing ever ends', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    for (let n = 1; n <= 30; n++) pump.publish({ payload: `open ${n}`, qos: 1, id: n })
    for (let n = 1; n <= 30; n++) pump.publish({ payload: `${n}` })
    const kept = payloads(rebuild(talk, 10))
    expect(kept).toHaveLength(10)
    expect(kept.slice(-3)).toEqual(['28', '29', '30'])
  })

  it('is 64 KiB of a payload, and of all payloads 64 MiB', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump')
    const payload = 'x'.repeat(100_000)
    for (let n = 0; n < 1100; n++) pump.publish({ payload })
    const tracker = rebuild(talk)
    const [newest] = tracker.list(1)
    expect(newest?.payload).toHaveLength(65_536)
    expect([tracker.total, tracker.forgotten]).toEqual([1100, 76])
  })

  it('is 200 steps of one exchange: the first ones and the newest, and how many are missing', () => {
    const talk = new Conversation()
    const pump = talk.connect('pump', { clean: false })
    pump.publish({ qos: 2, id: 1 })
    for (let n = 0; n < 500; n++) pump.publish({ qos: 2, id: 1, dup: true })
    pump.hears('pubrec', 1)
    pump.says('pubrel', 1)
    pump.hears('pubcomp', 1)
    const [message] = rebuild(talk).list(1)
    const publisher = message?.publisher
    expect(publisher).toMatchObject({ state: 'complete', sends: 501, deliveries: 1 })
    const { steps = [] } = publisher ?? {}
    expect(steps.length).toBeLessThanOrEqual(200)
    const missing = 504 - steps.length
    const remarks = steps.map((step) => (step.kind === 'packet' ? step.remark : undefined))
    expect(remarks.filter((remark) => remark?.includes('left out'))).toEqual([
      expect.stringContaining(`${missing} steps before this one are left out`),
    ])
    expect(steps.at(-1)).toMatchObject({ type: 'PUBCOMP' })
  })

  it('is bounded where one message goes to very many clients', () => {
    const talk = new Conversation()
    const one = talk.connect('one')
    const origin = { message: 7, kind: 'publish', clientId: 'gone' } as const
    for (let n = 0; n < 5000; n++) one.deliver({ origin })
    const tracker = rebuild(talk, 10)
    expect(tracker.list(10)[0]?.subscribers.length).toBeLessThanOrEqual(2001)
    expect(tracker.forgotten).toBeGreaterThan(0)
  })

  it('does not grow with clients that come and go', () => {
    const tracker = new HandshakeTracker({ mostMessages: 10 })
    const talk = new Conversation()
    for (let n = 0; n < 10_100; n++) {
      const client = talk.connect(`client-${n}`, { clean: false })
      client.subscribe(`t/${n}`, 1)
      client.disconnect()
      for (const record of talk.records.splice(0)) tracker.add({ ...record, number: n })
    }
    const pump = talk.connect('pump')
    pump.publish({ topic: 't/10099', qos: 1, id: 1, payload: 'known' })
    pump.publish({ topic: 't/1', qos: 1, id: 2, payload: 'forgotten' })
    for (const record of talk.records) tracker.add(record)
    const [forgotten, known] = tracker.list(2)
    expect(known).toMatchObject({ state: 'queued', remark: 'client-10099 is offline' })
    expect(forgotten).toMatchObject({ state: 'waiting' })
  })

  it('is every client that is connected, however many there are and however many have come and gone', () => {
    const tracker = new HandshakeTracker({ mostMessages: 10 })
    const talk = new Conversation()
    let number = 0
    const take = () => {
      for (const record of talk.records.splice(0)) tracker.add({ ...record, number: ++number })
    }
    const first = talk.connect('first', { will: { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: false } })
    const calm = talk.connect('calm', { clean: false })
    calm.subscribe('c', 1)
    for (let n = 0; n < 12_000; n++) {
      const client = talk.connect(`client-${n}`, { clean: false })
      if (n % 12 > 0) client.disconnect()
      take()
    }
    first.cut()
    calm.disconnect()
    const other = talk.connect('other')
    other.deliver({ topic: 'w', payload: 'gone' })
    other.publish({ topic: 'c', qos: 1, id: 1, payload: 'kept' })
    take()
    const [kept, will] = tracker.list(2)
    expect(will).toMatchObject({ origin: 'will', publisherId: 'first' })
    expect(kept).toMatchObject({ state: 'queued', remark: 'calm is offline' })
  })

  it('is no client whose connection was forgotten, where 10,000 others are like that', () => {
    const nothing = () => {}
    const listener = { lost: nothing, reconnected: nothing, named: nothing, happened: nothing }
    const table = new SessionTable(listener, new Sleepers(new MessageStore(10, nothing)))
    const connack = generate({ cmd: 'connack', returnCode: 0, sessionPresent: false })
    for (let n = 1; n <= 30_001; n++) {
      const connection = table.connection(n)
      table.connect(connection, generate({ cmd: 'connect', clientId: `client-${n}`, clean: true, keepalive: 0 }))
      table.connack(connection, connack, { number: n, time: n })
    }
    expect(table.session('client-1')).toBeUndefined()
    // One that waits for its CONNACK is one of the 10,000.
    expect(table.session('client-3')).toBeDefined()
  })
})
