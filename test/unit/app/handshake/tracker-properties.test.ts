import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import type { Captured } from '../../../../app/capture/captured.ts'
import type { Message, Step } from '../../../../app/handshake/message.ts'
import { sidesOf } from '../../../../app/handshake/sides.ts'
import { summarizeMessage } from '../../../../app/handshake/summary.ts'
import { HandshakeTracker } from '../../../../app/handshake/tracker.ts'
import { captured } from '../../../helpers/captured.ts'
import { Conversation, type Talk } from '../../../helpers/conversation.ts'
import { anyPacket } from '../../../helpers/packets.ts'

function rebuild(records: readonly Captured[], mostMessages = 5000): HandshakeTracker {
  const tracker = new HandshakeTracker({ mostMessages })
  for (const record of records) tracker.add(record)
  return tracker
}

const numbersOf = (steps: readonly Step[]) => steps.map(({ number }) => number)

/** A message that is published and delivered: which packets are due next, and which were sent. */
interface Flow {
  readonly number: number
  readonly topic: string
  readonly payload: string
  /** One for the publisher, and one for each subscriber. */
  readonly hops: Hop[]
}

interface Hop {
  readonly client: Client
  readonly publishes: boolean
  readonly qos: 0 | 1 | 2
  id: number
  done: number
  /** Numbers of the records. */
  readonly sent: number[]
}

interface Client {
  readonly clientId: string
  readonly talk: Talk
  readonly used: { readonly toBroker: Set<number>; readonly toClient: Set<number> }
}

const stepsOf = { 0: 1, 1: 2, 2: 4 } as const

/** Any number of handshakes of several clients at the same time, each in order, all mixed. */
class Mixture {
  readonly capture = new Conversation()
  readonly clients: Client[]
  readonly flows: Flow[] = []
  /** The broker's number of the first message. */
  readonly #base: number

  /** @param counted what the broker has counted before the capture began. */
  constructor(counted: number) {
    this.#base = counted + 1
    this.clients = ['a', 'b', 'c'].map((clientId) => {
      const used = { toBroker: new Set<number>(), toClient: new Set<number>() }
      return { clientId, talk: this.capture.connect(clientId, { clean: false }), used }
    })
    // One that is like no other shows where the broker's count stands.
    this.begin(0, 0, [1], -1)
    this.goOn(0)
  }

