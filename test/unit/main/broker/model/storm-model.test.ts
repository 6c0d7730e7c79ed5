import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runModel, stepsOf, wantedSteps } from './model-runs.ts'
import { settleStorm } from './storm-settle.ts'
import { type StormStep, stormWeights, takeStorm } from './storm-steps.ts'
import { type StormRule, type StormSetting, StormWorld } from './storm-world.ts'

const rule: fc.Arbitrary<StormRule> = fc.record({
  fault: fc.constantFrom('drop', 'duplicate', 'cut'),
  from: fc.constantFrom('any', 'client', 'broker'),
  probability: fc.constantFrom(0.02, 0.1, 0.3),
  how: fc.constantFrom('rst', 'fin'),
  when: fc.constantFrom('after', 'before'),
})
const setting: fc.Arbitrary<StormSetting> = fc.record({
  clients: fc.integer({ min: 1, max: 4 }),
  hasStore: fc.boolean(),
  maxInflight: fc.constantFrom(1, 2, 5, 1000),
  queue: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        maxQueued: fc.constantFrom(1, 3, 10),
        queuePolicy: fc.constantFrom('drop oldest', 'drop newest', 'disconnect'),
      }),
    },
  ),
  rules: fc.array(rule, { maxLength: 3 }),
  seed: fc.nat(),
})

async function run(setting: StormSetting, steps: readonly StormStep[]): Promise<void> {
  const world = await StormWorld.create(setting)
  try {
    for (const step of steps) await takeStorm(world, step)
    await settleStorm(world)
  } finally {
    await world.close()
  }
}

const wanted = wantedSteps(10_000)

describe('a broker that is killed, and whose links drop, repeat and cut', () => {
  it(`keeps what it promises, for ${wanted.toLocaleString('en')} steps`, { timeout: 600_000 }, async () => {
    const taken = await runModel(setting, stepsOf(stormWeights), run, wanted)
    if (taken !== undefined) expect(taken).toBeGreaterThanOrEqual(wanted)
  })
})
