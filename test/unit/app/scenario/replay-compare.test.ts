import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { compareObservations } from '../../../../app/scenario/replay-compare.ts'
import type { Observation, ObservedEnd } from '../../../../app/scenario/replay-observation.ts'
import { ReplayObserver } from '../../../../app/scenario/replay-observer.ts'

interface Message {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1 | 2
  readonly dup: boolean
  readonly retain: boolean
}

const message: fc.Arbitrary<Message> = fc
  .record({
    topic: fc.constantFrom('a', 'b', 'a/b'),
    payload: fc.string({ maxLength: 3 }),
    qos: fc.constantFrom(0, 1, 2),
    dup: fc.boolean(),
    retain: fc.boolean(),
  })
  .map((made) => (made.qos === 0 ? { ...made, dup: false } : made)) as fc.Arbitrary<Message>

const messages = fc.array(message, { maxLength: 30 })

/** What a client sees of such messages, with Packet Identifiers from this one on. */
function seen(list: readonly Message[], firstId = 1, end: ObservedEnd = { by: 'nobody' }): Observation {
  const observer = new ReplayObserver(4, new Map())
  for (const [i, one] of list.entries()) {
    observer.received(generate({ cmd: 'publish', messageId: firstId + i, ...one }))
  }
  return observer.observation(end)
}

/** What a client sees of such packets, after it has sent those. */
function answered(received: readonly Packet[], sent: readonly Packet[] = [], version: 4 | 5 = 5): Observation {
  const observer = new ReplayObserver(version, new Map())
  for (const packet of sent) observer.sent(generate(packet, { protocolVersion: version }))
  for (const packet of received) observer.received(generate(packet, { protocolVersion: version }))
  return observer.observation({ by: 'nobody' })
}

const kinds = (recorded: Observation, replayed: Observation) =>
  compareObservations(recorded, replayed).map(({ field, is, what }) => [is, what, field])

