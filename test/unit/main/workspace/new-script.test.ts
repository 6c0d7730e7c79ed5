import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createScript } from '../../../../main/workspace/new-script.ts'
import { Workspace } from '../../../../main/workspace/workspace.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const text = 'export default 1\n'

async function workspace(settings?: string): Promise<string> {
  const folder = await temporaryFolder()
  if (settings !== undefined) await writeFile(join(folder, 'faultline.json'), settings)
  return folder
}

describe('a new script', () => {
  it('is put into the devices folder, which is made where there is none', async () => {
    const folder = await workspace()
    expect(await createScript(folder, 'pump', text)).toBe('devices/pump.device.ts')
    expect(await readFile(join(folder, 'devices/pump.device.ts'), 'utf8')).toBe(text)
    expect(await readdir(folder, { recursive: true })).toEqual(['devices', 'devices/pump.device.ts'])
    expect((await (await Workspace.open(folder)).read()).devices).toMatchObject([{ id: 'pump' }])
  })

  it('gets a device where the settings list devices', async () => {
    const folder = await workspace('{\n  "devices": {\n  }\n}\n')
    await createScript(folder, 'pump', text)
    await createScript(folder, 'valve', text)
    const { devices } = await (await Workspace.open(folder)).read()
    expect(devices).toMatchObject([{ id: 'pump' }, { id: 'valve' }])
    expect((await readdir(folder)).sort()).toEqual(['devices', 'faultline.json'])
  })

  it('gets as many devices as are asked for', async () => {
    const folder = await workspace('{ "devices": { "a": { "script": "pump" } } }')
    await createScript(folder, 'pump', text)
    await createScript(folder, 'meter', text, 20)
    expect(await readFile(join(folder, 'faultline.json'), 'utf8')).toBe(
      '{ "devices": { "a": { "script": "pump" }, "pump": { "script": "pump" }, "meter": { "script": "meter", "count": 20 } } }',
    )
    await expect(createScript(folder, 'meter-07', text)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('leaves settings alone that list no devices', async () => {
    const folder = await workspace('{"seed":   7}')
    await createScript(folder, 'pump', text)
    expect(await readFile(join(folder, 'faultline.json'), 'utf8')).toBe('{"seed":   7}')
  })

  it('gets as many devices as are asked for where there are no settings, or none of devices, and the others keep theirs', async () => {
    const made = {
      'no settings': [
        undefined,
        '{\n  "devices": {\n    "pump": { "script": "pump" },\n    "meter": { "script": "meter", "count": 20 }\n  }\n}\n',
      ],
      'settings on a line': [
        '{}',
        '{ "devices": { "pump": { "script": "pump" }, "meter": { "script": "meter", "count": 20 } } }',
      ],
      'settings on several lines': [
        '{\n    "seed": 7\n}\n',
        '{\n    "seed": 7,\n    "devices": {\n        "pump": { "script": "pump" },\n        "meter": { "script": "meter", "count": 20 }\n    }\n}\n',
      ],
    } as const
    for (const [before, after] of Object.values(made)) {
      const folder = await workspace(before)
      await createScript(folder, 'pump', text)
      await createScript(folder, 'meter', text, 20)
      expect(await readFile(join(folder, 'faultline.json'), 'utf8')).toBe(after)
      const { devices } = await (await Workspace.open(folder)).read()
      expect(devices.map(({ id }) => id)).toEqual([
        'pump',
        ...Array.from({ length: 20 }, (_, i) => `meter-${String(i + 1).padStart(2, '0')}`),
      ])
    }
  })

  it('is refused where one of its devices would have the id of another script, and nothing is written', async () => {
    const folder = await workspace()
    await createScript(folder, 'meter-07', text)
    await expect(createScript(folder, 'meter', text, 20)).rejects.toMatchObject({ code: 'conflict' })
    expect(await readdir(folder, { recursive: true })).toEqual(['devices', 'devices/meter-07.device.ts'])
  })

  it('never takes the place of a file', async () => {
    const folder = await workspace()
    await createScript(folder, 'pump', 'the first\n')
    await expect(createScript(folder, 'pump', text)).rejects.toMatchObject({ code: 'conflict' })
    expect(await readFile(join(folder, 'devices/pump.device.ts'), 'utf8')).toBe('the first\n')
    expect(await readdir(join(folder, 'devices'))).toEqual(['pump.device.ts'])
  })

  it('is made once when two ask for it at the same time', async () => {
    const folder = await workspace()
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((each) => createScript(folder, 'pump', each)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(join(folder, 'devices'))).toEqual(['pump.device.ts'])
  })

  it.each([
    ['pump', '{"devices":{"pump":{"script":"x"}}}'],
    ['pump-02', '{"devices":{"pump":{"script":"x","count":3}}}'],
  ])('is refused when a device is called %s already', async (name, settings) => {
    const folder = await workspace(settings)
    await expect(createScript(folder, name, text)).rejects.toMatchObject({ code: 'conflict' })
    expect(await readdir(folder)).toEqual(['faultline.json'])
  })

  it('is refused where the settings have a mistake, and nothing is written', async () => {
    const folder = await workspace('{"devices":')
    await expect(createScript(folder, 'pump', text)).rejects.toMatchObject({ code: 'invalid-argument' })
    expect(await readdir(folder)).toEqual(['faultline.json'])
  })

  it.each([
    '',
    '.',
    '..',
    '.hidden',
    'a/b',
    '../a',
    'a\\b',
    'a b',
    'a\0',
    'con',
    'nul.x',
    'x.',
    'pump.device.ts',
    'x.ts',
    'ä',
    '__proto__',
    'a'.repeat(65),
  ])('has no name such as %j', async (name) => {
    const folder = await workspace()
    await expect(createScript(folder, name, text)).rejects.toMatchObject({ code: 'invalid-argument' })
    expect(await readdir(folder)).toEqual([])
  })

  it('is not written through a link out of the workspace', async () => {
    const folder = await workspace()
    const outside = await temporaryFolder()
    await symlink(outside, join(folder, 'devices'))
    await expect(createScript(folder, 'pump', text)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await readdir(outside)).toEqual([])
  })

  it('says so when it cannot be written', async () => {
    const folder = await workspace()
    await writeFile(join(folder, 'devices'), 'a file in the place of the folder')
    await expect(createScript(folder, 'pump', text)).rejects.toMatchObject({ code: 'file-unwritable' })
    expect(await readdir(folder)).toEqual(['devices'])
  })
})
