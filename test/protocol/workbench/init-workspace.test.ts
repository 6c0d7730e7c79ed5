import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkWorkspace } from '../../../main/workbench/check.ts'
import { initWorkspace } from '../../../main/workbench/init-workspace.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const root = new URL('../../../', import.meta.url)
const types = new URL('app/script-api/', root)
const templates = new URL('simulations/templates/', root)

function init(path: string, typesOnly = false) {
  return initWorkspace({ path, typesOnly, types, templates })
}

describe('initWorkspace', () => {
  it('makes a workspace in which the check finds nothing', async () => {
    const path = join(await temporaryFolder(), 'Plant No 1')
    const { conflicts, written } = { conflicts: undefined, written: [], ...(await init(path)) }
    expect(conflicts).toBeUndefined()
    expect(written).toEqual(
      expect.arrayContaining([
        'package.json',
        'tsconfig.json',
        'faultline.json',
        '.gitignore',
        '.gitlab-ci.yml',
        '.github/workflows/scenarios.yml',
        'devices/thermometer.device.ts',
        'scenarios/lost-connection.scenario.ts',
        'types/faultline/scenario.d.ts',
      ]),
    )
    expect(JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))).toMatchObject({ name: 'plant-no-1' })
    expect(await checkWorkspace(path, types)).toEqual({ scripts: 2, mistakes: [], hints: [] })
  })

  it('does it once: a second time there is nothing to do', async () => {
    const path = await temporaryFolder()
    const first = await init(path)
    const second = await init(path)
    expect(second).toEqual({ written: [], same: 'written' in first ? first.written : undefined })
  })

  it('lists all files that are in the way, and writes none', async () => {
    const path = await temporaryFolder()
    await writeFile(join(path, '.gitignore'), 'mine')
    await mkdir(join(path, 'package.json'))
    await writeFile(join(path, 'devices'), 'a file where a folder should be')
    expect(await init(path)).toEqual({ conflicts: ['package.json', 'devices/thermometer.device.ts', '.gitignore'] })
    expect((await readdir(path)).sort()).toEqual(['.gitignore', 'devices', 'package.json'])
    expect(await readFile(join(path, '.gitignore'), 'utf8')).toBe('mine')
  })

  it.runIf(process.platform === 'linux')('says so where there can be no folder', async () => {
    await expect(init('/proc/nowhere/plant')).rejects.toMatchObject({ code: 'file-unwritable' })
  })

  it('brings the types up to date, and touches nothing else', async () => {
    const path = await temporaryFolder()
    await mkdir(join(path, 'types/faultline'), { recursive: true })
    await writeFile(join(path, 'types/faultline/scenario.d.ts'), 'of another version')
    await writeFile(join(path, 'package.json'), 'mine')
    const result = await init(path, true)
    expect('written' in result && result.written).toContain('types/faultline/scenario.d.ts')
    expect(await readFile(join(path, 'types/faultline/scenario.d.ts'), 'utf8')).toContain("declare module 'faultline'")
    expect((await readdir(path)).sort()).toEqual(['package.json', 'types'])
    expect(await readFile(join(path, 'package.json'), 'utf8')).toBe('mine')
  })

  it('says that something is where the folder should be, and that a name cannot be had', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    expect(await init(join(folder, 'file'))).toMatchObject({ conflicts: expect.arrayContaining(['package.json']) })
    await expect(init(join(folder, 'x'.repeat(300)))).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it('makes nothing at all where anything of it would be written through a link out of the workspace', async () => {
    const [path, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
    await symlink(elsewhere, join(path, 'types'))
    await expect(init(path)).rejects.toMatchObject({ code: 'forbidden', message: 'types leads out of the workspace' })
    await symlink(join(elsewhere, 'nothing'), join(path, '.gitignore'))
    expect(await init(path)).toEqual({ conflicts: ['.gitignore'] })
    expect([await readdir(path), await readdir(elsewhere)]).toEqual([['.gitignore', 'types'], []])
  })

  it('makes nothing at all where a type would take the place of what is no file', async () => {
    const path = await temporaryFolder()
    await mkdir(join(path, 'types/faultline/scenario.d.ts'), { recursive: true })
    expect(await init(path, true)).toEqual({ conflicts: ['types/faultline/scenario.d.ts'] })
    expect(await readdir(join(path, 'types/faultline'))).toEqual(['scenario.d.ts'])
  })

  it('writes no types through a link', async () => {
    const path = await temporaryFolder()
    const [mine, elsewhere] = [join(await temporaryFolder(), 'mine'), await temporaryFolder()]
    await init(path, true)
    const file = join(path, 'types/faultline/scenario.d.ts')
    const text = await readFile(file, 'utf8')
    await writeFile(mine, 'mine')
    await rm(file)
    await symlink(mine, file)
    expect(await init(path, true)).toMatchObject({ written: ['types/faultline/scenario.d.ts'] })
    expect([await readFile(mine, 'utf8'), await readFile(file, 'utf8')]).toEqual(['mine', text])
    await rm(join(path, 'types/faultline'), { recursive: true })
    await symlink(elsewhere, join(path, 'types/faultline'))
    await expect(init(path, true)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await readdir(elsewhere)).toEqual([])
    expect((await readdir(join(path, 'types'))).length).toBe(1)
  })
})