describe('comparing what came then and now', () => {
  it('finds nothing where the same came, whatever its Packet Identifiers', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 60_000 }), (list, firstId) => {
        expect(compareObservations(seen(list), seen(list, firstId))).toEqual([])
      }),
    )
  })

  it('finds each message that is missing, and each that is extra', () => {
    fc.assert(
      fc.property(messages, message, fc.nat(), (list, one, at) => {
        const place = at % (list.length + 1)
        const more = [...list.slice(0, place), one, ...list.slice(place)]
        const missing = compareObservations(seen(more), seen(list))
        const extra = compareObservations(seen(list), seen(more))
        expect(missing.map(({ is }) => is)).toEqual(['missing'])
        expect(extra.map(({ is }) => is)).toEqual(['extra'])
        expect(missing[0]?.what).toBe(extra[0]?.what)
        expect(missing[0]?.what).toContain(`PUBLISH to ${one.topic}`)
      }),
    )
  })

  it('finds what is changed in a message', () => {
    const change = fc.constantFrom('QoS', 'RETAIN', 'payload')
    fc.assert(
      fc.property(messages, message, change, fc.nat(), (list, one, field, at) => {
        // Of several that are alike nobody can say which has changed.
        const others = list.filter(({ topic }) => topic !== one.topic)
        const place = at % (others.length + 1)
        const other: Message = {
          ...one,
          ...(field === 'QoS' && { qos: one.qos === 1 ? 2 : 1 }),
          ...(field === 'RETAIN' && { retain: !one.retain }),
          ...(field === 'payload' && { payload: `${one.payload}!` }),
        }
        const put = (what: Message) => seen([...others.slice(0, place), what, ...others.slice(place)])
        expect(compareObservations(put(one), put(other)).map(({ field, is }) => [is, field])).toEqual([
          ['changed', field],
        ])
      }),
    )
  })

  it('finds a message that has moved to another place', () => {
    const different = fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(different, fc.nat(), fc.nat(), (numbers, from, to) => {
        const list = numbers.map((n): Message => {
          return { topic: 'a', payload: String(n), qos: 0, dup: false, retain: false }
        })
        const [source, target] = [from % list.length, to % list.length]
        const moved = [...list.slice(0, source), ...list.slice(source + 1)]
        moved.splice(target, 0, list[source] as Message)
        const found = compareObservations(seen(list), seen(moved)).map(({ is }) => is)
        expect(found).toEqual(source === target ? [] : ['order'])
      }),
    )
  })

  it('lets retained messages come in any order', () => {
    const retained = (payload: string): Message => ({ topic: payload, payload, qos: 1, dup: false, retain: true })
    expect(kinds(seen([retained('a'), retained('b')]), seen([retained('b'), retained('a')]))).toEqual([])
  })

  it('finds a payload that differs behind what is shown of it', () => {
    const large = (last: string): Message => {
      return { topic: 'a', payload: 'x'.repeat(5000) + last, qos: 0, dup: false, retain: false }
    }
    expect(kinds(seen([large('1')]), seen([large('2')]))).toEqual([
      ['changed', expect.stringContaining('a'), 'payload'],
    ])
  })

  it('finds codes, and what CONNACK lets a client do', () => {
    const request: Packet = { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'x/#', qos: 1 }] }
    const suback = (code: number): Packet => ({ cmd: 'suback', messageId: 7, granted: [code] })
    expect(compareObservations(answered([suback(1)], [request]), answered([suback(0)], [request]))).toEqual([
      {
        is: 'changed',
        what: 'SUBACK of SUBSCRIBE to x/#',
        field: 'codes',
        recorded: '0x01 Granted QoS 1',
        replayed: '0x00 Granted QoS 0',
        because: undefined,
      },
    ])
    const connack = (properties: object, sessionPresent = false): Packet => {
      return { cmd: 'connack', reasonCode: 0, sessionPresent, properties }
    }
    const plain = answered([connack({})])
    expect(kinds(plain, answered([connack({ receiveMaximum: 65535, reasonString: 'hello' })]))).toEqual([])
    expect(kinds(plain, answered([connack({ receiveMaximum: 20 }, true)]))).toEqual([
      ['changed', 'CONNACK', 'Session Present'],
      ['changed', 'CONNACK', 'Receive Maximum'],
    ])
    expect(kinds(plain, answered([{ cmd: 'connack', reasonCode: 0x87, sessionPresent: false }]))).toEqual([
      ['changed', 'CONNACK', 'code'],
    ])
    const puback = (reasonCode: number): Packet => ({ cmd: 'puback', messageId: 3, reasonCode })
    expect(kinds(answered([puback(0)]), answered([puback(0x10)]))).toEqual([
      ['changed', 'PUBACK of something earlier', 'code'],
    ])
  })

  it('finds another end of the connection', () => {
    const ended = (by: ObservedEnd) => seen([], 1, by)
    const ends: ObservedEnd[] = [
      { by: 'nobody' },
      { by: 'client' },
      { by: 'broker', code: undefined },
      { by: 'broker', code: '0x8e Session taken over' },
      { by: 'link', reason: 'a rule' },
    ]
    for (const [i, recorded] of ends.entries()) {
      for (const [j, replayed] of ends.entries()) {
        const found = kinds(ended(recorded), ended(replayed))
        expect(found).toEqual(i === j ? [] : [['changed', 'end of the connection', '']])
      }
    }
  })

  it('says why something is missing where that is known, and of nothing else', () => {
    const one: Message = { topic: 'a', payload: '1', qos: 0, dup: false, retain: true }
    const because = (recorded: Observation, replayed: Observation) =>
      compareObservations(recorded, replayed, () => 'it is old').map((difference) => difference.because)
    expect(because(seen([one]), seen([]))).toEqual(['it is old'])
    expect(because(seen([]), seen([one]))).toEqual([undefined])
    expect(because(seen([one]), seen([{ ...one, retain: false }]))).toEqual([undefined])
  })

  it('knows a message by the Topic Name that its alias stands for', () => {
    const aliased = (topic: string, topicAlias: number): Packet => {
      return { cmd: 'publish', topic, payload: 'x', qos: 0, dup: false, retain: false, properties: { topicAlias } }
    }
    const plain: Packet = { cmd: 'publish', topic: 'a', payload: 'x', qos: 0, dup: false, retain: false }
    expect(kinds(answered([aliased('a', 4), aliased('', 4)]), answered([plain, plain]))).toEqual([])
    expect(
      kinds(answered([aliased('a', 4), aliased('', 4)]), answered([aliased('b', 4), aliased('', 4)])),
    ).toHaveLength(4)
  })

  it('leaves out what a broker says of itself', () => {
    const uptime: Message = { topic: '$SYS/uptime', payload: '4', qos: 0, dup: false, retain: false }
    expect(kinds(seen([uptime]), seen([]))).toEqual([])
  })

  it('knows what has changed places with something that came late then, in either direction', () => {
    const message = (payload: string): Message => ({ topic: 'a', payload, qos: 0, dup: false, retain: false })
    const inOrder = (payloads: string) => seen([...payloads].map(message))
    const because = (recorded: string, replayed: string, late: string) => {
      const look = (kind: string, { identity }: { readonly identity: string }) => {
        const isLate = kind === 'order' && inOrder(late).messages.some((each) => each.identity === identity)
        return isLate ? 'late' : undefined
      }
      const faults = { look, take: () => undefined }
      return compareObservations(inOrder(recorded), inOrder(replayed), undefined, faults).map((each) => each.because)
    }
    expect(because('xyz', 'zxy', 'x')).toEqual(['another one was delayed by a fault then'])
    expect(because('zxy', 'xyz', 'y')).toEqual(['another one was delayed by a fault then'])
    expect(because('xyz', 'zxy', 'z')).toEqual(['late'])
    expect(because('wxyz', 'wzxy', 'w')).toEqual([undefined])
  })
})
