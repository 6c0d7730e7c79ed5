import { describe, expect, it } from 'vitest'
import type { OpenScript } from '../../../../main/scenarios/bench.ts'
import { planScenario } from '../../../../main/scenarios/planning.ts'

/** Opens files whose static part draws its name from its seed, and says which seed it has. */
function files(seed: unknown) {
  const open = new Set<string | number>()
  const openScript: OpenScript = ({ seed: drawnFrom }) => {
    open.add(drawnFrom)
    return {
      plan: async () => ({ name: `drawn from ${drawnFrom}`, options: { seed } }),
      run: async () => 'returned',
      dispose: () => void open.delete(drawnFrom),
    }
  }
  const text = { workspace: '/w', file: 'scenarios/a.scenario.ts', source: '{ seed: SEED }' }
  const plan = async (overrides = {}) => (await planScenario(text, openScript, overrides, {})).scenario?.plan
  return { open, plan }
}

describe('planning', () => {
  it('reads the static part with the seed that it says, however it says it', async () => {
    const { open, plan } = files(7)
    expect(await plan()).toMatchObject({ seed: 7, name: 'drawn from 7' })
    expect([...open]).toEqual([7])
    expect(await plan({ seed: 9 })).toMatchObject({ seed: 9, name: 'drawn from 9' })
  })

  it('says what is wrong there too', async () => {
    const { open, plan } = files({})
    expect(await plan()).toBeUndefined()
    expect([...open]).toEqual([])
  })
})
