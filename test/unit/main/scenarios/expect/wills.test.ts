import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../../../../app/handshake/message.ts'
import { ClientNotes, mostNotes } from '../../../../../main/scenarios/client-notes.ts'
import type { StatedWill, WillEvidence } from '../../../../../main/scenarios/evidence.ts'
import { ExchangeIndex } from '../../../../../main/scenarios/expect/exchange-index.ts'
import type { Ground } from '../../../../../main/scenarios/expect/ground.ts'
import { seenWills, WillQuestion } from '../../../../../main/scenarios/expect/wills.ts'

interface Given {
  readonly number: number
  readonly topic: string
  readonly payload: string
  readonly retained?: boolean
}

const target = 'mqtt://broker.example'

/** What clients have left with a broker, and what a subscriber was given of it. */
function stage({ given = [], isOwn = false }: { readonly given?: readonly Given[]; readonly isOwn?: boolean }) {
  const statedWills = new ClientNotes<StatedWill>()
  const wills = new ClientNotes<WillEvidence>()
  let looked = 0
  const tracker = {
    forgotten: 0,
    takeChanges: () => ({ changed: given.map((_, i) => i + 1).reverse(), forgotten: [] }),
    get: (id: number) => {
      looked += 1
      const { number = 0, payload = '', retained = false, topic = '' } = given[id - 1] ?? {}
      const origin = retained ? 'retained' : 'publish'
      const subscribers = [{ clientId: 'observer', state: 'complete', steps: [{ number }] }]
      return { id, topic, payload: Buffer.from(payload), origin, subscribers } as unknown as Message
    },
  }
  const evidence = { tracker, statedWills, wills, missed: 0 }
  const ground = {
    bench: { devices: { list: () => [], get: () => undefined } },
    evidence,
    target: isOwn ? undefined : target,
    spent: { wills: new Map<string, number>() },
  } as unknown as Ground
  const exchanges = new ExchangeIndex(ground.evidence)
  // Only once: what has not changed is not told again.
  exchanges.refresh()
  tracker.takeChanges = () => ({ changed: [], forgotten: [] })
  const state = (clientId: string, number: number, topic: string, payload = 'gone') => {
    const last = statedWills.of(clientId).at(-1)
    const isSame = last?.will.topic === topic && String(last.will.payload) === payload
    const will = { topic, payload: Buffer.from(payload), qos: 1 as const, retain: false }
    statedWills.add({ clientId, number, will, since: isSame ? last.since : number })
  }
  const all = { ...ground, exchanges }
  const ask = (matcher: 'toBePublished' | 'notToBePublished', id = 'pump') => new WillQuestion(all, id, { matcher })
  return { ask, ground: all, state, wills, looked: () => looked }
}

const topic = fc.constantFrom('s', 't')
const payload = fc.constantFrom('', 'gone')
const stated = fc.record({ client: fc.constantFrom('pump', 'fan'), topic, payload })
const message = fc.record({ topic, payload, retained: fc.boolean() })
// In the order of their records.
const story = fc.array(fc.oneof(fc.record({ stated }), fc.record({ message })), { maxLength: 30 })

describe('wills that a target has published', () => {
  it('are those that nobody has published, each counted once, however many of them say the same', () => {
    fc.assert(
      fc.property(story, (all) => {
        const numbered = all.map((each, i) => ({ number: i + 1, ...each }))
        const given = numbered.flatMap((each) => ('message' in each ? [{ number: each.number, ...each.message }] : []))
        const { ask, ground, state } = stage({ given })
        const wills = numbered.flatMap((each) => ('stated' in each ? [{ number: each.number, ...each.stated }] : []))
        for (const { client, number, payload: text, topic: to } of wills) state(client, number, to, text)
        // Each will that was given takes the first that can be its own.
        const free = new Set(wills)
        const isWillOf = (its: (typeof wills)[number], { number, payload: text, topic: to }: Given) =>
          its.number < number && its.topic === to && its.payload === text
        const published = given.filter((each) => !each.retained && wills.some((its) => isWillOf(its, each)))
        for (const each of published) {
          const its = [...free].find((will) => isWillOf(will, each))
          if (its !== undefined) free.delete(its)
        }
        const seen = seenWills(ground)
        expect(seen?.count).toBe(wills.length - free.size)
        expect(seen?.unsure === undefined).toBe(free.size === 0)
        for (const client of ['pump', 'fan']) {
          const its = given.filter(
            (each) => !each.retained && wills.some((will) => will.client === client && isWillOf(will, each)),
          )
          const look = ask('toBePublished', client).look()
          expect(look.is).toBe(its.length > 0 ? 'held' : 'open')
          if (look.is === 'held') expect(its.map(({ number }) => number)).toContain(look.packets?.first)
        }
      }),
    )
  })

  it('are none that came before it was left once more', () => {
    const given = [2, 3].map((number) => ({ number, topic: 's', payload: 'gone' }))
    const { ground, state } = stage({ given })
    for (const number of [1, 4]) state('pump', number, 's')
    expect(seenWills(ground)).toMatchObject({ count: 1, unsure: expect.stringContaining('nobody can tell') })
  })

  it('are found without looking at those of others again and again', () => {
    const given = Array.from({ length: 300 }, (_, i) => ({ number: 1000 + i, topic: `plant/${i}`, payload: 'gone' }))
    const { ground, looked, state } = stage({ given })
    for (let i = 0; i < 300; i++) state(`pump-${i}`, i + 1, `plant/${i}`)
    const before = looked()
    expect(seenWills(ground)).toEqual({ count: 300, unsure: undefined })
    expect(looked() - before).toBe(300)
  })

  it('may be more where there is no room for all that clients have left', () => {
    const given = [{ number: 9000, topic: 's', payload: 'gone' }]
    const { ask, ground, state } = stage({ given })
    for (let n = 1; n <= mostNotes.ofOne + 2; n++) state('pump', n, 't', String(n))
    expect(ask('notToBePublished').inTheEnd).toBe('failed')
    expect(ask('notToBePublished').look().received()).toContain('2 older wills of pump could not be looked at')
    expect(seenWills(ground)?.unsure).toContain('nobody can tell')
    // The same again and again is known however often it was.
    for (let n = 1; n <= mostNotes.ofOne + 2; n++) state('fan', 2000 + n, 's')
    expect(ask('notToBePublished', 'fan').inTheEnd).toBe('held')
    expect(ask('toBePublished', 'fan').look().is).toBe('held')
  })
})

describe("a will of our own broker's client", () => {
  it('may be one of those that were forgotten, unless others have taken them', () => {
    const { ask, ground, wills } = stage({ isOwn: true })
    for (let number = 1; number <= mostNotes.ofOne + 1; number++) {
      wills.add({ type: 'will dropped', clientId: 'pump', topic: '', reason: '', number })
    }
    expect(ask('notToBePublished').inTheEnd).toBe('failed')
    expect(ask('notToBePublished').look().received()).toMatch(/; 1 older will of pump could not be looked at: /)
    ground.spent.wills.set('pump', 1)
    expect(ask('notToBePublished').inTheEnd).toBe('held')
    expect(ask('notToBePublished', 'fan').inTheEnd).toBe('held')
  })
})
