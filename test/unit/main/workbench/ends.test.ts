import { describe, expect, it } from 'vitest'
import { Ends } from '../../../../main/workbench/ends.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

function setUp() {
  const clock = new FakeClock()
  const said: string[] = []
  return { clock, said, ends: new Ends({ clock, log: (line) => said.push(line) }) }
}

/** Lets everything run that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('the ends of a bench', () => {
  it('come stage by stage, once', async () => {
    const { clock, ends, said } = setUp()
    const order: string[] = []
    const end = (name: string) => async () => {
      order.push(`${name} begins`)
      await turns()
      order.push(`${name} ends`)
    }
    ends.add('rest', end('rest'))
    ends.add('broker', end('broker'))
    ends.add('clients', end('clients'))
    ends.first = () => order.push('first')
    await Promise.all([ends.close(), ends.close()])
    const stages = ['clients', 'broker', 'rest'].flatMap((name) => [`${name} begins`, `${name} ends`])
    expect(order).toEqual(['first', ...stages])
    expect(said).toEqual([])
    expect(clock.waiting).toBe(0)
  })

  it('come within 3 s, whoever never ends or fails, and say so', async () => {
    const { clock, ends, said } = setUp()
    const isEnded: string[] = []
    for (const stage of ['clients', 'broker', 'rest'] as const) {
      ends.add(stage, () => new Promise(() => {}))
      ends.add(stage, () => Promise.reject(new Error('no')))
    }
    const closed = ends.close().then(() => isEnded.push('closed'))
    for (let ms = 0; ms < 3000; ms += 100) {
      await turns()
      clock.advance(100)
    }
    await turns()
    expect(isEnded).toEqual(['closed'])
    await closed
    expect(said).toEqual(
      [
        ['clients', 1200],
        ['broker', 800],
        ['rest', 400],
      ].flatMap(([stage, ms]) => [
        `while the scenario's ${stage} ended: no`,
        `while the scenario's ${stage} ended: it takes longer than ${ms} ms`,
      ]),
    )
  })
})
