import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../../app/base/random.ts'
import { ShareGroup, type ShareStrategy, shareStrategies } from '../../../../../main/broker/engine/share-group.ts'
import { granted, routedMessage } from '../../../../helpers/routed.ts'

interface Member {
  readonly clientId: string
  available: boolean
}

function groupOf(strategy: ShareStrategy, names: string) {
  const members = [...names].map((name): Member => ({ clientId: name, available: true }))
  const group = new ShareGroup<Member>(strategy, createRandom('shares'))
  for (const member of members) group.add(member, granted('t', { group: 'g' }))
  const chosen = (messages: number, topic = 't', clientId = 'p') =>
    Array.from({ length: messages }, (_, at) => {
      const origin = { message: at, kind: 'publish' as const, clientId }
      return group.choose(routedMessage(topic, { origin }))[0].clientId
    }).join('')
  return { group, members, chosen }
}

describe('A shared subscription', () => {
  it('goes round: everybody gets as much as the others', () => {
    const { chosen } = groupOf('round robin', 'abc')
    expect(chosen(7)).toBe('abcabca')
  })

  it('goes round those who are there', () => {
    const { chosen, members } = groupOf('round robin', 'abc')
    Object.assign(members[1] as Member, { available: false })
    expect(chosen(4)).toBe('acac')
  })

  it('goes round when members come and go', () => {
    const { chosen, group, members } = groupOf('round robin', 'abc')
    expect(chosen(2)).toBe('ab')
    expect(group.delete(members[2] as Member)).toBe(true)
    expect(group.delete(members[2] as Member)).toBe(false)
    expect([...chosen(2)].sort().join('')).toBe('ab')
  })

  it('stays with one as long as it is there, when it is sticky', () => {
    const { chosen, group, members } = groupOf('sticky', 'abc')
    expect(chosen(3)).toBe('aaa')
    Object.assign(members[0] as Member, { available: false })
    expect(chosen(3)).toBe('bbb')
    Object.assign(members[0] as Member, { available: true })
    expect(chosen(2)).toBe('bb')
    group.delete(members[1] as Member)
    expect(new Set(chosen(3)).size).toBe(1)
  })

  it('gives a publisher, or a topic, to always the same one, when it is hashed', () => {
    for (const strategy of ['hash of client id', 'hash of topic'] as const) {
      const { chosen } = groupOf(strategy, 'abc')
      const of = (name: string) => (strategy === 'hash of topic' ? chosen(5, name) : chosen(5, 't', name))
      const all = Array.from({ length: 60 }, (_, at) => of(`${strategy} ${at}`))
      expect(all.every((names) => new Set(names).size === 1)).toBe(true)
      expect(new Set(all).size).toBe(3)
    }
  })

  it('takes anybody, when it is random, and with one seed always the same', () => {
    const first = groupOf('random', 'abc').chosen(100)
    expect(new Set(first).size).toBe(3)
    expect(groupOf('random', 'abc').chosen(100)).toBe(first)
  })

  it('lets a message wait with one where nobody is there', () => {
    for (const strategy of shareStrategies) {
      const { chosen, members } = groupOf(strategy, 'ab')
      for (const member of members) member.available = false
      expect(chosen(1)).toMatch(/^[ab]$/)
    }
  })

  it('is over with its last member', () => {
    const { group, members } = groupOf('round robin', 'ab')
    const isEmpty = members.map((member) => group.delete(member) && group.isEmpty)
    expect(isEmpty).toEqual([false, true])
  })

  it('goes on with the new options of a member that subscribes again', () => {
    const { group, members } = groupOf('sticky', 'ab')
    const [first] = members
    expect(group.add(first as Member, granted('t', { group: 'g', qos: 2 }))).toBe(false)
    expect(group.choose(routedMessage('t'))[1].qos).toBe(2)
  })

  // With work for each that is there whenever one comes or goes it takes minutes.
  it('has very many members come and go between two messages', () => {
    const { chosen, group } = groupOf('round robin', 'a')
    const many = Array.from({ length: 50_000 }, (_, n): Member => ({ clientId: `b${n} `, available: true }))
    for (const member of many) group.add(member, granted('t', { group: 'g' }))
    expect(chosen(3)).toBe('ab0 b1 ')
    for (const member of many) group.delete(member)
    expect(chosen(2)).toBe('aa')
  })
})
