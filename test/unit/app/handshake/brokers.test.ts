import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { Conversation } from '../../../helpers/conversation.ts'

const elsewhere = 'mqtt://elsewhere:1883'

/** Two clients with the same names at each of two brokers; none of the brokers says what it delivers. */
function fourClients(talk: Conversation, clean: boolean) {
  return ['', elsewhere].flatMap((target) =>
    ['pump', 'panel'].map((clientId) => {
      const client = talk.connect(clientId, { clean })
      if (target !== '') talk.event(client.connection, { type: 'target reached', url: target })
      talk.packet(client.connection, 'to broker', {
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: '#', qos: 1 }],
      })
      talk.packet(client.connection, 'to client', { cmd: 'suback', messageId: 1, granted: [1] })
      return { connection: client.connection, target }
    }),
  )
}

type Act =
  | { readonly act: 'publish' | 'deliver'; readonly who: number; readonly topic: string; readonly retain: boolean }
  | { readonly act: 'lose'; readonly who: number }

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constantFrom('publish' as const, 'deliver' as const),
      who: fc.nat(3),
      topic: fc.constantFrom('a', 'b'),
      retain: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('lose' as const), who: fc.nat(3) }) },
)

describe('a capture of two brokers', () => {
  it('never shows a message of one as a message of the other', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), fc.boolean(), (acts, clean) => {
        const talk = new Conversation()
        const clients = fourClients(talk, clean)
        const lost = new Set<number>()
        for (const step of acts) {
          if (lost.has(step.who)) continue
          const { connection } = clients[step.who] as (typeof clients)[number]
          if (step.act === 'lose') {
            lost.add(step.who)
            talk.event(connection, { type: 'closed', by: 'client', cause: 'rst' })
            continue
          }
          const { act, retain, topic } = step
          const packet = { cmd: 'publish' as const, topic, payload: 'same', qos: 0, dup: false, retain }
          talk.packet(connection, act === 'publish' ? 'to broker' : 'to client', packet)
        }
        const tracker = new HandshakeTracker()
        for (const record of talk.records) tracker.add(record)
        const brokerOf = new Map(clients.map(({ connection, target }) => [connection, target]))
        for (const { target, publisher, subscribers, remark } of tracker.list(1000)) {
          const steps = [publisher, ...subscribers].flatMap((exchange) => exchange?.steps ?? [])
          const brokers = new Set(steps.map(({ connection }) => brokerOf.get(connection)))
          expect([...brokers]).toEqual([target])
          expect(remark).toEqual(expect.any(String))
        }
      }),
    )
  })

  it('has a message wait for those that are away from its own broker only', () => {
    const talk = new Conversation()
    const [pump, , other, panel] = fourClients(talk, false)
    talk.event(panel?.connection ?? 0, { type: 'closed', by: 'client', cause: 'rst' })
    for (const client of [pump, other]) {
      const packet = {
        cmd: 'publish' as const,
        topic: 'a',
        payload: 'x',
        qos: 1,
        messageId: 7,
        dup: false,
        retain: false,
      }
      talk.packet(client?.connection ?? 0, 'to broker', packet)
      talk.packet(client?.connection ?? 0, 'to client', { cmd: 'puback', messageId: 7 })
    }
    const tracker = new HandshakeTracker()
    for (const record of talk.records) tracker.add(record)
    expect(tracker.list(10).map(({ state, target }) => ({ state, target }))).toEqual([
      { state: 'queued', target: elsewhere },
      { state: 'complete', target: '' },
    ])
  })
})
