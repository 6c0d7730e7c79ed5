import { spawnSync } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { makeRunFolder, removeDeadFolders } from '../../../../main/workbench/dead-folders.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** Of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

/** What the folder of a process would be called that is like this one but for its id. */
async function nameFor(pid: number, end = 'aB3xyz'): Promise<string> {
  const [, , , namespace] = basename(await makeRunFolder(await temporaryFolder())).split('-')
  return ['faultline-scenario', pid, namespace, end].join('-')
}

async function folderIn(parent: string, name: string): Promise<void> {
  await mkdir(join(parent, name, 'store'), { recursive: true })
  await writeFile(join(parent, name, 'store', 'LOCK'), '')
}

describe('folders of scenarios whose process was killed', () => {
  it('are removed, and those of processes that run are not', async () => {
    const parent = await temporaryFolder()
    const dead = await nameFor(deadPid())
    const own = basename(await makeRunFolder(parent))
    // The process of a container that has the same folder for such things.
    const another = dead.replace(/-\d+-(?=\w+$)/, '-12345-')
    const others = [another, `faultline-scenario-x-1-aB3xyz`, `other-${dead}`]
    for (const name of [dead, ...others]) await folderIn(parent, name)
    const lines: string[] = []
    await removeDeadFolders({ parent, log: (line) => lines.push(line) })
    expect([await readdir(parent), lines]).toEqual([[own, ...others].toSorted(), []])
  })

  it('leaves links, and what they lead to', async () => {
    const [parent, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
    await writeFile(join(elsewhere, 'mine'), '')
    const [link, dead] = [await nameFor(deadPid(), 'link01'), await nameFor(deadPid())]
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
