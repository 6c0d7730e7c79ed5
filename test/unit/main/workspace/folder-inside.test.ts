import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkFolderInside, makeFolderInside } from '../../../../main/workspace/folder-inside.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

describe('a folder of a workspace', () => {
  it('is made with those that it is in, and may be there already', async () => {
    const root = await temporaryFolder()
    for (let i = 0; i < 2; i++) await makeFolderInside(root, 'recordings/runs')
    await symlink(join(root, 'recordings'), join(root, 'inside'))
    await makeFolderInside(root, 'inside/more')
    expect(await readdir(join(root, 'recordings'))).toEqual(['more', 'runs'])
  })

  it('is not made behind a link out of it, also where there is nothing behind it yet', async () => {
    const root = await temporaryFolder()
    const outside = await temporaryFolder()
    await symlink(outside, join(root, 'away'))
    await symlink(join(outside, 'new'), join(root, 'nowhere'))
    await mkdir(join(root, 'a'))
    await symlink(outside, join(root, 'a/away'))
    for (const [folder, culprit] of [
      ['away', 'away'],
      ['away/runs', 'away'],
      ['nowhere', 'nowhere'],
      ['nowhere/runs', 'nowhere'],
      ['a/away/b', 'a/away'],
    ] as const) {
      const message = `${culprit} leads out of the workspace`
      await expect(makeFolderInside(root, folder)).rejects.toMatchObject({ code: 'forbidden', message })
      await expect(checkFolderInside(root, folder)).rejects.toMatchObject({ code: 'forbidden', message })
    }
    expect(await readdir(outside)).toEqual([])
  })

  it('is looked for without being made', async () => {
    const root = await temporaryFolder()
    await symlink('.', join(root, 'here'))
    for (const folder of ['.', 'here', 'here/a', 'a/b']) await checkFolderInside(root, folder)
    expect(await readdir(root)).toEqual(['here'])
  })

  it('does not take the place of a file', async () => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'recordings'), '')
    await expect(makeFolderInside(root, 'recordings')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolderInside(root, 'recordings/runs')).rejects.toMatchObject({ code: 'EEXIST' })
  })
})
