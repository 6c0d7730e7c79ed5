import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Step, type StepName, take, weights } from './model-steps.ts'
import { ModelWorld, type Setting } from './model-world.ts'
import { settle } from './settle.ts'

/** Steps that are taken in all: `MODEL_STEPS` takes more. */
const wantedSteps = Number(process.env['MODEL_STEPS'] ?? 100_000)
/** With these a failure is found again, as it is printed. */
const { MODEL_PATH, MODEL_SEED } = process.env
const runsOfABatch = 50

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    ...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as StepName) })),
  ),
  client: fc.noBias(fc.nat(5)),
  detail: fc.noBias(fc.maxSafeNat()),
})
const steps = fc.array(step, { maxLength: 400, size: 'max' })
const setting: fc.Arbitrary<Setting> = fc.record({
  clients: fc.integer({ min: 1, max: 4 }),
  maxInflight: fc.constantFrom(1, 2, 5, 1000),
  receiveMaximum: fc.constantFrom(1, 3, 1000),
})

async function run(setting: Setting, steps: readonly Step[]): Promise<void> {
  const world = await ModelWorld.create(setting)
  try {
    for (const step of steps) take(world, step)
    settle(world)
  } finally {
    await world.close()
  }
}

describe('the broker, its clients and the links between them', () => {
  it(`do what the model does, for ${wantedSteps.toLocaleString('en')} steps`, { timeout: 600_000 }, async () => {
    let taken = 0
    const counted = fc.asyncProperty(setting, steps, async (setting, steps) => {
      taken += steps.length
      await run(setting, steps)
    })
    const seed = MODEL_SEED === undefined ? {} : { seed: Number(MODEL_SEED) }
    const path = MODEL_PATH === undefined ? {} : { path: MODEL_PATH, endOnFailure: true }
    do {
      const details = await fc.check(counted, { numRuns: runsOfABatch, ...seed, ...path })
      if (!details.failed) continue
      const { counterexamplePath, errorInstance } = details
      const why = errorInstance instanceof Error ? errorInstance.stack : errorInstance
      const replay = `MODEL_SEED=${details.seed} MODEL_PATH=${counterexamplePath}`
      throw new Error(`${why}\nset ${replay} to see it again\n${fc.defaultReportMessage(details)}`)
    } while (MODEL_SEED === undefined && taken < wantedSteps)
    if (MODEL_SEED !== undefined) return
    expect(taken).toBeGreaterThanOrEqual(wantedSteps)
  })
})
