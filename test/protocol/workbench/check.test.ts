import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkWorkspace } from '../../../main/workbench/check.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const root = new URL('../../../', import.meta.url)
const types = new URL('app/script-api/', root)

async function workspaceOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

/** What is wrong with a workspace of these files, as the command line prints it. */
async function mistakesIn(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { mistakes } = await checkWorkspace(await workspaceOf(files), types)
  return mistakes.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
}

const good = `import { device } from 'faultline'\nexport default device(({ id }) => ({ client: { clientId: id } }))\n`

describe('the check of a workspace', () => {
  it('finds nothing wrong with what is shipped', async () => {
    const { scripts, mistakes } = await checkWorkspace(fileURLToPath(new URL('simulations/', root)), types)
    expect(mistakes).toEqual([])
    expect(scripts).toBeGreaterThanOrEqual(2)
  })

  it('says where a type is wrong, in scripts, in what lies below devices, and in the modules that they import', async () => {
    expect(
      await mistakesIn({
        'devices/pump.device.ts': `import { device } from 'faultline'\nimport { slope } from './lib/curves'\nimport { zero } from '../shared/zero.ts'\nexport default device(() => ({ client: { keepAlive: slope + zero } }))\nlet n: number = 'a'\n`,
        'devices/lib/curves.ts': `export const slope: number = 1\nexport const wrong: string = 2\n`,
        'devices/spare/unused.ts': `export const wrong: string = 3\n`,
        'shared/zero.ts': `export const zero: number = '0'\n`,
        'other/program.ts': `const nobodyImportsIt: number = 'x'\n`,
      }),
    ).toEqual([
      "devices/lib/curves.ts:2:14: Type 'number' is not assignable to type 'string'.",
      "devices/pump.device.ts:5:5: Type 'string' is not assignable to type 'number'.",
      "devices/spare/unused.ts:1:14: Type 'number' is not assignable to type 'string'.",
      "shared/zero.ts:1:14: Type 'string' is not assignable to type 'number'.",
    ])
  })

  it('knows the script API and its literal types', async () => {
    const [mistake, ...more] = await mistakesIn({
      'devices/pump.device.ts': `import { device } from 'faultline'\nexport default device(() => ({ client: { keepAlive: '10 parsecs' } }))\n`,
    })
    expect(mistake).toMatch(/^devices\/pump\.device\.ts:2:42: Type '"10 parsecs"' is not assignable to type 'Duration/)
    expect(more).toEqual([])
  })

  it.each([
    ['enum', 'enum Mode { off }\n', 1, 6],
    ['a namespace with code', 'namespace A { export const a = 1 }\n', 1, 11],
    ['a parameter property', 'class P { constructor(public a: number) {} }\n', 1, 23],
    ['<T>value', 'const a = <string>(1 as unknown)\n', 1, 11],
  ])('refuses %s, which is more than types', async (_name, text, line, column) => {
    const mistakes = await mistakesIn({ 'devices/a.device.ts': text })
    expect(mistakes).toHaveLength(1)
    expect(mistakes[0]).toMatch(new RegExp(`^devices/a\\.device\\.ts:${line}:${column}: only types are taken out`))
  })

  it('types the other scripts even where one has a syntax error, and knows that its module is there', async () => {
    const mistakes = await mistakesIn({
      'devices/a.device.ts': `export const a = = 3\nconst hidden: number = 'a'\n`,
      'devices/b.device.ts': `import { half } from './lib/broken'\nexport const b: number = 'b'\nhalf(1)\n`,
      'devices/lib/broken.ts': `export const half = = 1\n`,
    })
    expect(mistakes.map((line) => line.replace(/^(\S+) .*/s, '$1'))).toEqual([
      'devices/a.device.ts:1:18:',
      'devices/b.device.ts:2:14:',
      'devices/lib/broken.ts:1:21:',
    ])
  })

  it('knows nothing that a sandbox has not: no Node, no browser, no packages, nothing outside of the workspace', async () => {
    const folder = await workspaceOf({
      'ws/devices/a.device.ts': [
        `import fs from 'node:fs'`,
        `import { v } from '../../outside'`,
        `import { w } from './link'`,
        `import thing from 'thing'`,
        `export const all = [fs, v, w, thing, process, document]`,
        `fetch('x')`,
      ].join('\n'),
      'outside.ts': 'export const v = 1\n',
      'ws/node_modules/thing/index.d.ts': 'declare const thing: number\nexport default thing\n',
      'ws/tsconfig.json': '{ "compilerOptions": { "lib": ["dom"], "strict": false } }',
    })
    await symlink(join(folder, 'outside.ts'), join(folder, 'ws/devices/link.ts'))
    const { mistakes } = await checkWorkspace(join(folder, 'ws'), types)
    expect(mistakes.map(({ line, column }) => [line, column])).toEqual([
      [1, 16],
      [2, 19],
      [3, 19],
      [4, 19],
      [5, 38],
      [5, 47],
      [6, 1],
    ])
    expect(mistakes.filter(({ message }) => /npm|@types|tsconfig|compiler option/.test(message))).toEqual([])
  })

  it('leaves no trace in the workspace, which may be read-only', async () => {
    const folder = await workspaceOf({ 'devices/a.device.ts': good })
    for (const path of ['devices/a.device.ts', 'devices', '.']) await chmod(join(folder, path), 0o555)
    expect(await checkWorkspace(folder, types)).toEqual({ scripts: 1, mistakes: [] })
    expect(await readdir(folder, { recursive: true })).toEqual(['devices', 'devices/a.device.ts'])
    for (const path of ['.', 'devices']) await chmod(join(folder, path), 0o755)
  })

  it('lets two scripts without an import use the same names', async () => {
    const text = 'const a = 1\nexport default a\n'
    expect(await mistakesIn({ 'devices/a.device.ts': text, 'devices/b.device.ts': 'const a = 2\nvoid a\n' })).toEqual(
      [],
    )
  })

  it('says so when the folder is not there', async () => {
    await expect(checkWorkspace('/nowhere/at/all', types)).rejects.toMatchObject({ code: 'not-found' })
    expect(await checkWorkspace(await temporaryFolder(), types)).toEqual({ scripts: 0, mistakes: [] })
  })
})
