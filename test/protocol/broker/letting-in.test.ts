import { afterEach, describe, expect, it } from 'vitest'
import { Acl } from '../../../app/session/access/acl.ts'
import type { AclRule } from '../../../app/session/access/acl-rule.ts'
import type { Access, AuthOutcome, ConnectAttempt } from '../../../main/broker/access/access.ts'
import { type AccessSettings, BrokerAccess } from '../../../main/broker/access/broker-access.ts'
import { freeAccess } from '../../../main/broker/access/free-access.ts'
import { hashPassword } from '../../../main/broker/access/password-hash.ts'
import { LevelStore } from '../../../main/broker/stores/level-store.ts'
import { systemClock } from '../../../main/workbench/system-clock.ts'
import { openEngine } from '../../helpers/engine-bench.ts'
import { destroyClients, expectService, join, open } from '../../helpers/hostile-clients.ts'
import { type Connect, connect, disconnect, publish, type Version } from '../../helpers/mqtt-octets.ts'
import { property } from '../../helpers/mqtt-reading.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

afterEach(destroyClients)

/** Access as a workspace with this users' file has it. */
function workspaceAccess(settings: AccessSettings, users?: Readonly<Record<string, string>>): BrokerAccess {
  const text = users && JSON.stringify({ users })
  return new BrokerAccess({ clock: systemClock, settings, read: async () => text })
}

function letIn({ clientId, userName }: ConnectAttempt): AuthOutcome {
  return { allowed: true, userName, clientId, rule: 'told to', validUntil: undefined }
}

/** Decides when it is told to, not before. */
function slowAccess() {
  const attempts: { readonly attempt: ConnectAttempt; decide(): void }[] = []
  const access: Access = {
    ...freeAccess,
    authenticate: (attempt) =>
      new Promise((resolve) => {
        attempts.push({ attempt, decide: () => resolve(letIn(attempt)) })
      }),
  }
  return { access, attempts }
}

describe('CONNECT, packets and FIN in one go', () => {
  it.each([4, 5] as const)('are served, however long it takes to find out who it is, version %i', async (version) => {
    const { access, attempts } = slowAccess()
    const bench = await openEngine({ access })
    const opening = join(bench, 'subscriber')
    await until('the subscriber asks', () => attempts.length === 1)
    attempts[0]?.decide()
    const subscriber = await opening
    await subscriber.subscribe([['a', 1]])
    const burst = await open(bench, version)
    burst.send(connect({ version, id: 'burst' }), publish(version, 'a', 'hello', { qos: 1, packetId: 1 }), disconnect())
    burst.socket.end()
    await until('the broker has heard of FIN', () => attempts[1]?.attempt.presence?.() === 'leaving')
    await subscriber.ping()
    attempts[1]?.decide()
    expect((await subscriber.take()).payload.toString()).toBe('hello')
    expect((await burst.closing()).map(({ kind, code }) => [kind, code])).toEqual([
      ['CONNACK', 0],
      ['PUBACK', 0],
    ])
  })

  it('are not waited for where the connection was reset', async () => {
    const { access, attempts } = slowAccess()
    const bench = await openEngine({ access })
    const client = await open(bench)
    client.send(connect({ id: 'c' }))
    await until('it asks', () => attempts.length === 1)
    client.reset()
    await until('it is gone', () => attempts[0]?.attempt.presence?.() === 'gone')
    attempts[0]?.decide()
    await new Promise(setImmediate)
    expect(bench.engine.counters.connectionsAccepted).toBe(0)
  })
})

describe('The limit of connections', () => {
  it('holds also for those who come while it is found out who they are', async () => {
    const { access, attempts } = slowAccess()
    const bench = await openEngine({ access, limits: { maxConnections: 2 } })
    const clients = await Promise.all(Array.from({ length: 6 }, () => open(bench, 5)))
    for (const [i, client] of clients.entries()) client.send(connect({ version: 5, id: `c${i}` }))
    await until('all of them ask', () => attempts.length === 6)
    for (const { decide } of attempts) decide()
    const answers = await Promise.all(clients.map((client) => client.receive('CONNACK')))
    expect(answers.map(({ code }) => code).sort()).toEqual([0, 0, 0x89, 0x89, 0x89, 0x89])
    expect(bench.engine.counters).toMatchObject({ mostConnected: 2, connectionsRefused: 4 })
  })
})

