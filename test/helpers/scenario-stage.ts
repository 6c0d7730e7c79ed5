import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Answer, Ask, Place } from '../../app/script-api/scenario-crossing.ts'
import { createOpenScript } from '../../main/devices/scenario-script.ts'
import type { OpenScript, ScenarioScript } from '../../main/scenarios/bench.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'

export interface HeardAsk {
  readonly ask: Ask
  readonly place: Place | undefined
  readonly octets: Uint8Array | undefined
}

/** Who answers what a scenario asks for. */
export type Answers = (ask: Ask, heard: readonly HeardAsk[]) => Answer | Promise<Answer> | undefined

/** How a run ended, or what ended it. */
export interface RunOfScript {
  readonly how: 'returned' | 'failed' | undefined
  readonly error: (Error & { code?: string; details?: Readonly<Record<string, unknown>> }) | undefined
  readonly heard: readonly HeardAsk[]
  /** What was asked for, without steps' and waits' own words. */
  readonly asks: readonly Ask[]
}

export const scenarioFile = 'scenarios/test.scenario.ts'

/** Scenarios' files in real sandboxes and threads, whose asks a test answers. */
export class ScenarioStage {
  #assets: DeviceAssets | undefined
  readonly #opened: ScenarioScript[] = []
  readonly #folders: string[] = []

  async set(): Promise<void> {
    this.#assets = await buildDeviceAssets()
  }

  clear(): void {
    for (const script of this.#opened.splice(0)) script.dispose()
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  }

  dispose(): void {
    this.clear()
    this.#assets?.dispose()
  }

  get assets(): DeviceAssets {
    if (this.#assets === undefined) throw new Error('the stage is not set yet: use it inside of a test')
    return this.#assets
  }

  /** @param files of the workspace besides, by path */
  open(source: string, files: Readonly<Record<string, string>> = {}, seed: string | number = 1): ScenarioScript {
    const workspace = mkdtempSync(join(tmpdir(), 'faultline-'))
    this.#folders.push(workspace)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(workspace, path)), { recursive: true })
      writeFileSync(join(workspace, path), text)
    }
    // As the runner has it.
    const open: OpenScript = createOpenScript(this.assets)
    const script = open({ workspace, file: scenarioFile, source, seed })
    this.#opened.push(script)
    return script
  }

  /** Plans and runs a scenario to its end. What `answers` leaves open is done. */
  async run(
    source: string,
    answers: Answers = () => undefined,
    { files, groups = { pump: ['pump-01', 'pump-02'] }, seed }: RunSetting = {},
  ): Promise<RunOfScript> {
    const heard: HeardAsk[] = []
    let steps = 0
    const script = this.open(source, files, seed)
    const outcome = (async () => {
      await script.plan()
      return await script.run(groups, async (ask, place, octets) => {
        heard.push({ ask, place, octets })
        return (await answers(ask, heard)) ?? { type: 'done', value: usualAnswer(ask, () => ++steps) }
      })
    })()
    const result = await outcome.then(
      (how) => ({ how, error: undefined }),
      (error: NonNullable<RunOfScript['error']>) => ({ how: undefined, error }),
    )
    script.dispose()
    return { ...result, heard, asks: heard.map(({ ask }) => ask) }
  }
}

interface RunSetting {
  readonly files?: Readonly<Record<string, string>>
  readonly groups?: Readonly<Record<string, readonly string[]>>
  readonly seed?: string | number
}

function usualAnswer(ask: Ask, next: () => number): unknown {
  switch (ask.do) {
    case 'begin step':
      return { step: next() }
    case 'subscribe':
      return { watch: next() }
    case 'fault':
      return { rule: `rule-${next()}` }
    case 'open client':
    case 'connect':
      return { sessionPresent: false }
    case 'cut':
      return { connections: 1 }
    case 'wire':
      if (ask.what.order === 'hold') return { hold: next() }
      return ask.what.order === 'held' ? { number: 7, type: 'PUBLISH', client: 'pump-01', from: 'client' } : undefined
    case 'read':
      return ask.what === 'messages' ? [] : ask.what === 'state' ? 'online' : 3
    default:
      return undefined
  }
}

/** The text of a scenario with two pumps; the body's first line is line 4 of the file. */
export function scenarioText(body: string, imports = 'scenario'): string {
  return `import { ${imports} } from 'faultline'

export default scenario('a test', { devices: { pump: { script: 'pump', count: 2 } } }, async ({ broker, client, devices, expect, fleets, link, observer, random, step, wait, wire }) => {
${body}
})
`
}

/** Sets up the stage for the tests of a file. */
export function setScenarioStage(): ScenarioStage {
  const stage = new ScenarioStage()
  beforeAll(() => stage.set())
  afterEach(() => stage.clear())
  afterAll(() => stage.dispose())
  return stage
}
