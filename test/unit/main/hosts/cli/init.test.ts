import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { init } from '../../../../../main/hosts/cli/init.ts'
import { temporaryFolder } from '../../../../helpers/temporary-folder.ts'

const root = new URL('../../../../../', import.meta.url)
const installation = {
  scriptTypes: new URL('app/script-api/', root),
  templates: new URL('simulations/templates/', root),
}

it('says what is true of a file and of a folder that are in the way', async () => {
  const workspace = await temporaryFolder()
  const lines: string[] = []
  const terminal = { result: (line: string) => lines.push(line), say: (line: string) => lines.push(line) }
  const made = () =>
    init({ workspace, typesOnly: false }, workspace, installation, { ...terminal, lost: undefined, complain: () => {} })
  const nothing =
    'cannot be made where something else is already: nothing was written; move it away, or name another folder'
  await mkdir(join(workspace, 'package.json'))
  expect(await made()).toBe(2)
  expect(lines.splice(0)).toEqual(['package.json', `one file ${nothing}`])
  await writeFile(join(workspace, '.gitignore'), 'mine')
  expect(await made()).toBe(2)
  expect(lines).toEqual(['package.json', '.gitignore', `2 files ${nothing}`])
})