describe('A decision that takes too long', () => {
  it.each([
    [4, 3],
    [5, 0x89],
  ] as const)('is one of the broker, which says that it is busy, version %i', async (version, code) => {
    const { access } = slowAccess()
    const bench = await openEngine({ access, limits: { connectTimeout: 200 } })
    const client = await open(bench, version)
    const connack = await client.connect({ version, id: 'c' })
    expect(connack.code).toBe(code)
    if (version === 5) expect(property(connack, 'reasonString')).toContain('within 200 ms')
    await client.closing()
  })
})

describe('Wrong passwords', () => {
  it('do not keep those out who have the right one', async () => {
    const right = await hashPassword(Buffer.from('right'))
    const bench = await openEngine({
      access: workspaceAccess({}, { ann: right, bob: right }),
      limits: { connectTimeout: 60_000 },
    })
    let answered = 0
    const guesses = 14
    const wrong = await Promise.all(Array.from({ length: guesses }, () => open(bench)))
    const done = wrong.map(async (client, i) => {
      const { code } = await client.connect({ id: `w${i}`, userName: 'ann', password: `wrong ${i}` })
      answered++
      return code
    })
    const good = await open(bench)
    expect((await good.connect({ id: 'good', userName: 'bob', password: 'right' })).code).toBe(0)
    expect(answered).toBeLessThan(guesses - 4)
    expect(new Set(await Promise.all(done))).toEqual(new Set([4]))
  })

  it('are not checked any more once their client has gone', async () => {
    const right = await hashPassword(Buffer.from('right'))
    const bench = await openEngine({ access: workspaceAccess({}, { ann: right }) })
    const wrong = await Promise.all(Array.from({ length: 100 }, () => open(bench)))
    for (const [i, client] of wrong.entries()) client.send(connect({ id: `w${i}`, userName: 'ann', password: `${i}` }))
    await until('they are here', () => bench.engine.counters.packetsReceived === 100)
    for (const client of wrong) client.reset()
    // A hundred of them would take longer than it has time.
    const good = await open(bench)
    expect((await good.connect({ id: 'good', userName: 'ann', password: 'right' })).code).toBe(0)
  })
})

describe('Without users', () => {
  it.each([
    [4, 5],
    [5, 0x87],
  ] as const)(
    'nobody gets in where anonymous clients may not, whoever it says it is, version %i',
    async (version, no) => {
      const bench = await openEngine({ access: workspaceAccess({ anonymous: false }) })
      for (const said of [{}, { userName: 'whoever' }, { userName: 'whoever', password: 'x' }] satisfies Connect[]) {
        const client = await open(bench, version)
        expect((await client.connect({ version, id: 'c', ...said })).code).toBe(no)
        await client.closing()
      }
    },
  )

  it('a user name gets nobody what the rules give to that user', async () => {
    const rules: AclRule[] = [
      { effect: 'allow', action: 'all', topics: ['for/ann', 'of/{username}'], user: 'ann' },
      { effect: 'allow', action: 'all', topics: ['open'] },
    ]
    const acl = { rules, otherwise: 'deny' } as const
    const bench = await openEngine({ access: workspaceAccess({ acl }) })
    const client = await join(bench, 'c', { userName: 'ann' })
    const asked = [
      ['for/ann', 0],
      ['of/ann', 0],
      ['open', 0],
    ] as const
    expect((await client.subscribe(asked)).codes).toEqual([0x80, 0x80, 0])
    // It is shown all the same.
    expect(bench.engine.session('c')?.session.userName).toBe('ann')
    const hash = await hashPassword(Buffer.from('x'))
    const proving = await openEngine({ access: workspaceAccess({ acl }, { ann: hash }) })
    const ann = await join(proving, 'c', { userName: 'ann', password: 'x' })
    expect((await ann.subscribe(asked)).codes).toEqual([0, 0, 0])
  })
})

