import { readFileSync } from 'node:fs'
import { afterAll, beforeAll } from 'vitest'
import { fromGuest } from '../../app/script-api/crossing.ts'
import { type Engine, loadEngine } from '../../main/devices/guest/engine.ts'
import type { SandboxHost } from '../../main/devices/guest/host-functions.ts'
import { Sandbox, type SandboxOptions } from '../../main/devices/guest/sandbox.ts'
import { buildDeviceAssets, type DeviceAssets } from './device-assets.ts'

/** What a sandbox needs besides its script: a host that has nothing to give is made up. */
export type SandboxSetting = Partial<Omit<SandboxOptions, 'engine' | 'host' | 'speech'>> & {
  readonly source: SandboxOptions['source']
  readonly limits: SandboxOptions['limits']
  readonly host?: Partial<SandboxHost>
}

export interface SandboxStage {
  /** One sandbox in this thread; whoever made it disposes of it. */
  create(setting: SandboxSetting): Sandbox
}

/** Sets up QuickJS and the guest's library for the tests of a file or a `describe`. */
export function setSandboxStage(): SandboxStage {
  let stage: { readonly engine: Engine; readonly assets: DeviceAssets; readonly guest: string } | undefined

  beforeAll(async () => {
    const engine = await loadEngine()
    const assets = await buildDeviceAssets()
    stage = { engine, assets, guest: readFileSync(assets.guest, 'utf8') }
  })
  afterAll(() => stage?.assets.dispose())

  return {
    create({ host, ...setting }) {
      if (stage === undefined) throw new Error('the stage is not set yet: use it inside of a test')
      const { engine, guest } = stage
      return new Sandbox({
        engine,
        guest,
        speech: fromGuest,
        enter() {},
        leave() {},
        ...setting,
        host: {
          id: 'a',
          seed: 1,
          now: () => 0,
          send: () => false,
          fabricate: () => ({ refused: '' }),
          read: () => ({ refused: 'does not exist' }),
          flash: () => undefined,
          library: () => undefined,
          ...host,
        },
      })
    },
  }
}
