import { mkdtempSync, readdirSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyCode } from '../../../main/devices/code-copy.ts'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { script } from '../../helpers/device-bench.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { until } from '../../helpers/until.ts'

let assets: DeviceAssets

beforeAll(async () => {
  assets = await buildDeviceAssets()
})
afterAll(() => assets.dispose())

/** A build of its own, to be spoilt; inside of the repository, for its packages. */
async function ownBuild() {
  const built = dirname(fileURLToPath(assets.worker))
  const folder = mkdtempSync(`${built}-own-`)
  await cp(built, folder, { recursive: true })
  const url = (name: string) => pathToFileURL(join(folder, name))
  const bundles = readdirSync(folder)
  return {
    worker: url('device-worker.js'),
    guest: url('guest.js'),
    spoil: () => Promise.all(bundles.map((name) => writeFile(join(folder, name), 'throw new Error("another build")'))),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

describe('a workbench whose programs are built anew while it runs', () => {
  it('starts its workers with the code that it began with', async () => {
    const { remove, spoil, ...code } = await ownBuild()
    const neighbours = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const good = script(`return { connected() { log('online') } }`)
    // Hangs in its second life, in a builtin that does not poll the interrupt: the watchdog ends the thread.
    const bad = script(`
      if (flash.get('booted', false)) Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)
      flash.set('booted', true)
      return {}`).replace('log,', 'flash, log,')
    const scripts = Object.fromEntries([...neighbours.map((name) => [name, good]), ['bad', bad]])
    const { caller, lines } = await openWorkbench({ assets: code, scripts })
    const all = async (state: string) =>
      (await caller.call('devices.list', {})).every((device) => device.state === state)
    await until('all are online', () => all('online'))
    await spoil()
    await caller.call('devices.act', { id: 'bad', action: 'powerLoss' })
    await caller.call('devices.act', { id: 'bad', action: 'powerOn' })
    await until('the neighbours in its worker were started again', async () => {
      const consoles = await Promise.all(neighbours.map((id) => caller.call('devices.console', { id })))
      return consoles.filter(({ lines }) => lines.filter(({ text }) => text === 'online').length === 2).length > 0
    })
    expect(lines).toEqual([])
    await remove()
  })
})

describe('the copy of the programs', () => {
  it('holds all that workers load, beside packages, and is gone with its workbench and when that was killed', async () => {
    const root = await temporaryFolder()
    const cache = join(root, 'node_modules', '.cache', 'faultline')
    const dist = join(root, 'dist')
    await cp(dirname(fileURLToPath(assets.worker)), dist, { recursive: true })
    // No process has a number so high.
    await mkdir(join(cache, 'code-99999999-left'), { recursive: true })
    const url = (name: string) => pathToFileURL(join(dist, name))
    const code = { worker: url('device-worker.js'), guest: url('guest.js') }
    const copy = await copyCode(code, expect.unreachable)
    const [folder] = readdirSync(cache)
    expect(dirname(fileURLToPath(copy.worker))).toBe(join(cache, folder ?? ''))
    expect(readdirSync(join(cache, folder ?? '')).sort()).toEqual(readdirSync(dist).sort())
    await copy.dispose()
    expect(readdirSync(cache)).toEqual([])
  })

  it('is not made where there is nothing to copy, or nothing to write to', async () => {
    const missing = { worker: new URL('file:///nothing/worker.js'), guest: new URL('file:///nothing/guest.js') }
    expect(await copyCode(missing, expect.unreachable)).toMatchObject(missing)
    const root = await temporaryFolder()
    await writeFile(join(root, 'worker.js'), '')
    await mkdir(join(root, 'node_modules'))
    await writeFile(join(root, 'node_modules', '.cache'), 'a file')
    const code = { worker: pathToFileURL(join(root, 'worker.js')), guest: pathToFileURL(join(root, 'guest.js')) }
    expect(await copyCode(code, () => {})).toMatchObject(code)
  })
})
