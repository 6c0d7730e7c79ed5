import { readFileSync } from 'node:fs'
import type { QuickJSRuntime } from 'quickjs-emscripten'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, loadEngine } from '../../../../../main/devices/guest/engine.ts'
import { Fabricator } from '../../../../../main/devices/guest/fabricator.ts'
import { inspect } from '../../../../../main/devices/guest/inspect.ts'
import { Libraries } from '../../../../../main/devices/guest/libraries.ts'
import { WorkspaceFiles } from '../../../../../main/devices/guest/workspace-files.ts'
import { createMarks, RunMark } from '../../../../../main/devices/watchdog.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../../../helpers/device-assets.ts'

describe('finding out what a script describes', () => {
  let engine: Engine
  let assets: DeviceAssets

  beforeAll(async () => {
    engine = await loadEngine()
    assets = await buildDeviceAssets()
  })
  afterAll(() => assets.dispose())

  const about = { number: 1, script: 'devices/a.device.ts', clockAhead: 0 }
  const services = () => ({
    engine,
    fabricator: new Fabricator(),
    files: new WorkspaceFiles(undefined),
    guest: readFileSync(assets.guest, 'utf8'),
    libraries: new Libraries(assets.guest),
    mark: new RunMark(createMarks()),
    seed: 1,
  })

  it.each([
    ['a device', "import { device } from 'faultline'\nexport default device(() => ({}))", 'scripted'],
    ['a script that throws', "throw new Error('no')", 'failed'],
    ['a script without an end', 'for (;;);', 'failed'],
  ])('gives back the memory of %s', (_what, source, kind) => {
    const runtimes: QuickJSRuntime[] = []
    const watched: Engine = {
      ...engine,
      newRuntime() {
        const runtime = engine.newRuntime()
        runtimes.push(runtime)
        return runtime
      },
    }
    expect(inspect({ ...services(), engine: watched }, { ...about, source }).kind).toBe(kind)
    expect(runtimes.map(({ alive }) => alive)).toEqual([false])
  })

  it('has the time of the workbench', () => {
    const year = 365 * 86_400_000
    const source = "throw new Error(String(Math.round((Date.now() - Number('NOW')) / 1000)))".replace(
      'NOW',
      `${Date.now()}`,
    )
    const inspection = inspect(services(), { ...about, clockAhead: year, source })
    expect(inspection.kind === 'failed' && Math.abs(Number(inspection.error.message) - year / 1000)).toBeLessThan(600)
  })
})
