import fc from 'fast-check'

/** Steps that are taken in all: `MODEL_STEPS` takes more. @param usual where it says nothing */
export function wantedSteps(usual: number): number {
  return Number(process.env['MODEL_STEPS'] ?? usual)
}

/** With these a failure is found again, as it is printed. */
const { MODEL_PATH, MODEL_SEED } = process.env
const runsOfABatch = 50

/** A step, as fast-check makes them: what it does, to whom, and a number that it takes its details from. */
export function stepsOf<K extends string>(
  weights: Readonly<Record<K, number>>,
): fc.Arbitrary<{ readonly what: K; readonly client: number; readonly detail: number }[]> {
  const names = Object.keys(weights) as K[]
  const step = fc.record({
    what: fc.oneof(...names.map((name) => ({ weight: weights[name], arbitrary: fc.constant(name) }))),
    client: fc.noBias(fc.nat(5)),
    detail: fc.noBias(fc.maxSafeNat()),
  })
  return fc.array(step, { maxLength: 400, size: 'max' })
}

/**
 * Runs the model until it has taken the steps that are wanted, or once the way that `MODEL_SEED` and `MODEL_PATH` name.
 *
 * @returns how many steps were taken; undefined where it was one way only
 * @throws Error that says what to set to see the failure again
 */
export async function runModel<S, T>(
  setting: fc.Arbitrary<S>,
  steps: fc.Arbitrary<T[]>,
  run: (setting: S, steps: readonly T[]) => Promise<void>,
  wanted: number,
): Promise<number | undefined> {
  let taken = 0
  const counted = fc.asyncProperty(setting, steps, async (setting, steps) => {
    taken += steps.length
    await run(setting, steps)
  })
  const path = MODEL_PATH === undefined ? {} : { path: MODEL_PATH, endOnFailure: true }
  do {
    // Other ways each time, in the gate as well.
    const seed = Number(MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31))
    const details = await fc.check(counted, { numRuns: runsOfABatch, seed, ...path })
    if (!details.failed) continue
    const { counterexamplePath, errorInstance } = details
    const why = errorInstance instanceof Error ? errorInstance.stack : errorInstance
    const replay = `MODEL_SEED=${details.seed} MODEL_PATH=${counterexamplePath}`
    throw new Error(`${why}\nset ${replay} to see it again\n${fc.defaultReportMessage(details)}`)
  } while (MODEL_SEED === undefined && taken < wanted)
  return MODEL_SEED === undefined ? taken : undefined
}
