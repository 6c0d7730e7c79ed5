import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const check = join(root, 'test/house/rules.mjs')
const folders = ['app', 'main', 'renderer', 'simulations', 'test']

/** For each rule, modules that break it: the file that is planted, and its text. */
const breaches: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['app-base', 'app/base/planted.ts', "import '../mqtt/summary.ts'"],
  ['app-base', 'app/base/planted-node.ts', "import { readFileSync } from 'node:fs'\nreadFileSync('')"],
  ['app-base', 'app/base/planted-package.ts', "import * as v from 'valibot'\nv.string()"],
  [
    'app-mqtt',
    'app/mqtt/planted.ts',
    "import type { Captured } from '../capture/captured.ts'\nexport type A = Captured",
  ],
  ['app-mqtt', 'app/mqtt/planted-later.ts', "export * from '../session/session-snapshot.ts'"],
  ['app-qos', 'app/qos/planted.ts', "import '../session/session-snapshot.ts'"],
  ['app-session', 'app/session/planted.ts', "import '../device/device-snapshot.ts'"],
  ['app-middle', 'app/capture/planted.ts', "import '../device/device-snapshot.ts'"],
  ['app-middle', 'app/device/planted.ts', "import '../session/session-snapshot.ts'"],
  ['app-scenario', 'app/scenario/planted.ts', "import '../contract/contract.ts'"],
  ['app-script-api', 'app/script-api/planted.ts', "import '../contract/contract.ts'"],
  ['app-contract', 'app/contract/planted.ts', "import '@msgpack/msgpack'"],
  ['app-contract', 'app/contract/planted-main.ts', "import '../../main/workspace/settings.ts'"],
  ['main-parts', 'main/link/planted.ts', "import type { Broker } from '../broker/broker.ts'\nexport type A = Broker"],
  ['main-parts', 'main/recorder/planted.ts', "import '../workbench/system-clock.ts'"],
  ['main-workbench', 'main/workbench/planted.ts', "import '../hosts/web/guard.ts'"],
  ['main-hosts', 'main/hosts/cli/planted.ts', "import '../../workspace/settings.ts'"],
  ['main-hosts', 'main/hosts/web/planted-renderer.ts', "import '../../../renderer/connection/connect.ts'"],
  ['hosts-apart', 'main/hosts/web/planted.ts', "import '../cli/exit-codes.ts'"],
  ['web-host-alone', 'main/hosts/web/planted-desktop.ts', "import '../electron/find-electron.ts'"],
  ['electron-in-its-host', 'main/hosts/cli/planted-electron.ts', "import { app } from 'electron'\napp.quit()"],
  [
    'electron-in-its-host',
    'renderer/connection/planted-electron.ts',
    "const e = await import('electron')\nexport { e }",
  ],
  ['desktop-from-outside', 'main/hosts/cli/planted-window.ts', "import '../electron/window.ts'"],
  ['main-runtime-packages', 'main/link/planted-package.ts', "import 'fast-check'"],
  ['renderer', 'renderer/state/planted-main.ts', "import '../../main/workspace/settings.ts'"],
  ['renderer', 'renderer/state/planted-node.ts', "import 'node:fs'"],
  [
    'renderer-features-apart',
    'renderer/features/planted-a/a.tsx',
    "import '../planted-b/b.tsx'\nexport const A = () => <p>a</p>",
  ],
  ['renderer-ui', 'renderer/ui/planted.tsx', "import '../../app/mqtt/summary.ts'\nexport const A = () => <p>a</p>"],
  ['renderer-theme', 'renderer/theme/planted.ts', "import '../connection/connect.ts'"],
  ['renderer-connection', 'renderer/connection/planted.ts', "import '../theme/tokens.css'"],
  ['renderer-state', 'renderer/state/planted.ts', "import '../theme/tokens.css'"],
  ['simulations', 'simulations/devices/planted.device.ts', "import '../../app/base/random.ts'"],
  ['simulations', 'simulations/devices/planted-package.device.ts', "import 'mqtt'"],
  ['test-from-outside', 'app/base/planted-test.ts', "import '../../test/planted-helper.ts'"],
  ['no-circles', 'app/qos/planted-circle.ts', "import './planted-elcric.ts'"],
  ['resolvable', 'main/link/planted-nothing.ts', "import './nothing-here.ts'"],
]

/** What has to be there for a breach, and breaks no rule itself. */
const bystanders: readonly (readonly [file: string, text: string])[] = [
  ['renderer/features/planted-b/b.tsx', 'export const B = () => <p>b</p>'],
  ['test/planted-helper.ts', 'export {}'],
  ['app/qos/planted-elcric.ts', "import './planted-circle.ts'"],
]

function run(folder: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [check, folder], (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    )
  })
}

async function plant(folder: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true })
  await writeFile(join(folder, file), `${text}\n`)
}

describe('the rules of who may import whom', () => {
  const copies: string[] = []
  let breached: { code: number | null; output: string }

  async function copyHouse(): Promise<string> {
    const copy = await mkdtemp(join(tmpdir(), 'faultline-house-'))
    copies.push(copy)
    for (const folder of folders) {
      await cp(join(root, folder), join(copy, folder), {
        recursive: true,
        filter: (path) => !path.startsWith(join(root, 'test/e2e/')),
      })
    }
    await cp(join(root, 'package.json'), join(copy, 'package.json'))
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
    return copy
  }

  beforeAll(async () => {
    const copy = await copyHouse()
    for (const [, file, text] of breaches) await plant(copy, file, text)
    for (const [file, text] of bystanders) await plant(copy, file, text)
    breached = await run(copy)
  }, 300_000)

  afterAll(async () => {
    for (const copy of copies) await rm(copy, { recursive: true, force: true })
  })

  it('fail on a breach', () => {
    expect(breached.code).toBe(1)
  })

  it.each(breaches)('see a breach of %s in %s', (rule, file) => {
    expect(breached.output.split('\n')).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: ${file} → `)))
  })

  it('have a planted breach each', async () => {
    const { default: config } = (await import('../../.dependency-cruiser.cjs' as string)) as {
      default: { forbidden: { name: string }[] }
    }
    const planted = new Set(breaches.map(([rule]) => rule))
    expect(config.forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([])
  })

  it('fail when there was nothing to check', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'faultline-house-'))
    copies.push(empty)
    for (const folder of folders) await mkdir(join(empty, folder))
    const { code, output } = await run(empty)
    expect(code).toBe(1)
    expect(output).toContain('nothing was checked in app/')
  })
})