describe('A Client Identifier that a certificate gives', () => {
  it.each<Version>([3, 4])(
    'is as good as one in CONNECT, also where the Session is to be kept, version %i',
    async (version) => {
      const named: AuthOutcome = {
        allowed: true,
        userName: undefined,
        clientId: 'pump',
        rule: '',
        validUntil: undefined,
      }
      const access = { ...freeAccess, authenticate: () => named }
      const bench = await openEngine({ access })
      await join(bench, '', { version, clean: false })
      expect(bench.engine.sessions().map(({ clientId }) => clientId)).toEqual(['pump'])
    },
  )

  it('of MQTT 3.1 has 23 characters, of however many octets', async () => {
    const bench = await openEngine()
    await join(bench, '😀'.repeat(23), { version: 3 })
    const longer = await open(bench, 3)
    expect((await longer.connect({ version: 3, id: '😀'.repeat(24) })).code).toBe(2)
  })
})

describe('Something that fails in the broker', () => {
  it.each<[where: string, access: Partial<Access>]>([
    [
      'while a packet is served',
      {
        mayPublish: () => {
          throw new Error('no rules')
        },
      },
    ],
    [
      'while it is found out who it is',
      {
        authenticate: (attempt) => {
          if (attempt.clientId === 'c') throw new Error('no users')
          return letIn(attempt)
        },
      },
    ],
    [
      'after it was found out who it is',
      {
        // Longer than a string can be: there is no CONNACK that says so.
        authenticate: async (attempt) =>
          letIn(attempt.clientId === 'c' ? { ...attempt, clientId: 'x'.repeat(70_000) } : attempt),
      },
    ],
  ])('ends the connection of whom it is about, and is told of: %s', async (_where, broken) => {
    const problems: Error[] = []
    const bench = await openEngine({
      access: { ...freeAccess, ...broken },
      onProblem: (error) => problems.push(error),
    })
    const other = await join(bench, 'other', { version: 5 })
    const client = await open(bench, 5)
    client.send(connect({ version: 5, id: 'c' }), publish(5, 'a', 'hello'))
    await client.closing()
    expect(problems).toHaveLength(1)
    await other.ping()
    await join(bench, 'another')
    expect(bench.engine.census().connected).toBe(2)
  })

  it('ends the connection of a subscriber whom a message cannot be written for, not that of its publisher', async () => {
    const problems: Error[] = []
    const bench = await openEngine({ onProblem: (error) => problems.push(error) })
    const subscriber = await join(bench, 'subscriber')
    await subscriber.subscribe([['#', 1]])
    const other = await join(bench, 'other')
    // No client can publish to this one.
    bench.engine.publish({ topic: 'x'.repeat(70_000), payload: Buffer.from('x'), qos: 1, retain: false })
    await subscriber.closing()
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('65535 octets at most')])
    await other.ping()
    await expectService(bench)
  })
})

