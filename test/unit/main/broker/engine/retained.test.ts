import { beforeEach, describe, expect, it } from 'vitest'
import { Retained } from '../../../../../main/broker/engine/retained.ts'
import type { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { routedMessage } from '../../../../helpers/routed.ts'
import { until } from '../../../../helpers/until.ts'

let stored: string[]
let retained: Retained
let problems: Error[]
let clock: FakeClock
let limits: { maxRetained: number; maxRetainedOctets: number }

beforeEach(() => {
  stored = []
  problems = []
  const storeRetained = async (message: object) => {
    const { payload, topic } = message as RoutedMessage
    if (topic === 'broken') throw new Error('the disk is full')
    stored.push(`${topic} ${payload.length}`)
  }
  clock = new FakeClock()
  limits = { maxRetained: 1000, maxRetainedOctets: 1_000_000 }
  retained = new Retained({ store: { storeRetained }, clock, limits, onProblem: (error) => problems.push(error) })
})

function message(topic: string, payload: string, expiresAt?: number): RoutedMessage {
  return routedMessage(topic, { payload: Buffer.from(payload), expiresAt, retain: true })
}

function payloads(filter: string, now = 0): string[] {
  return retained.match(filter, now).map(({ payload }) => Buffer.from(payload).toString())
}

describe('Retained messages', () => {
  it('are the last ones of their topics, at once', () => {
    for (const [topic, payload] of [
      ['a/b', '1'],
      ['a/c', '2'],
      ['a/b', '3'],
    ] as const)
      retained.set(message(topic, payload))
    expect(payloads('a/+')).toEqual(['3', '2'])
    expect(payloads('a/b')).toEqual(['3'])
    expect([retained.size, retained.octets]).toEqual([2, 2])
  })

  it('are deleted by one without a payload, which is not kept itself', () => {
    retained.set(message('a', 'five.'))
    retained.set(message('a', ''))
    retained.set(message('never', ''))
    expect([payloads('#'), retained.size, retained.octets]).toEqual([[], 0, 0])
  })

  it('are given to nobody when they have expired', () => {
    retained.set(message('a', 'soon', 1000))
    retained.set(message('b', 'never'))
    expect(payloads('+', 999)).toEqual(['soon', 'never'])
    expect(payloads('+', 1000)).toEqual(['never'])
    expect(payloads('a', 1000)).toEqual([])
  })

  it('of $ topics are not for filters that begin with a wildcard', () => {
    retained.set(message('$SYS/x', '1'))
    expect([payloads('#'), payloads('+/x'), payloads('$SYS/#')]).toEqual([[], [], ['1']])
  })

  it('are stored, deletions as well; what came out of the store is not', () => {
    retained.set(message('a', '12'))
    retained.set(message('a', ''))
    retained.restore(message('b', '123'))
    expect(stored).toEqual(['a 2', 'a 0'])
    expect(payloads('b')).toEqual(['123'])
  })

  it('say so where they cannot be stored', async () => {
    retained.set(message('broken', '1'))
    await until('the problem is told', () => problems.length > 0)
    expect(problems.map(({ message }) => message)).toEqual(['the disk is full'])
  })

  it('do not keep the piece of the stream in which they came', () => {
    const piece = Buffer.alloc(60_000, 'x')
    retained.set(routedMessage('a', { payload: piece.subarray(0, 5), retain: true }))
    expect(retained.all()[0]?.payload.buffer.byteLength).toBeLessThan(2000)
  })

  it('are deleted when they have expired, from the store too, and not those that have replaced them', async () => {
    const now = clock.now()
    retained.set(message('a', 'gone', now + 60 * 86_400_000))
    retained.set(message('b', 'replaced', now + 5000))
    retained.set(message('c', 'sooner', now + 1000))
    retained.set(message('b', 'for ever'))
    retained.restore(message('d', 'had expired', now - 1))
    clock.advance(0)
    expect([retained.size, retained.octets]).toEqual([3, 18])
    clock.advance(999)
    expect(retained.size).toBe(3)
    clock.advance(1)
    expect(payloads('#', now)).toEqual(['gone', 'for ever'])
    clock.advance(60 * 86_400_000)
    expect(payloads('#', now)).toEqual(['for ever'])
    expect([retained.size, retained.octets]).toEqual([1, 8])
    expect(stored.filter((one) => one.endsWith(' 0'))).toEqual(['d 0', 'c 0', 'a 0'])
    expect(clock.waiting).toBe(0)
  })

  it('expire in parts where they are very many', () => {
    const now = clock.now()
    for (let n = 0; n < 5000; n++) retained.set(message(`many/${n}`, 'x', now + 1000 + (n % 7)))
    clock.stall(2000)
    clock.advance(0)
    expect(retained.size).toBe(0)
  })

  it('do not wait for what was replaced before it expired', () => {
    const now = clock.now()
    for (let n = 0; n < 10_000; n++) retained.set(message(`t/${n % 10}`, String(n), now + 1000 + n))
    clock.advance(1000 + 9989)
    expect(payloads('#', now)).toEqual(['9990', ...Array.from({ length: 9 }, (_, n) => String(9991 + n))].slice(0))
    clock.advance(10)
    expect([retained.size, clock.waiting]).toEqual([0, 0])
  })

  it('are no more than the limits allow: in number, and in octets with those of their levels', () => {
    limits.maxRetained = 2
    retained.set(message('a', '1'))
    retained.set(message('b', '1'))
    expect([retained.hasRoom('c', 2), retained.hasRoom('a', 10)]).toEqual([false, true])
    limits.maxRetained = 1000
    limits.maxRetainedOctets = 10_000
    expect([retained.hasRoom('c', 8900), retained.hasRoom('c', 9500)]).toEqual([true, false])
    const deep = `d${'/'.repeat(60)}`
    retained.set(message(deep, '1'))
    expect([retained.hasRoom('c', 100), retained.hasRoom(deep, deep.length + 1)]).toEqual([false, true])
    retained.set(message(deep, ''))
    expect(retained.hasRoom('c', 8900)).toBe(true)
  })

  it("are counted without the broker's own, which take no room from others", () => {
    limits.maxRetained = 1
    for (let n = 0; n < 60; n++) retained.set(message(`$SYS/broker/${n}`, 'own'))
    expect([retained.size, retained.octets, retained.own]).toEqual([0, 0, { size: 60, octets: 180 }])
    expect(retained.hasRoom('a', 2)).toBe(true)
    retained.set(message('a', '1'))
    retained.set(message('$SYS/broker/1', 'else'))
    expect([retained.size, retained.octets, retained.own]).toEqual([1, 1, { size: 60, octets: 181 }])
    expect([retained.hasRoom('b', 2), stored]).toEqual([false, ['a 1']])
    limits.maxRetained = 2
    limits.maxRetainedOctets = 1000
    expect(retained.hasRoom('b', 2)).toBe(true)
    expect([payloads('$SYS/#').length, payloads('#'), payloads('$SYS/broker/1')]).toEqual([60, ['1'], ['else']])
    expect([retained.hasNone('$SYS/broker/1'), retained.hasNone('$SYS/+'), retained.all().length]).toEqual([
      false,
      false,
      61,
    ])
  })

  it('are looked for one after the other, and whoever looks hears of a long while without any', () => {
    for (let n = 0; n < 5000; n++) retained.set(message(`room/${n}/${n % 2 === 0 ? 'x' : 'y'}`, String(n)))
    const search = [...retained.matching('room/+/x', ({ payload }) => payload.length > 3)]
    expect(search.filter((found) => found !== undefined).length).toBe(2000)
    expect(search.filter((found) => found === undefined).length).toBeGreaterThan(2)
    expect([retained.hasNone('room/1/x'), retained.hasNone('room/2/x'), retained.hasNone('none/#')]).toEqual([
      true,
      false,
      false,
    ])
  })
})
