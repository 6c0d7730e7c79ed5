import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDeviceAssets, type DeviceAssets } from '../../helpers/device-assets.ts'
import { openWorkbench } from '../../helpers/open-workbench.ts'
import { until } from '../../helpers/until.ts'

const pump = `import { device, log } from 'faultline'
import { calibrate } from './lib/curves'

export default device(() => ({ powerOn() { log('gives', calibrate(2)) } }))
`
const valve = `import { device, log } from 'faultline'

export default device(() => ({ powerOn() { log('on') } }))
`

describe('a module of a workspace', () => {
  let assets: DeviceAssets

  beforeAll(async () => {
    assets = await buildDeviceAssets()
  })
  afterAll(() => assets.dispose())

  /** A workbench with these files in its workspace. */
  async function open(files: Record<string, string>) {
    const bench = await openWorkbench({ assets, files })
    const put = async (path: string, text: string) => {
      await mkdir(dirname(join(bench.workspace, path)), { recursive: true })
      await writeFile(join(bench.workspace, path), text)
    }
    const lines = async (id: string) =>
      (await bench.caller.call('devices.console', { id })).lines
        .filter(({ level }) => level === 'log')
        .map(({ text }) => text)
    const says = (id: string, text: string) =>
      until(
        `${id} says ${text}`,
        async () => (await device(id)) !== undefined && (await lines(id)).at(-1) === text,
      ).catch(async (error) => {
        const { state, reason } = (await device(id)) ?? { state: 'not there', reason: bench.lines.join() }
        throw new Error(`${error}; it is ${state} (${reason}) and said: ${(await lines(id)).join(', ')}`)
      })
    const device = async (id: string) => (await bench.caller.call('devices.list', {})).find((each) => each.id === id)
    return { ...bench, put, lines, says, device }
  }

  it('restarts the devices that use it when it changes on disk, and no others', async () => {
    const { put, says, lines, device } = await open({
      'devices/lib/curves.ts':
        "import { factor } from '../../shared/factor'\nexport const calibrate = (n: number) => n * factor\n",
      'shared/factor.ts': 'export const factor = 3\n',
      'devices/pump.device.ts': pump,
      'devices/valve.device.ts': valve,
    })
    await says('pump', 'gives 6')
    await says('valve', 'on')
    await put('devices/lib/curves.ts', 'export const calibrate = (n: number) => n * 5\n')
    await says('pump', 'gives 10')
    await put('devices/lib/curves.ts', "export { calibrate } from '../../shared/other'\n")
    await until('the pump misses its module', async () => (await device('pump'))?.state === 'script error')
    expect((await device('pump'))?.error).toMatchObject({
      message: "cannot import '../../shared/other': shared/other.ts does not exist",
      file: 'devices/lib/curves.ts',
      line: 1,
      column: 27,
    })
    await put('shared/other.ts', 'export const calibrate = (n: number) => n + 40\n')
    await says('pump', 'gives 42')
    await put('shared/other.ts', 'export const calibrate = (n: number) => n + 41\n')
    await says('pump', 'gives 43')
    expect(await lines('valve')).toEqual(['on'])
  })

  it('is listed, read and written by an editor, which restarts the devices that use it', async () => {
    const { caller, put, says } = await open({
      'devices/lib/curves.ts': 'export const calibrate = (n: number) => n * 3\n',
      'devices/pump.device.ts': pump,
      'devices/valve.device.ts': valve,
    })
    await says('pump', 'gives 6')
    const path = 'devices/lib/curves.ts'
    await until('it is listed with its device', async () =>
      (await caller.call('scripts.list', {})).some((script) => script.path === path && script.devices === 1),
    )
    const { revision } = await caller.call('scripts.read', { path })
    const text = 'export const calibrate = (n: number) => n * 4\n'
    const saved = await caller.call('scripts.write', { path, text, basedOn: revision })
    expect(saved.restarted).toBe(1)
    await says('pump', 'gives 8')
    await expect(caller.call('scripts.write', { path, text, basedOn: revision })).rejects.toMatchObject({
      code: 'conflict',
    })
    // What is saved with the same text, or by nobody's device used, restarts nobody.
    expect((await caller.call('scripts.write', { path, text, basedOn: saved.revision })).restarted).toBe(0)
    await put('devices/lib/unused.ts', 'export {}\n')
    await until('the other one is listed', async () =>
      (await caller.call('scripts.list', {})).some((script) => script.path === 'devices/lib/unused.ts'),
    )
    const unused = await caller.call('scripts.read', { path: 'devices/lib/unused.ts' })
    const change = { path: 'devices/lib/unused.ts', text: 'export const a = 1\n', basedOn: unused.revision }
    expect((await caller.call('scripts.write', change)).restarted).toBe(0)
  })

  it('that is another device’s script restarts both', async () => {
    const { caller, says } = await open({
      'devices/valve.device.ts': `${valve}export const step = 1\n`,
      'devices/pump.device.ts': pump
        .replace('./lib/curves', './valve.device')
        .replace('{ calibrate }', '{ step as calibrate }')
        .replace('calibrate(2)', 'calibrate'),
    })
    await says('pump', 'gives 1')
    const { revision } = await caller.call('scripts.read', { path: 'devices/valve.device.ts' })
    const change = { path: 'devices/valve.device.ts', text: `${valve}export const step = 2\n`, basedOn: revision }
    expect((await caller.call('scripts.write', change)).restarted).toBe(2)
    await says('pump', 'gives 2')
  })

  it('restarts its devices when its place becomes a link: what it leads to is not read', async () => {
    const { workspace, put, says, device } = await open({
      'elsewhere.ts': 'export const calibrate = () => "elsewhere"\n',
      'devices/lib/curves.ts': 'export const calibrate = (n: number) => n\n',
      'devices/pump.device.ts': pump,
    })
    await says('pump', 'gives 2')
    await rm(join(workspace, 'devices/lib/curves.ts'))
    await symlink(join(workspace, 'elsewhere.ts'), join(workspace, 'devices/lib/curves.ts'))
    await until('the pump refuses the link', async () =>
      (await device('pump'))?.error?.message.includes('behind a link'),
    )
    await rm(join(workspace, 'devices/lib/curves.ts'))
    await put('devices/lib/curves.ts', 'export const calibrate = (n: number) => n + 7\n')
    await says('pump', 'gives 9')
  })

  it('is not restarted for a table that it does not read, and is for one that it reads', async () => {
    const { put, says, lines } = await open({
      'data/curve.csv': 'time,celsius\n0,21\n',
      'data/other.csv': 'time,celsius\n0,1\n',
      'devices/pump.device.ts': `import { device, log, sensor } from 'faultline'
const played = sensor.playback({ file: 'data/curve.csv', column: 'celsius' })
export default device(() => ({ powerOn() { log('plays', played.next()) } }))
`,
    })
    await says('pump', 'plays 21')
    await put('data/other.csv', 'time,celsius\n0,2\n')
    await put('data/curve.csv', 'time,celsius\n0,22\n')
    await says('pump', 'plays 22')
    expect(await lines('pump')).toEqual(['plays 21', 'plays 22'])
  })
})