describe('A Session that another user resumes', () => {
  const rules: AclRule[] = [{ effect: 'deny', action: 'subscribe', topics: ['secret/#'], user: 'bob' }]

  /** Everybody is who he says he is. */
  function ruled(first: readonly AclRule[] = rules) {
    let acl = new Acl({ rules: first, otherwise: 'allow' })
    const access: Access = {
      authenticate: letIn,
      mayPublish: (...asked) => acl.mayPublish(...asked),
      maySubscribe: (...asked) => acl.maySubscribe(...asked),
    }
    const change = (now: readonly AclRule[]) => {
      acl = new Acl({ rules: now, otherwise: 'allow' })
    }
    return { access, change }
  }

  const kept = (version: Version): Connect => ({
    version,
    clean: false,
    ...(version === 5 ? { properties: [['sessionExpiryInterval', 3600]] } : {}),
  })

  it.each([4, 5] as const)('has nothing for that user that the rules deny, version %i', async (version) => {
    const bench = await openEngine({ access: ruled().access })
    const ann = await join(bench, 'dev', { ...kept(version), userName: 'ann' })
    await ann.subscribe([
      ['secret/#', 1],
      ['open/#', 1],
      ['+/both', 1],
    ])
    const publisher = await join(bench, 'publisher')
    // This one is sent, and not answered.
    await publisher.publish('secret/sent', 'sent', { qos: 1 })
    await ann.receive('PUBLISH')
    ann.reset()
    await until('ann has gone', () => bench.engine.census().connected === 1)
    for (const topic of ['secret/queued', 'open/queued', 'secret/both'])
      await publisher.publish(topic, topic, { qos: 1 })
    const bob = await open(bench, version)
    const connack = await bob.connect({ id: 'dev', ...kept(version), userName: 'bob' })
    expect(connack.sessionPresent).toBe(true)
    for (const topic of ['secret/live', 'open/live']) await publisher.publish(topic, topic, { qos: 1 })
    expect((await bob.takeAll(2)).map(({ topic }) => topic)).toEqual(['open/queued', 'open/live'])
    await bob.expectNothing(publisher)
    expect(bench.engine.session('dev')?.session.subscriptions.map(({ filter }) => filter)).toEqual(['open/#'])
    expect(bench.engine.counters.denied).toBe(2)
  })

  it('has nothing for that user of a Subscription that the user before has ended', async () => {
    const bench = await openEngine({ access: ruled().access })
    const ann = await join(bench, 'dev', { clean: false, userName: 'ann' })
    await ann.subscribe([['secret/#', 1]])
    const publisher = await join(bench, 'publisher')
    await publisher.publish('secret/sent', 'sent', { qos: 1 })
    await ann.receive('PUBLISH')
    await ann.unsubscribe(['secret/#'])
    ann.reset()
    const bob = await join(bench, 'dev', { clean: false, userName: 'bob' })
    await bob.expectNothing(publisher)
  })

  it('has everything for the same user, and what was for a Subscription that was ended', async () => {
    const bench = await openEngine({ access: ruled().access })
    const ann = await join(bench, 'dev', { clean: false, userName: 'ann' })
    await ann.subscribe([['secret/#', 1]])
    const publisher = await join(bench, 'publisher')
    await publisher.publish('secret/sent', 'sent', { qos: 1 })
    await ann.receive('PUBLISH')
    await ann.unsubscribe(['secret/#'])
    ann.reset()
    const again = await join(bench, 'dev', { clean: false, userName: 'ann' })
    expect((await again.take()).topic).toBe('secret/sent')
  })

  it('has nothing either for the same user whom the rules deny it by now', async () => {
    const { access, change } = ruled([])
    const bench = await openEngine({ access })
    const bob = await join(bench, 'dev', { clean: false, userName: 'bob' })
    await bob.subscribe([
      ['secret/#', 1],
      ['$share/group/secret/+', 1],
    ])
    bob.reset()
    await until('bob has gone', () => bench.engine.census().connected === 0)
    const publisher = await join(bench, 'publisher')
    await publisher.publish('secret/queued', 'x', { qos: 1 })
    change(rules)
    const again = await join(bench, 'dev', { clean: false, userName: 'bob' })
    await publisher.publish('secret/live', 'x', { qos: 1 })
    await again.expectNothing(publisher)
    expect(bench.engine.session('dev')?.session.subscriptions).toEqual([])
  })

  it('has nothing either after the broker was started anew', async () => {
    const folder = await temporaryFolder()
    const first = await openEngine({ access: ruled().access, store: await LevelStore.open(folder) })
    const ann = await join(first, 'dev', { clean: false, userName: 'ann' })
    await ann.subscribe([['secret/#', 1]])
    ann.reset()
    const publisher = await join(first, 'publisher')
    await publisher.publish('secret/queued', 'x', { qos: 1 })
    await first.engine.close()
    const second = await openEngine({ access: ruled().access, store: await LevelStore.open(folder) })
    const bob = await join(second, 'dev', { clean: false, userName: 'bob' })
    await bob.expectNothing(bob)
    await second.engine.close()
    // Nor is it there for ann any more.
    const third = await openEngine({ access: ruled().access, store: await LevelStore.open(folder) })
    const back = await join(third, 'dev', { clean: false, userName: 'ann' })
    await back.expectNothing(back)
  })
})
