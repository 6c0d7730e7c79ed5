import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Acl } from '../../../../../app/session/access/acl.ts'
import { type AclRule, ruleFilterMistake } from '../../../../../app/session/access/acl-rule.ts'
import { matchesName } from '../../../../../app/session/access/name-pattern.ts'

const pump = { clientId: 'pump', userName: 'ann' }
const anonymous = { clientId: 'valve', userName: undefined }

function rule(effect: 'allow' | 'deny', action: AclRule['action'], ...topics: string[]): AclRule {
  return { effect, action, topics }
}

describe('Acl', () => {
  it('allows everything where there are no rules', () => {
    const acl = new Acl()
    expect(acl.mayPublish(pump, 'a')).toEqual({ allowed: true, rule: 'there are no rules' })
    expect(acl.mayPublish(anonymous, 'b')).toBe(acl.maySubscribe(pump, '#'))
  })

  it('lets the first rule that is about a topic decide, and says which', () => {
    const acl = new Acl({
      rules: [rule('allow', 'publish', 'plant/+/state'), rule('deny', 'all', 'secret/#', 'plant/#')],
      otherwise: 'allow',
    })
    expect(acl.mayPublish(pump, 'plant/1/state')).toEqual({
      allowed: true,
      rule: 'rule 1: allow publish to plant/+/state',
    })
    expect(acl.mayPublish(pump, 'plant/1/command')).toEqual({
      allowed: false,
      rule: 'rule 2: deny publish to plant/#',
    })
    expect(acl.mayPublish(pump, 'elsewhere')).toEqual({ allowed: true, rule: 'no rule denies it' })
    expect(acl.maySubscribe(pump, 'plant/1/state')).toMatchObject({ allowed: false })
  })

  it('denies a subscription of which a part is denied', () => {
    const acl = new Acl({ rules: [rule('deny', 'subscribe', 'secret/#')], otherwise: 'allow' })
    expect(acl.maySubscribe(pump, '#')).toEqual({
      allowed: false,
      rule: 'rule 1: deny subscribe to secret/#, which is a part of #',
    })
    expect(acl.maySubscribe(pump, '$share/group/+/door').allowed).toBe(false)
    expect(acl.maySubscribe(pump, '$share/secret/plant/door').allowed).toBe(true)
    expect(acl.maySubscribe(pump, 'secrets').allowed).toBe(true)
  })

  it('lets everybody read $SYS unless a rule denies it, also where nothing else is allowed', () => {
    expect(new Acl({ rules: [], otherwise: 'deny' }).maySubscribe(anonymous, '$SYS/#').allowed).toBe(true)
    expect(new Acl({ rules: [], otherwise: 'deny' }).maySubscribe(anonymous, '#').allowed).toBe(false)
    expect(new Acl({ rules: [], otherwise: 'deny' }).mayPublish(anonymous, '$SYS/a').allowed).toBe(false)
    const rules = [rule('deny', 'subscribe', '$SYS/#')]
    expect(new Acl({ rules, otherwise: 'allow' }).maySubscribe(anonymous, '$SYS/broker/load/#').allowed).toBe(false)
  })

  it('puts the names of the client into a filter', () => {
    const acl = new Acl({ rules: [rule('allow', 'all', '{username}/dev-{clientid}/#')], otherwise: 'deny' })
    expect(acl.mayPublish(pump, 'ann/dev-pump/state').allowed).toBe(true)
    expect(acl.mayPublish(pump, 'ann/dev-valve/state').allowed).toBe(false)
    expect(acl.mayPublish(anonymous, '/dev-valve/state').allowed).toBe(false)
  })

  it.each(['#', '+', 'pump/#', 'a+', 'pump/valve', ''])(
    'gives a client no more because it is called %j',
    (clientId) => {
      const acl = new Acl({ rules: [rule('allow', 'all', 'plant/{clientid}/#')], otherwise: 'deny' })
      const client = { clientId, userName: undefined }
      for (const topic of ['plant/pump/valve', 'plant/pump', 'plant/a+', 'plant/', 'plant']) {
        expect(acl.mayPublish(client, topic).allowed, topic).toBe(false)
      }
      expect(acl.maySubscribe(client, `plant/${clientId}`).allowed).toBe(false)
    },
  )

  it('does not give $SYS to a client that calls itself so', () => {
    const acl = new Acl({ rules: [rule('allow', 'all', '{clientid}/#')], otherwise: 'deny' })
    expect(acl.mayPublish({ clientId: '$SYS', userName: undefined }, '$SYS/broker/uptime').allowed).toBe(false)
    expect(acl.mayPublish({ clientId: 'SYS', userName: undefined }, 'SYS/broker/uptime').allowed).toBe(true)
  })

  it('denies a client with a / in its name what its name leads to', () => {
    const acl = new Acl({ rules: [rule('deny', 'all', 'plant/{clientid}/#')], otherwise: 'allow' })
    expect(acl.mayPublish({ clientId: 'a/b', userName: undefined }, 'plant/a/b/c').allowed).toBe(false)
  })

  it('applies a rule to the users and clients that it names', () => {
    const rules = [
      { ...rule('allow', 'all', '#'), user: 'ann', client: 'pu*' },
      { ...rule('deny', 'all', '#'), user: '*' },
    ]
    const acl = new Acl({ rules, otherwise: 'allow' })
    expect(acl.mayPublish(pump, 'a').rule).toMatch(/^rule 1/)
    expect(acl.mayPublish({ clientId: 'other', userName: 'ann' }, 'a').rule).toMatch(/^rule 2/)
    expect(acl.mayPublish(anonymous, 'a').rule).toBe('no rule denies it')
  })

  it('remembers what it decided, for so many topics and no more', () => {
    const acl = new Acl({ rules: [rule('deny', 'all', 't/1/#')], otherwise: 'allow' })
    for (let round = 0; round < 2; round++) {
      const denied = Array.from({ length: 1000 }, (_, i) => i).filter((i) => !acl.mayPublish(pump, `t/${i}`).allowed)
      expect(denied).toEqual([1])
    }
  })

  const level = fc.constantFrom('a', 'b', '+')
  const filter = fc
    .tuple(fc.array(level, { maxLength: 3 }), fc.boolean())
    .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
    .filter((text) => text !== '')
  const anyRule = fc
    .tuple(fc.constantFrom('allow' as const, 'deny' as const), fc.array(filter, { minLength: 1, maxLength: 2 }))
    .map(([effect, topics]) => rule(effect, 'all', ...topics))
  const words = ['a', 'b', 'z']
  const below = (topics: readonly string[]) => topics.flatMap((topic) => words.map((word) => `${topic}/${word}`))
  const pairs = below(words)
  const topics = [...words, ...pairs, ...below(pairs), ...below(below(pairs))]

  it('never allows a subscription to a topic that it would deny by itself', () => {
    fc.assert(
      fc.property(
        fc.array(anyRule, { maxLength: 5 }),
        fc.constantFrom('allow' as const, 'deny' as const),
        filter,
        (rules, otherwise, wanted) => {
          const acl = new Acl({ rules, otherwise })
          fc.pre(acl.maySubscribe(pump, wanted).allowed)
          const only = new Acl({ rules: [rule('allow', 'publish', wanted)], otherwise: 'deny' })
          // A rule is about publishing and subscribing alike here, so one tells of the other.
          const inIt = topics.filter((topic) => only.mayPublish(pump, topic).allowed)
          expect(inIt.filter((topic) => !acl.mayPublish(pump, topic).allowed)).toEqual([])
        },
      ),
    )
  })

  it('denies a subscription only where a topic is denied, or several rules together allow it', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 5 }), filter, (rules, wanted) => {
        const acl = new Acl({ rules, otherwise: 'allow' })
        fc.pre(!acl.maySubscribe(pump, wanted).allowed)
        const only = new Acl({ rules: [rule('allow', 'publish', wanted)], otherwise: 'deny' })
        const inIt = topics.filter((topic) => only.mayPublish(pump, topic).allowed)
        const allowing = new Set(inIt.map((topic) => acl.mayPublish(pump, topic).rule))
        expect(inIt.some((topic) => !acl.mayPublish(pump, topic).allowed) || allowing.size > 1).toBe(true)
      }),
    )
  })
})

describe('a filter of a rule', () => {
  it.each(['#', 'a/+/b', '/', '$SYS/#', '{clientid}', 'a-{username}/#'])('may be %s', (filter) => {
    expect(ruleFilterMistake(filter)).toBeUndefined()
  })

  it.each([
    ['', /empty/],
    ['a#', /#/],
    ['#/a', /#/],
    ['a+/b', /\+/],
    ['a\0', /U\+0000/],
    ['a/{client}', /\{client\}; there is \{clientid\}/],
    ['$share/g/a', /\$share/],
  ])('cannot be %j', (filter, why) => {
    expect(ruleFilterMistake(filter)).toMatch(why)
  })
})

describe('matchesName', () => {
  it('takes * for any text, and nothing else for anything', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', '['), maxLength: 6 })
    fc.assert(
      fc.property(piece, fc.string({ unit: fc.constantFrom('a', 'b', '.', '['), maxLength: 8 }), (pattern, name) => {
        const parts = pattern.split('*').map((part) => part.replaceAll(/[.[]/g, '\\$&'))
        expect(matchesName(pattern, name)).toBe(new RegExp(`^${parts.join('.*')}$`, 's').test(name))
      }),
    )
  })
})
