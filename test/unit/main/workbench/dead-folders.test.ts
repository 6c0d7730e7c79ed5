import { spawnSync } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { folderPrefix, removeDeadFolders } from '../../../../main/workbench/dead-folders.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** Of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

async function folderIn(parent: string, name: string): Promise<void> {
  await mkdir(join(parent, name, 'store'), { recursive: true })
  await writeFile(join(parent, name, 'store', 'LOCK'), '')
}

describe('folders of scenarios whose process was killed', () => {
  it('are removed, and those of processes that run are not', async () => {
    const parent = await temporaryFolder()
    const [dead, own] = [`${folderPrefix}${deadPid()}-aB3xyz`, `${folderPrefix}${process.pid}-aB3xyz`]
    const others = [`${folderPrefix}x-aB3xyz`, `other-${deadPid()}-aB3xyz`]
    for (const name of [dead, own, ...others]) await folderIn(parent, name)
    const lines: string[] = []
    await removeDeadFolders({ parent, log: (line) => lines.push(line) })
    expect([await readdir(parent), lines]).toEqual([[own, ...others].toSorted(), []])
  })

  it('leaves links, and what they lead to', async () => {
    const [parent, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
    await writeFile(join(elsewhere, 'mine'), '')
    const [link, dead] = [`${folderPrefix}${deadPid()}-link01`, `${folderPrefix}${deadPid()}-aB3xyz`]
    await symlink(elsewhere, join(parent, link))
    await folderIn(parent, dead)
    await symlink(elsewhere, join(parent, dead, 'inside'))
    await removeDeadFolders({ parent, log: () => undefined })
    expect([await readdir(parent), await readdir(elsewhere)]).toEqual([[link], ['mine']])
  })

  it('are spoken of where they cannot be looked at', async () => {
    const lines: string[] = []
    await removeDeadFolders({ parent: join(await temporaryFolder(), 'none'), log: (line) => lines.push(line) })
    expect(lines).toEqual([expect.stringContaining('could not be removed: ENOENT')])
  })
})
