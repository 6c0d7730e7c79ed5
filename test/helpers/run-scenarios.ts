import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { RunReport } from '../../app/scenario/report.ts'
import type { PlanOverrides } from '../../main/scenarios/check-plan.ts'
import type { RunnerResult } from '../../main/scenarios/runner.ts'
import type { RecordingMode } from '../../main/workbench/recording-modes.ts'
import type { Running } from '../../main/workbench/run-in-turn.ts'
import { ScenarioRuns, type ScenariosToRun } from '../../main/workbench/scenario-runs.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface StagedRun {
  readonly overrides?: PlanOverrides
  readonly grep?: string
  readonly repeat?: number
  readonly workers?: number
  readonly bail?: boolean
  readonly record?: RecordingMode
  /** Hears of each run while it goes on. */
  readonly onProgress?: (report: RunReport, runner: Running) => void
}

/** Runs scenarios as the command line does, in this process: on real brokers, sockets, sandboxes and threads. */
export class RunnerStage {
  #assets: DeviceAssets | undefined
  readonly lines: string[] = []

  async set(): Promise<void> {
    this.#assets = await buildDeviceAssets()
  }

  dispose(): void {
    this.#assets?.dispose()
  }

  get runs(): ScenarioRuns {
    if (this.#assets === undefined) throw new Error('the stage is not set yet: use it inside of a test')
    const log = (line: string) => void this.lines.push(line)
    return new ScenarioRuns({ assets: this.#assets, clock: systemClock, version: '0.0.0-test', log })
  }

  /** A workspace with these files, by path. */
  async workspace(files: Readonly<Record<string, string>>): Promise<string> {
    const folder = await temporaryFolder()
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    return folder
  }

  plan(from: string, { grep, overrides = {} }: StagedRun = {}, words: readonly string[] = []): Promise<ScenariosToRun> {
    return this.runs.plan({ words, from, grep, overrides })
  }

  /** Runs all the scenarios of a workspace to their end. */
  async run(
    files: Readonly<Record<string, string>>,
    options: StagedRun = {},
  ): Promise<RunnerResult & { folder: string }> {
    const folder = await this.workspace(files)
    const { mistakes, scenarios } = await this.plan(folder, options)
    if (scenarios === undefined) throw new Error(JSON.stringify(mistakes))
    const { bail = false, record = 'off', repeat = 1, workers = 1 } = options
    const runner = this.runs.runner(scenarios, {
      bail,
      record,
      repeat,
      workers,
      onProgress: (_run, report) => options.onProgress?.(report, runner),
    })
    return { ...(await runner.run()), folder }
  }

  /** Runs one scenario and gives its report. */
  async report(
    source: string,
    options: StagedRun & { devices?: Readonly<Record<string, string>> } = {},
  ): Promise<RunReport> {
    const devices = Object.entries(options.devices ?? {}).map(([name, text]) => [`devices/${name}.device.ts`, text])
    const files = { ...Object.fromEntries(devices), 'scenarios/test.scenario.ts': source }
    const [run] = (await this.run(files, options)).runs
    if (run === undefined) throw new Error('nothing was run')
    return run.report
  }
}

/** A device that says when it is there, and does what it is told. */
export const pump = `import { device } from 'faultline'

export default device(({ id }) => ({
  client: { cleanStart: false, keepAlive: '5s', will: { topic: \`plant/\${id}/status\`, payload: 'offline', qos: 1 } , reconnect: { after: '100ms' } },
  async connected({ client, sessionPresent }) {
    if (!sessionPresent) await client.subscribe(\`plant/\${id}/set\`, { qos: 2 })
    await client.publish(\`plant/\${id}/status\`, 'online', { qos: 1, retain: true })
  },
  message() {},
}))
`

/** A scenario's file: the body's first line is line 4 of it. */
export function scenarioFile(body: string, options = "devices: { pump: { script: 'pump', count: 2 } }"): string {
  return `import { log, scenario } from 'faultline'

export default scenario('a test', { ${options} }, async ({ broker, client, devices, expect, fleets, link, observer, random, step, wait, wire }) => {
${body}
})
`
}

/** Sets up the stage for the tests of a file. */
export function setRunnerStage(): RunnerStage {
  const stage = new RunnerStage()
  beforeAll(() => stage.set())
  afterAll(() => stage.dispose())
  return stage
}
