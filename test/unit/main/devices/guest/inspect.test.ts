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
    const services = {
      engine: watched,
      fabricator: new Fabricator(),
      files: new WorkspaceFiles(undefined),
      guest: readFileSync(assets.guest, 'utf8'),
      libraries: new Libraries(assets.guest),
      mark: new RunMark(createMarks()),
      seed: 1,
    }
    expect(inspect(services, { number: 1, script: 'devices/a.device.ts', source }).kind).toBe(kind)
    expect(runtimes.map(({ alive }) => alive)).toEqual([false])
  })
})