  begin(from: number, qos: 0 | 1 | 2, to: readonly number[], what: number): void {
    const hop = (client: number, publishes: boolean): Hop => {
      const one = this.clients[client % 3] as Client
      return { client: one, publishes, qos, id: 0, done: 0, sent: [] }
    }
    const hops = [hop(from, true), ...[...new Set(to)].map((client) => hop(client, false))]
    // Few topics and payloads, so that many messages are equal.
    const flow = { number: this.flows.length + this.#base, topic: `t/${what % 2}`, payload: `${what % 3}`, hops }
    this.flows.push(flow)
    this.advance(flow, hops[0] as Hop)
  }

  /** Lets some exchange that is under way go on by one packet. */
  goOn(which: number): void {
    const open = this.flows.flatMap((flow) =>
      flow.hops.filter((hop) => hop.done < stepsOf[hop.qos]).map((hop) => ({ flow, hop })),
    )
    const next = open[which % Math.max(1, open.length)]
    if (next) this.advance(next.flow, next.hop)
  }

  advance({ topic, payload, number }: Flow, hop: Hop): void {
    const { client, publishes, qos } = hop
    const used = publishes ? client.used.toBroker : client.used.toClient
    if (hop.done === 0 && qos > 0) {
      hop.id = 1
      while (used.has(hop.id)) hop.id += 1
      used.add(hop.id)
    }
    const { talk } = client
    const origin = { message: number, kind: 'publish', clientId: this.publisherOf(number) } as const
    const publish = { topic, payload, qos, ...(qos > 0 && { id: hop.id }) }
    const answer = publishes ? talk.hears.bind(talk) : talk.says.bind(talk)
    const go = publishes ? talk.says.bind(talk) : talk.hears.bind(talk)
    const packets = [
      () => (publishes ? talk.publish(publish) : talk.deliver({ ...publish, origin })),
      () => answer(qos === 1 ? 'puback' : 'pubrec', hop.id),
      () => go('pubrel', hop.id),
      () => answer('pubcomp', hop.id),
    ]
    hop.sent.push((packets[hop.done] as () => number)())
    hop.done += 1
    if (hop.done === stepsOf[qos]) used.delete(hop.id)
  }

  publisherOf(number: number): string {
    return (this.flows[number - this.#base] as Flow).hops[0]?.client.clientId as string
  }
}

const begin = fc.record({
  from: fc.nat(2),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  to: fc.array(fc.nat(2), { maxLength: 2 }),
  what: fc.nat(5),
})
const moves = fc.array(fc.oneof({ weight: 1, arbitrary: begin }, { weight: 4, arbitrary: fc.nat() }), {
  maxLength: 150,
})
const mixture = fc.tuple(moves, fc.nat(100_000)).map(([moves, counted]) => {
  const mixture = new Mixture(counted)
  for (const move of moves) {
    if (typeof move === 'number') mixture.goOn(move)
    else mixture.begin(move.from, move.qos, move.to, move.what)
  }
  return mixture
})

describe('a tracker', () => {
  it('gives each exchange its own packets, however handshakes are mixed', () => {
    fc.assert(
      fc.property(mixture, ({ capture, flows }) => {
        const messages = rebuild(capture.records).list(1000)
        const exchanges = messages.flatMap(({ publisher, subscribers }) =>
          publisher ? [publisher, ...subscribers] : subscribers,
        )
        const found = exchanges.map(({ steps }) => numbersOf(steps)).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
        const hops = flows.flatMap(({ hops }) => hops).filter(({ sent }) => sent.length > 0)
        expect(found).toEqual(hops.map(({ sent }) => sent).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)))
        for (const { steps, qos, state } of exchanges) {
          expect(state).toBe(steps.length === stepsOf[qos] ? 'complete' : 'waiting')
        }
      }),
    )
  })

  it('gives each delivery to the message of its publisher', () => {
    fc.assert(
      fc.property(mixture, ({ capture, flows }) => {
        const messages = rebuild(capture.records).list(1000)
        const byPublish = new Map(messages.map((message) => [message.publisher?.steps[0]?.number, message]))
        for (const flow of flows) {
          const [publisher, ...subscribers] = flow.hops.filter(({ sent }) => sent.length > 0)
          const message = byPublish.get(publisher?.sent[0]) as Message
          const { topic, match } = message
          expect([topic, match]).toEqual([flow.topic, 'certain'])
          const deliveries = message.subscribers.map(({ clientId }) => clientId)
          expect(deliveries.toSorted()).toEqual(subscribers.map(({ client }) => client.clientId).toSorted())
        }
      }),
    )
  })

  it('comes to the same result when somebody looks after every record', () => {
    fc.assert(
      fc.property(mixture, fc.integer({ min: 1, max: 20 }), ({ capture }, mostMessages) => {
        const atOnce = rebuild(capture.records, mostMessages)
        const watched = new HandshakeTracker({ mostMessages })
        const seen = new Map<number, Message>()
        for (const record of capture.records) {
          watched.add(record)
          for (const id of watched.takeChanges().changed) seen.set(id, watched.get(id) as Message)
        }
        const messages = atOnce.list(1000)
        expect(watched.list(1000)).toEqual(messages)
        expect([watched.total, watched.forgotten]).toEqual([atOnce.total, atOnce.forgotten])
        // Whoever only hears of changes knows as much.
        for (const message of messages) expect(seen.get(message.id)).toEqual(message)
      }),
    )
  })

  it('takes anything, and keeps no more than it may', () => {
    const packet = fc
      .record({
        encoded: anyPacket,
        connection: fc.integer({ min: 0, max: 3 }),
        direction: fc.constantFrom('to broker' as const, 'to client' as const),
        cut: fc.nat(40),
        flip: fc.nat(255),
      })
      .map(({ encoded, connection, direction, cut, flip }): Captured => {
        const octets = encoded.octets.slice(0, flip > 128 ? encoded.octets.length : cut)
        if (flip > 200 && octets.length > 1) octets[1 + (cut % (octets.length - 1))] = flip
        const length = encoded.octets.length
        return {
          kind: 'packet',
          number: 0,
          time: 0,
          connection,
          direction,
          octets,
          length,
          malformed: false,
          origin: undefined,
        }
      })
    const publish = fc
      .record({ id: fc.integer({ min: 1, max: 3 }), qos: fc.constantFrom(0, 1, 2), direction: fc.boolean() })
      .map(({ id, qos, direction }): Captured => {
        const octets = generate({
          cmd: 'publish',
          topic: 't',
          payload: 'x',
          qos: qos as 0 | 1 | 2,
          messageId: id,
          dup: false,
          retain: false,
        })
        const way = direction ? ('to broker' as const) : ('to client' as const)
        return {
          kind: 'packet',
          number: 0,
          time: 0,
          connection: 1,
          direction: way,
          octets,
          length: octets.length,
          malformed: false,
          origin: undefined,
        }
      })
    const noise = fc.array(fc.oneof(packet, captured, publish), { maxLength: 120 })
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 8 }), (records, mostMessages) => {
        const numbered = records.map((record, i) => ({ ...record, number: i + 1, time: i * 1000 }))
        const tracker = rebuild(numbered, mostMessages)
        const messages = tracker.list(1000)
        expect(messages.length).toBeLessThanOrEqual(mostMessages)
        expect(tracker.total).toBe(tracker.forgotten + messages.length)
        for (const message of messages) {
          summarizeMessage(message)
          for (const exchange of message.subscribers) sidesOf(exchange)
        }
      }),
    )
  })
})
