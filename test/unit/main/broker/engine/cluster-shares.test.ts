import { describe, expect, it } from 'vitest'
import { decodeMessage } from '../../../../../app/session/records.ts'
import { ClusterShares, type MemberWord } from '../../../../../main/broker/engine/cluster-shares.ts'
import type { ShareStrategy } from '../../../../../main/broker/engine/share-group.ts'
import { shareStrategies } from '../../../../../main/broker/engine/share-group.ts'
import { decodeShared, encodeShared } from '../../../../../main/broker/engine/shared-record.ts'
import { routedMessage } from '../../../../helpers/routed.ts'

/** One broker; `local` are its members, and whether their clients are connected. */
function broker(id: string, strategy: ShareStrategy = 'round robin') {
  const local = new Map<string, boolean>()
  const given: string[] = []
  const again: string[] = []
  const said: MemberWord[] = []
  const shares = new ClusterShares({
    id,
    strategy,
    give: (_group, _matches, { payload }) => {
      if (local.size === 0) return false
      given.push(Buffer.from(payload).toString())
      return true
    },
    memberHere: (_group, _matches, clientId) => local.get(clientId),
    say: (word) => said.push(word),
    again: (_share, { payload }) => again.push(Buffer.from(payload).toString()),
  })
  return { id, shares, local, given, again, said }
}

const group = { group: 'g', matches: 'n/+' }

function word(clientId: string, of?: string, isThere = true): MemberWord {
  const left = { type: 'member', ...group, clientId, isThere } as const
  return of === undefined ? left : { ...left, broker: of }
}

function cluster(strategy?: ShareStrategy) {
  const brokers = ['a', 'b', 'c'].map((id) => broker(id, strategy)) as [
    ReturnType<typeof broker>,
    ReturnType<typeof broker>,
    ReturnType<typeof broker>,
  ]
  let place = 0
  const hear = (spoken: MemberWord) => {
    for (const { shares } of brokers) shares.hear(spoken)
  }
  const publish = (texts: readonly string[], topic = 'n/1') => {
    for (const text of texts) {
      place++
      const message = routedMessage(topic, {
        payload: Buffer.from(text),
        origin: { message: 1, kind: 'publish', clientId: 'p' },
      })
      for (const { shares } of brokers) shares.arrived(`1000-${place}`, message)
    }
  }
  return { brokers, hear, publish }
}

const texts = (count: number) => Array.from({ length: count }, (_, n) => `${n}`)

describe('a Shared Subscription over several brokers', () => {
  it.each(shareStrategies)('is given each message by one of them: %s', (strategy) => {
    const { brokers, hear, publish } = cluster(strategy)
    for (const { id, local } of brokers) {
      local.set(`member of ${id}`, true)
      hear(word(`member of ${id}`, id))
    }
    publish(texts(60))
    const given = brokers.flatMap((one) => one.given)
    expect(given.sort()).toEqual(texts(60).sort())
    publish(texts(5), 'elsewhere')
    expect(brokers.flatMap((one) => one.given)).toHaveLength(60)
  })

  it('goes to those whose clients are connected, as long as there are some', () => {
    const { brokers, hear, publish } = cluster()
    const [a, b] = brokers
    for (const { id, local } of [a, b]) local.set(`member of ${id}`, true)
    hear(word('member of a', 'a', false))
    hear(word('member of b', 'b'))
    publish(texts(20))
    expect([a.given.length, b.given.length]).toEqual([0, 20])
    hear(word('member of b', 'b', false))
    publish(texts(20))
    expect(a.given.length).toBeGreaterThan(0)
  })

  it('is found at the same broker by one that has learnt of the members in another order', () => {
    const { brokers, hear, publish } = cluster()
    const [a] = brokers
    const late = broker('a')
    for (const one of [a, late]) one.local.set('x', true)
    for (const [id, of] of [
      ['x', 'a'],
      ['y', 'b'],
      ['z', 'c'],
    ] as const)
      hear(word(id, of))
    for (const [id, of] of [
      ['z', 'c'],
      ['y', 'b'],
      ['x', 'a'],
    ] as const)
      late.shares.hear(word(id, of))
    const before = late.given
    brokers.push(late)
    publish(texts(60))
    expect(before).toEqual(a.given)
    expect(before.length).toBeGreaterThan(5)
  })

  it('is put into the log again by a broker whose member has left, once all have heard of that', () => {
    const { brokers, hear, publish } = cluster('sticky')
    const [a, b] = brokers
    b.local.set('other', true)
    hear(word('gone', 'a'))
    hear(word('other', 'b'))
    publish(['one'])
    expect([a.given, a.again, b.given]).toEqual([[], [], []])
    hear(word('gone'))
    expect(a.again).toEqual(['one'])
    hear(word('other'))
    publish(['two'])
    expect(brokers.flatMap((one) => [...one.given, ...one.again])).toEqual(['one'])
  })

  it('is given what a broker that is dead was to give by the one that has its Sessions', () => {
    const { brokers, hear, publish } = cluster('sticky')
    const [a, b] = brokers
    hear(word('m', 'a'))
    hear(word('n', 'b'))
    // `a` does not read them any more.
    publish(texts(3))
    expect([...b.shares.remembered('a').keys()]).toEqual(['1000-1', '1000-2', '1000-3'])
    const message = routedMessage('n/1', { payload: Buffer.from('old') })
    const lost = b.shares.before('a')
    b.shares.moved('a', 'b')
    expect(lost('0-1', message)).toMatchObject([group])
    expect(lost('0-1', routedMessage('elsewhere'))).toEqual([])
    b.local.set('n', true)
    for (const share of lost('0-1', message)) b.shares.claim(share, message)
    expect(b.given).toEqual(['old'])
    expect(a.given).toEqual([])
    expect(b.shares.remembered('a').size).toBe(0)
  })

  it('says who has come and gone: of one that may be on its way only when it is missed twice', () => {
    const { brokers, hear } = cluster()
    const [a] = brokers
    a.local.set('m', false)
    hear(word('m', 'a'))
    hear(word('lost', 'a'))
    a.shares.beat('1000-0')
    expect(a.said).toEqual([word('m', 'a', false)])
    a.shares.beat('2000-0')
    expect(a.said.slice(1)).toContainEqual(word('lost', undefined, false))
  })

  it('takes its membership along with a Session that is handed over', () => {
    const { brokers } = cluster()
    const [a] = brokers
    a.shares.handOver('b', () => a.shares.changed('m', 'g', 'n/+', false))
    a.shares.changed('m', 'g', 'n/+', false)
    expect(a.said).toEqual([word('m', 'b', false), word('m', undefined, false)])
  })

  it('forgets after a while what others were to give', () => {
    const { brokers, hear, publish } = cluster()
    const [, b] = brokers
    hear(word('m', 'a'))
    publish(texts(3))
    b.shares.beat('20000-0')
    expect(b.shares.remembered('a').size).toBe(3)
    b.shares.beat('40000-0')
    expect(b.shares.remembered('a').size).toBe(0)
  })
})

describe('a message of the log that is for one group', () => {
  it('is read as it was written', () => {
    const message = routedMessage('a/b', { payload: Buffer.from('größe') })
    const { record, share } = decodeShared(encodeShared({ group: 'g ä', matches: '#' }, message))
    expect(share).toEqual({ group: 'g ä', matches: '#' })
    expect(Buffer.from(decodeMessage(record).payload).toString()).toBe('größe')
  })
})
