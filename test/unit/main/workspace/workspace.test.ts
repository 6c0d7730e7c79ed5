import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Workspace } from '../../../../main/workspace/workspace.ts'
import { patience } from '../../../helpers/until.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-workspace-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function withScripts(...names: string[]): Promise<Workspace> {
  await mkdir(join(folder, 'devices'))
  for (const name of names) await writeFile(join(folder, 'devices', `${name}.device.ts`), `// ${name}\n`)
  return Workspace.open(folder)
}

describe('Workspace', () => {
  it('opens an empty folder as an empty workspace', async () => {
    const content = await (await Workspace.open(folder)).read()
    expect(content.devices).toEqual([])
    expect(content.scripts.size).toBe(0)
    expect(folder.endsWith(content.name)).toBe(true)
  })

  it('says that a missing folder is missing, and that a file is no folder', async () => {
    await expect(Workspace.open(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' })
    await writeFile(join(folder, 'file'), '')
    await expect(Workspace.open(join(folder, 'file'))).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('gives each script one device when there is no faultline.json', async () => {
    const workspace = await withScripts('pump', 'meter')
    expect((await workspace.read()).devices).toEqual([
      { id: 'meter', script: 'devices/meter.device.ts' },
      { id: 'pump', script: 'devices/pump.device.ts' },
    ])
  })

  it('makes the devices that faultline.json lists', async () => {
    const workspace = await withScripts('pump')
    await writeFile(
      join(folder, 'faultline.json'),
      '{"name":"plant","seed":"x","devices":{"p":{"script":"pump","count":2}}}',
    )
    const content = await workspace.read()
    expect(content).toMatchObject({ name: 'plant', seed: 'x' })
    expect(content.devices.map((device) => device.id)).toEqual(['p-01', 'p-02'])
  })

  it('names every missing script and every id that is taken', async () => {
    const workspace = await withScripts('pump')
    const devices = { 'p-01': { script: 'pump' }, p: { script: 'pump', count: 2 }, v: { script: 'valve' } }
    await writeFile(join(folder, 'faultline.json'), JSON.stringify({ devices }))
    await expect(workspace.read()).rejects.toThrowError(/the id p-01 is taken.*there is no devices\/valve\.device\.ts/)
  })

  it('writes a script that nobody else changed', async () => {
    const workspace = await withScripts('pump')
    const before = await workspace.readScript('devices/pump.device.ts')
    const after = await workspace.writeScript(before.path, 'new', before.revision)
    expect(after.revision).not.toBe(before.revision)
    expect(await readFile(join(folder, before.path), 'utf8')).toBe('new')
    expect(await readdir(join(folder, 'devices'))).toEqual(['pump.device.ts'])
  })

  it('refuses to overwrite what somebody else wrote, and tells the present revision', async () => {
    const workspace = await withScripts('pump')
    const before = await workspace.readScript('devices/pump.device.ts')
    await writeFile(join(folder, before.path), 'by another editor')
    const present = await workspace.readScript(before.path)
    await expect(workspace.writeScript(before.path, 'mine', before.revision)).rejects.toMatchObject({
      code: 'conflict',
      details: { revision: present.revision },
    })
    expect(await readFile(join(folder, before.path), 'utf8')).toBe('by another editor')
  })

  it.each([
    '../secret.device.ts',
    'devices/../../secret.device.ts',
    '/etc/passwd',
    '/etc/passwd.ts',
    'C:/secret.ts',
    'devices/..\\x.device.ts',
    'devices/.hidden/x.ts',
    'devices/.ts',
    'node_modules/x/index.ts',
    'certificates/pump.key',
    'faultline.json',
    '',
  ])('reads nothing but scripts and what they read: %j', async (path) => {
    const workspace = await withScripts('pump')
    await expect(workspace.readScript(path)).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('does not follow a link out of the workspace', async () => {
    const workspace = await withScripts('pump')
    await writeFile(join(folder, 'outside.txt'), 'secret')
    await symlink(join(folder, 'outside.txt'), join(folder, 'devices', 'link.device.ts'))
    await expect(workspace.readScript('devices/link.device.ts')).rejects.toMatchObject({ code: 'forbidden' })
    await mkdir(join(folder, 'elsewhere'))
    await writeFile(join(folder, 'elsewhere', 'x.ts'), 'secret')
    await symlink(join(folder, 'elsewhere'), join(folder, 'devices', 'lib'))
    await expect(workspace.readScript('devices/lib/x.ts')).rejects.toMatchObject({ code: 'forbidden' })
    expect([...(await workspace.read()).texts.keys()]).toEqual([])
  })

  it('does not take its scripts from a folder that is a link', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'faultline-elsewhere-'))
    onTestFinished(() => rm(elsewhere, { recursive: true }))
    await writeFile(join(elsewhere, 'pump.device.ts'), 'secret')
    await symlink(elsewhere, join(folder, 'devices'))
    const workspace = await Workspace.open(folder)
    await expect(workspace.read()).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/^devices is a link/),
    })
    await expect(workspace.readScript('devices/pump.device.ts')).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('has modules and data beside its scripts, which make no devices', async () => {
    const workspace = await withScripts('pump')
    await mkdir(join(folder, 'devices', 'lib', '.cache'), { recursive: true })
    await writeFile(join(folder, 'devices', 'lib', 'curves.ts'), 'export const one = 1')
    await writeFile(join(folder, 'devices', 'lib', 'old.device.ts'), '')
    await writeFile(join(folder, 'devices', 'lib', '.cache', 'x.ts'), '')
    await writeFile(join(folder, 'devices', 'curve.csv'), '1')
    await writeFile(join(folder, 'devices', 'notes.md'), '')
    const before = await workspace.read()
    expect([...before.scripts.keys()]).toEqual(['devices/pump.device.ts'])
    expect([...before.texts.keys()]).toEqual([
      'devices/curve.csv',
      'devices/lib/curves.ts',
      'devices/lib/old.device.ts',
    ])
    expect(before.devices.map(({ id }) => id)).toEqual(['pump'])
    const { revision } = await workspace.readScript('devices/lib/curves.ts')
    const after = await workspace.writeScript('devices/lib/curves.ts', 'export const one = 2', revision)
    expect((await workspace.read()).texts.get('devices/lib/curves.ts')).toBe(after.revision)
  })

  it('takes no text that is bigger than a script may read', async () => {
    const workspace = await withScripts('pump')
    await writeFile(join(folder, 'devices', 'big.csv'), 'x'.repeat(1024 * 1024 + 1))
    await expect(workspace.readScript('devices/big.csv')).rejects.toMatchObject({ code: 'invalid-argument' })
    expect((await workspace.read()).scripts.size).toBe(1)
  })

  it.each(['devices/pump.device.ts', 'devices/new.device.ts', 'devices/lib/curves.ts', 'faultline.json'])(
    'tells when %s changes on disk',
    async (path) => {
      const workspace = await withScripts('pump')
      await mkdir(join(folder, 'devices', 'lib'))
      const changed = vi.fn()
      const watching = workspace.watch(changed, (error) => expect.unreachable(String(error)))
      onTestFinished(() => watching.dispose())
      await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), patience)
      let text = 0
      // The watcher says that it is ready shortly before it is: what is written in between is written again.
      await vi.waitFor(async () => {
        await writeFile(join(folder, path), String(text++))
        await vi.waitFor(() => expect(changed.mock.calls.length).toBeGreaterThan(1), { timeout: 300 })
      }, patience)
      expect(changed.mock.lastCall?.[0]).toContain(path)
    },
  )

  it('tells of a file that is followed, when it is first seen and whenever it changes', async () => {
    const workspace = await withScripts('pump')
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'there.csv'), '1')
    const heard: string[] = []
    const watching = workspace.watch(
      (paths) => heard.push(...paths),
      (error) => expect.unreachable(String(error)),
    )
    onTestFinished(() => watching.dispose())
    const count = (path: string) => heard.filter((each) => each === path).length
    watching.follow('data/there.csv')
    watching.follow('data/missing.csv')
    await vi.waitFor(() => expect(count('data/there.csv')).toBeGreaterThan(0), patience)
    const before = count('data/there.csv')
    await writeFile(join(folder, 'data', 'there.csv'), '1, changed')
    await vi.waitFor(() => expect(count('data/there.csv')).toBeGreaterThan(before), patience)
    await writeFile(join(folder, 'data', 'missing.csv'), '2')
    await writeFile(join(folder, 'data', 'nobody-follows.csv'), '3')
    await vi.waitFor(() => expect(count('data/missing.csv')).toBeGreaterThan(0), patience)
    expect(count('data/nobody-follows.csv')).toBe(0)
    watching.leave('data/there.csv')
    const told = { there: count('data/there.csv'), missing: count('data/missing.csv') }
    await writeFile(join(folder, 'data', 'there.csv'), '1, changed again')
    await writeFile(join(folder, 'data', 'missing.csv'), '2, changed')
    await vi.waitFor(() => expect(count('data/missing.csv')).toBeGreaterThan(told.missing), patience)
    expect(count('data/there.csv')).toBe(told.there)
  })
})
