import { beforeEach, describe, expect, it } from 'vitest'
import type { Presence } from '../../../../../main/broker/access/access.ts'
import { type Asker, PasswordChecker } from '../../../../../main/broker/access/password-checker.ts'
import { hashPassword } from '../../../../../main/broker/access/password-hash.ts'
import { FakeClock } from '../../../../helpers/fake-clock.ts'

const octets = (text: string) => Buffer.from(text)
/** Wrong, and checked at once: nobody has this hash. */
const cheap = `$scrypt$ln=1,r=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

let clock: FakeClock

beforeEach(() => {
  clock = new FakeClock()
})

function asker(who: Partial<Asker> & { readonly is?: Presence } = {}): Asker {
  const { is = 'there', ...rest } = who
  return { address: '192.0.2.1', userName: 'ann', presence: () => is, patience: 10_000, ...rest }
}

/** Asks for one password after the other. @returns the names of those who asked, in the order of the answers */
async function orderOf(checker: PasswordChecker, asked: Readonly<Record<string, Asker>>): Promise<string[]> {
  const order: string[] = []
  const answers = Object.entries(asked).map(async ([name, who]) => {
    const answer = checker.check(octets(name), cheap, who)
    expect(await answer).toBe(false)
    order.push(name)
  })
  await Promise.all(answers)
  return order
}

describe('PasswordChecker', () => {
  it('tells the right password from others, also of nobody', async () => {
    const hash = await hashPassword(octets('right'))
    const checker = new PasswordChecker(clock)
    expect(await checker.check(octets('right'), hash, asker())).toBe(true)
    expect(checker.check(octets('right'), hash, asker())).toBe(true)
    expect(await checker.check(octets('right '), hash, asker())).toBe(false)
    expect(await checker.check(octets('right'), undefined, asker())).toBe(false)
    expect(await checker.check(octets(''), undefined, asker())).toBe(false)
  })

  it('says that it is busy where too many wait', async () => {
    const checker = new PasswordChecker(clock, { waiting: 1 })
    const asked = ['a', 'b', 'c', 'd', 'a'].map((text) => checker.check(octets(text), cheap, asker()))
    expect(asked[3]).toBe('busy')
    expect(asked[4]).toBe(asked[0])
    expect(await Promise.all(asked)).toEqual([false, false, false, 'busy', false])
    expect(await checker.check(octets('d'), cheap, asker())).toBe(false)
  })

  it('says at once that it is busy where those before take longer than somebody has time', async () => {
    const checker = new PasswordChecker(clock)
    // Two at a time, each of which takes 100 ms.
    const first = checker.check(octets('first'), cheap, asker())
    clock.stall(100)
    await first
    const patient = Array.from({ length: 6 }, (_, n) => checker.check(octets(`${n}`), cheap, asker()))
    expect(checker.check(octets('hasty'), cheap, asker({ patience: 399 }))).toBe('busy')
    const late = checker.check(octets('late'), cheap, asker({ patience: 400 }))
    expect(await Promise.all([...patient, late])).toEqual(Array(7).fill(false))
  })

  it('takes those last who have failed: from the same address first, then as the same user', async () => {
    const checker = new PasswordChecker(clock, { atOnce: 1 })
    const guessing = asker({ address: '192.0.2.66', userName: 'ann' })
    for (const guess of ['1', '2', '3']) await checker.check(octets(guess), cheap, guessing)
    const order = await orderOf(checker, {
      // Nobody waits yet.
      begun: guessing,
      guess: guessing,
      'as another': asker({ address: '192.0.2.66', userName: 'bob' }),
      ann: asker({ userName: 'ann' }),
      bob: asker({ userName: 'bob' }),
    })
    expect(order).toEqual(['begun', 'bob', 'ann', 'as another', 'guess'])
  })

  it('forgets failures after a minute', async () => {
    const checker = new PasswordChecker(clock, { atOnce: 1 })
    const early = asker({ address: '192.0.2.66', userName: 'eve' })
    for (const guess of ['1', '2', '3']) await checker.check(octets(guess), cheap, early)
    const bob = asker({ userName: 'bob', address: '192.0.2.2' })
    expect(await orderOf(checker, { begun: bob, eve: early, ann: asker() })).toEqual(['begun', 'ann', 'eve'])
    clock.advance(60_001)
    expect(await orderOf(checker, { begin: bob, 'eve again': early, Ann: asker() })).toEqual([
      'begin',
      'eve again',
      'Ann',
    ])
  })

  it('does not look at passwords of clients that have gone, and last at those of clients that are leaving', async () => {
    const checker = new PasswordChecker(clock, { atOnce: 1 })
    const right = await hashPassword(octets('right'))
    const begun = checker.check(octets('begun'), cheap, asker())
    let isGone = false
    const gone = checker.check(octets('right'), right, asker({ presence: () => (isGone ? 'gone' : 'there') }))
    isGone = true
    const order = orderOf(checker, { leaving: asker({ is: 'leaving' }), there: asker(), 'there too': asker() })
    expect([await begun, await gone]).toEqual([false, false])
    expect(await order).toEqual(['there', 'there too', 'leaving'])
    // It was not wrong, but was not looked at: it is asked anew.
    expect(await checker.check(octets('right'), right, asker())).toBe(true)
  })
})
