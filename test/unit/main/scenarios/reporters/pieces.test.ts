import { expect, it } from 'vitest'
import { jsonReport } from '../../../../../main/scenarios/reporters/json.ts'
import { junitReport } from '../../../../../main/scenarios/reporters/junit.ts'
import { leftOf, runOf } from '../../../../helpers/run-reports.ts'

it.each([
  ['JSON', jsonReport],
  ['JUnit', junitReport],
] as const)(
  'the %s report comes in pieces, none of which has two runs: all of it may be more than a string holds',
  (_, report) => {
    const text = 'x'.repeat(1000)
    const run = runOf({ log: Array.from({ length: 100 }, (_, at) => ({ at, text })) })
    const pieces = [...report([run, run, run], [leftOf()])]
    const sizes = pieces.map(({ length }) => length)
    expect(sizes.filter((size) => size > 100_000)).toHaveLength(3)
    expect(Math.max(...sizes)).toBeLessThan(200_000)
  },
)
