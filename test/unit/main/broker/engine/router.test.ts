import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../../../app/base/random.ts'
import type { QoS } from '../../../../../app/mqtt/control-packet.ts'
import type { Match, Subscription } from '../../../../../app/session/subscription.ts'
import { type AedesHeart, startAedes } from '../../../../../main/broker/engine/aedes-heart.ts'
import type { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'
import { Router, type Subscriber } from '../../../../../main/broker/engine/router.ts'
import { Turn } from '../../../../../main/broker/engine/turn.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'
import { granted, routedMessage } from '../../../../helpers/routed.ts'
import { naivelyMatches } from '../model/naive-matching.ts'

let heart: AedesHeart
let router: Router<Subscriber>
let delivered: { to: string; topic: string; match: Match }[]
let foreign: object[]
let clock: FakeClock
let turn: Turn
let canWait: boolean
/** In which turn each was delivered. */
let turnsOf: number[]
/** Of a delivery, in milliseconds. */
let cost: number

beforeEach(async () => {
  heart = await startAedes()
  onTestFinished(() => heart.close())
  delivered = []
  foreign = []
  clock = new FakeClock()
  canWait = true
  cost = 0
  turnsOf = []
  turn = new Turn(
    clock,
    () => 0,
    (error) => {
      throw error
    },
  )
  router = new Router<Subscriber>({
    queue: heart.queue,
    random: createRandom('router'),
    strategy: 'round robin',
    deliver: ({ clientId }, { topic }, match) => {
      delivered.push({ to: clientId, topic, match })
      turnsOf.push(turn.number)
      clock.stall(cost)
    },
    foreign: (packet) => {
      foreign.push(packet)
      return routedMessage((packet as RoutedMessage).topic)
    },
    turn,
    canWait: () => canWait,
  })
})

function session(clientId: string): Subscriber {
  return { clientId, available: true }
}

function to(): string {
  return delivered
    .splice(0)
    .map(({ to }) => to)
    .join('')
}

const level = fc.constantFrom('', 'a', 'b', '$x')
const topic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '')
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => (all ? [...levels.slice(1), '#'] : levels).join('/'))
  .filter((filter) => filter !== '')

