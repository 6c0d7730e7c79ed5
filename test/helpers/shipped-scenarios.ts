import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import type { RunReport } from '../../app/scenario/report.ts'
import { ScenarioRuns } from '../../main/workbench/scenario-runs.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import type { breakingAt } from './broken-broker.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'

const simulations = fileURLToPath(new URL('../../simulations/', import.meta.url))

export interface ShippedOptions {
  /** Without ending; all of them where there are none. */
  readonly names?: readonly string[]
  readonly workers?: number
  readonly target?: string
  /** Puts something between the Links and the broker. */
  readonly between?: ReturnType<typeof breakingAt>
}

export type RunShipped = (options?: ShippedOptions) => Promise<RunReport[]>

/** Runs shipped scenarios with a fixed seed and without recordings, for the tests of a file. */
export function setShippedScenarios(): RunShipped {
  let assets: DeviceAssets | undefined
  beforeAll(async () => {
    assets = await buildDeviceAssets()
  })
  afterAll(() => assets?.dispose())
  return async ({ between, names, target, workers = 4 } = {}) => {
    if (assets === undefined) throw new Error('use it inside of a test')
    const runs = new ScenarioRuns({
      assets,
      clock: systemClock,
      version: '0.0.0-test',
      ...(between === undefined ? {} : { between }),
      log: () => {},
    })
    const planned = await runs.plan({
      words: names === undefined ? ['scenarios'] : names.map((name) => `scenarios/${name}.scenario.ts`),
      from: simulations,
      grep: undefined,
      overrides: { seed: 1, target },
    })
    if (planned.mistakes !== undefined) throw new Error(JSON.stringify(planned.mistakes))
    const options = { repeat: 1, workers, bail: false, record: 'off', onProgress: () => {} } as const
    const { runs: done } = await runs.runner(planned.scenarios, options).run()
    return done.map(({ report }) => report)
  }
}

/** What is not as it should be, with what was expected and what came. */
export function notPassed(reports: readonly RunReport[]): unknown[] {
  return reports.flatMap(({ file, verdict }) => (verdict?.is === 'passed' ? [] : [[file, verdict]]))
}