describe('Router', () => {
  it('gives a message to whom a plain reading of the rules gives it, once each', async () => {
    const subscriptions = fc.array(fc.record({ who: fc.nat(2), filter }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(subscriptions, fc.array(topic, { minLength: 1, maxLength: 4 }), async (asked, topics) => {
        const sessions = [session('0'), session('1'), session('2')]
        const made = asked.map(({ who, filter }) => [sessions[who] as Subscriber, granted(filter)] as const)
        for (const [who, subscription] of made) router.subscribe(who, subscription)
        for (const topic of topics) {
          const wanted = new Set(made.filter(([, { matches }]) => naivelyMatches(matches, topic)).map(([who]) => who))
          expect(router.route(routedMessage(topic))).toBe(wanted.size)
          expect([...to()].sort()).toEqual([...wanted].map(({ clientId }) => clientId).sort())
        }
        for (const [who, subscription] of made) router.unsubscribe(who, subscription)
        expect([router.filters, router.route(routedMessage('a'))]).toEqual([0, 0])
        // The queue forgets listeners in the next turn: without one they would pile up from run to run.
        await new Promise(setImmediate)
      }),
      { numRuns: 300 },
    )
  })

  it('joins Subscriptions of one Session that overlap to one copy', () => {
    const one = session('1')
    const overlapping: [string, QoS, number][] = [
      ['a/+', 0, 7],
      ['a/#', 2, 8],
      ['a/b', 1, 9],
    ]
    for (const [filter, qos, identifier] of overlapping) {
      router.subscribe(one, granted(filter, { qos, identifiers: [identifier] }))
    }
    expect(router.route(routedMessage('a/b'))).toBe(1)
    expect(delivered).toHaveLength(1)
    expect(delivered[0]?.match.qos).toBe(2)
    expect([...(delivered[0]?.match.identifiers ?? [])].sort()).toEqual([7, 8, 9])
  })

  it('gives what is shared to one of each group, beside those who are subscribed by themselves', () => {
    const [a, b, c] = [session('a'), session('b'), session('c')]
    for (const group of ['x', 'y']) for (const who of [a, b]) router.subscribe(who, granted('t/#', { group }))
    router.subscribe(c, granted('t/1'))
    expect(router.route(routedMessage('t/1'))).toBe(3)
    expect([...to()].sort().join('')).toMatch(/^(aac|abc|bbc)$/)
    for (const group of ['x', 'y']) router.unsubscribe(a, granted('t/#', { group }))
    router.route(routedMessage('t/1'))
    expect([...to()].sort().join('')).toBe('bbc')
    expect([router.sharedSubscriptions, router.subscriptions]).toEqual([2, 3])
  })

  it('gives nobody his own messages who asked for that, even where another of his Subscriptions matches', () => {
    const one = session('publisher')
    router.subscribe(one, granted('a/#', { noLocal: true, qos: 2 }))
    expect(router.route(routedMessage('a/b'))).toBe(0)
    router.subscribe(one, granted('a/b', { qos: 1 }))
    expect(router.route(routedMessage('a/b'))).toBe(1)
    expect(delivered.map(({ match }) => match.qos)).toEqual([1])
  })

  it('gives $ topics only to filters that begin with them', () => {
    const filters = ['#', '+/x', '$SYS/#', '$SYS/x', '+/#']
    for (const filter of filters) router.subscribe(session(filter), granted(filter))
    router.route(routedMessage('$SYS/x'))
    expect(delivered.map(({ to }) => to).sort()).toEqual(['$SYS/#', '$SYS/x'])
  })

  it('matches a thousand levels', () => {
    const deep = Array.from({ length: 1000 }, (_, at) => `l${at}`).join('/')
    router.subscribe(session('1'), granted(deep))
    router.subscribe(session('2'), granted(`${'+/'.repeat(999)}+`))
    router.subscribe(session('3'), granted(`${'+/'.repeat(999)}#`))
    router.subscribe(session('4'), granted('+/+'))
    router.route(routedMessage(deep))
    expect([...to()].sort().join('')).toBe('123')
  })

  it('hears what is published after a Subscription that was made again in the tick in which it was ended', () => {
    const one = session('1')
    const subscription: Subscription = granted('t')
    router.subscribe(one, subscription)
    for (let times = 0; times < 3; times++) {
      router.unsubscribe(one, subscription)
      router.route(routedMessage('t'))
      expect(to()).toBe('')
      router.subscribe(one, subscription)
      router.route(routedMessage('t'))
      expect(to()).toBe('1')
    }
  })

  it('replaces a Subscription with the same filter', () => {
    const one = session('1')
    router.subscribe(one, granted('t', { qos: 0 }))
    router.subscribe(one, granted('t', { qos: 2 }))
    router.route(routedMessage('t'))
    expect(delivered.map(({ match }) => match.qos)).toEqual([2])
    expect(router.subscriptions).toBe(1)
  })

  it('gives what somebody else published once to each, in order with its own', async () => {
    const one = session('1')
    for (const filter of ['#', 'f/+']) router.subscribe(one, granted(filter))
    const emit = (topic: string) => heart.queue.emit({ cmd: 'publish', topic, payload: Buffer.alloc(0) }, () => {})
    emit('f/1')
    emit('f/2')
    router.route(routedMessage('own'))
    emit('f/3')
    await Promise.resolve()
    expect(delivered.map(({ topic }) => topic)).toEqual(['f/1', 'f/2', 'own', 'f/3'])
    expect(foreign).toHaveLength(3)
  })
})

describe('A message for very many', () => {
  const many = Array.from({ length: 300 }, (_, n) => session(String(n)))

  /** Each of them gets what costs a quarter of a millisecond: forty have a turn, which is asked about after 32 and 64. */
  beforeEach(() => {
    cost = 0.25
    for (const who of many) router.subscribe(who, granted('t/#'))
    expect(turn.isOver).toBe(false)
  })

  it('goes to some in this turn and to the others in the next ones', () => {
    expect(router.route(routedMessage('t/1'))).toBe(64)
    expect(turn.isOver).toBe(true)
    for (let turns = 0; turns < 6; turns++) clock.advance(0)
    expect(delivered.map(({ to }) => to)).toEqual(many.map(({ clientId }) => clientId))
    const each = [...new Set(turnsOf)].map((one) => turnsOf.filter((other) => other === one).length)
    expect(each).toEqual([64, 64, 64, 64, 44])
  })

  it('goes on before anybody who waited for that turn', () => {
    const seen: number[] = []
    turn.next(() => seen.push(delivered.length))
    router.route(routedMessage('t/1'))
    for (let turns = 0; turns < 6; turns++) clock.advance(0)
    expect(seen).toEqual([300])
  })

  it('has reached all before the next one begins, whoever publishes that', () => {
    router.route(routedMessage('t/1'))
    router.route(routedMessage('t/2'))
    expect(delivered.filter(({ topic }) => topic === 't/1')).toHaveLength(300)
    heart.queue.emit({ cmd: 'publish', topic: 't/3', payload: Buffer.alloc(0) }, () => {})
    return Promise.resolve().then(() => {
      for (let turns = 0; turns < 6; turns++) clock.advance(0)
      expect(delivered.map(({ topic }) => topic)).toEqual(
        ['t/1', 't/2', 't/3'].flatMap((topic) => many.map(() => topic)),
      )
    })
  })

  it('reaches all at once where its publisher is to be told that it is stored, and when it is asked to', () => {
    router.subscribe(session('x'), granted('t/#', { group: 'x' }))
    canWait = false
    router.route(routedMessage('t/1'))
    expect(delivered).toHaveLength(301)
    canWait = true
    router.route(routedMessage('t/2'))
    router.finish()
    router.finish()
    clock.advance(0)
    expect(delivered).toHaveLength(602)
  })

  it.each([
    ['one Subscription each', [] as string[]],
    ['several that overlap', ['t/+', '#']],
  ])('does not go to who has left meanwhile, and comes once to all others: %s', (_how, filters) => {
    for (const filter of filters) for (const who of many) router.subscribe(who, granted(filter))
    for (const group of ['x', 'y']) router.subscribe(session(group), granted('t/1', { group }))
    router.route(routedMessage('t/1'))
    const gone = many.filter((_, n) => n % 3 === 0)
    for (const who of gone) for (const filter of ['t/#', ...filters]) router.unsubscribe(who, granted(filter))
    for (let turns = 0; turns < 6; turns++) clock.advance(0)
    const told = new Set(delivered.slice(0, 64).map(({ to }) => to))
    const late = many.filter((who) => !told.has(who.clientId) && !gone.includes(who)).map(({ clientId }) => clientId)
    expect(delivered.slice(64).map(({ to }) => to)).toEqual([...late, 'x', 'y'])
  })

  it('of several publishers comes once to each, in order, however long a delivery takes', () => {
    const costs = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 20 })
    const steps = fc.array(fc.constantFrom('publish', 'turn', 'finish'), { maxLength: 40 })
    fc.assert(
      fc.property(costs, steps, (times, script) => {
        delivered = []
        const published: string[] = []
        for (const [n, step] of script.entries()) {
          cost = times[n % times.length] as number
          if (step === 'turn') clock.advance(0)
          else if (step === 'finish') router.finish()
          else {
            published.push(`t/${n}`)
            router.route(routedMessage(`t/${n}`))
          }
        }
        router.finish()
        expect(delivered.map(({ topic }) => topic)).toEqual(published.flatMap((topic) => many.map(() => topic)))
        clock.advance(0)
      }),
      { numRuns: 50 },
    )
  })
})
