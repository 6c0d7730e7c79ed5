import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
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
    expect(mistake).toBe(
      "devices/pump.device.ts:2:42: '10 parsecs' is no length of time: write a number of milliseconds, or text such as '250ms', '1.5s', '2m'",
    )
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

  describe('of a file outside, which has mistakes', () => {
    const wrong = 'export const secret = = 1\nexport const wrong: number = "a"\n'
    const typed = 'export const secret: number = "a"\n'

    it.each<[string, (outside: string) => string, number]>([
      ['an absolute reference', (outside) => `/// <reference path="${outside}.ts" />`, 1],
      ['a reference with ../', () => '  /// <Reference path="../../outside.ts"/>', 3],
      ['a reference behind a comment', () => '/* a */ /// <reference path="../../outside.ts"/>', 9],
      ['an absolute import', (outside) => `import { secret } from '${outside}'`, 24],
      ['an absolute import of JSON', (outside) => `import secret from '${outside}.json'`, 20],
      ['an import with ../', () => `import '../../outside.ts'`, 8],
      ['an import with ..\\', () => `export * from '..\\..\\outside'`, 15],
      ['an import with an escape', () => `export * from '\\x2e./../outside'`, 15],
      ['an import by way of a package', () => `import 'a/../../../../outside'`, 8],
      ['a type', (outside) => ['export type A = typeof', `import(/* ' */ \`${outside}\`)`].join(' '), 39],
      ['import()', (outside) => `void [/'/, import('${outside}')]`, 19],
      ['import = require()', (outside) => `import type a = require('${outside}')`, 25],
      [
        'a module that is added to',
        (outside) => `export {}; declare module '${outside}' { export const b: number }`,
        27,
      ],
    ])('%s neither reads nor removes it, and is a mistake at its place', async (_name, line, column) => {
      for (const text of [wrong, typed]) {
        const folder = await workspaceOf({ 'outside.ts': text, 'outside.json': '{ "a": = }' })
        const script = `${line(join(folder, 'outside'))}\nlet n: number = 'a'\n`
        const files = { 'a.device.ts': script, 'b.device.ts': 'let a = = 1\n' }
        await mkdir(join(folder, 'ws/devices'), { recursive: true })
        for (const [name, content] of Object.entries(files)) await writeFile(join(folder, 'ws/devices', name), content)

        const { mistakes } = await checkWorkspace(join(folder, 'ws'), types)
        expect(await readFile(join(folder, 'outside.ts'), 'utf8')).toBe(text)
        expect(await readFile(join(folder, 'outside.json'), 'utf8')).toBe('{ "a": = }')
        // That `import a =` is more than types is said as well.
        const first = mistakes.filter(({ line, code }) => line === 1 && code !== 'TS1294')
        expect(first.map(({ file, column, code }) => [file, column, code])).toEqual([
          ['devices/a.device.ts', column, 'outside'],
          ['devices/b.device.ts', 9, 'TS1109'],
        ])
        const others = mistakes.filter(({ line }) => line !== 1)
        expect(others.map(({ file, line, code }) => [file, line, code])).toEqual([['devices/a.device.ts', 2, 'TS2322']])
      }
    })

    it('says nothing of it, and lets it be, even where the compiler has been brought to read it', async () => {
      const folder = await workspaceOf({ 'outside.ts': wrong, 'ws/devices/a.device.ts': good })
      // A division that looks as if it began a regular expression hides what follows on its line.
      const hidden = `let i = 1; i++ / 2; import '${folder}/outside'; i++ / 2\n`
      await writeFile(join(folder, 'ws/devices/a.device.ts'), hidden)
      const checking = checkWorkspace(join(folder, 'ws'), types)
      await expect(checking).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.not.stringContaining(folder),
      })
      expect(await readFile(join(folder, 'outside.ts'), 'utf8')).toBe(wrong)
    })
  })

  it('takes words in comments, texts and templates for what they are', async () => {
    const lines = [
      "// copied from '../../shared/x'",
      `export const a = { 'from': '/x', text: 'import', topic: \`from \${'/a'} '../../b' \${\`import\`} '/c'\` }`,
      "export const b: '/x' = '/x'",
      "export const c = /from '/.test(b) ? '/d' : \"import '/abs'\"",
      'const require = (topic: string) => topic',
      "export const d = [require('/lib'), 6 / 2, '/e']",
    ]
    expect(
      (await mistakesIn({ 'devices/a.device.ts': lines.join('\n') })).filter((line) => !/'\/lib'/.test(line)),
    ).toEqual([])
  })

  it('says which file is too big to be loaded, at its import or at its beginning, and goes on with the others', async () => {
    const big = `export const big = 1 // ${'x'.repeat(1024 * 1024)}\n`
    const mistakes = await mistakesIn({
      'devices/a.device.ts': `import { big } from '../shared/big'\nlet n: number = 'a'\n`,
      'devices/b.device.ts': big,
      'shared/big.ts': big,
      'shared/unused.ts': big,
    })
    expect(mistakes).toEqual([
      'devices/a.device.ts:1:21: shared/big.ts: a script is not loaded when it is bigger than 1 MB',
      "devices/a.device.ts:2:5: Type 'string' is not assignable to type 'number'.",
      'devices/b.device.ts:1:1: a script is not loaded when it is bigger than 1 MB',
    ])
  })

  it('takes scripts of one token of 1 MB', async () => {
    const filling = 'x'.repeat(1024 * 1024 - 100)
    const files: Record<string, string> = {}
    for (const quote of ["'", '"', '`'])
      files[`devices/${quote.charCodeAt(0)}.ts`] = `export default ${quote}${filling}${quote}\n`
    files['devices/comment.ts'] = `/* ${filling} */\n`
    files['devices/word.ts'] = `export const ${filling} = 1\n`
    expect(await mistakesIn(files)).toEqual([])
  })

  it('leaves no trace in the workspace, which may be read-only', async () => {
    const folder = await workspaceOf({ 'devices/a.device.ts': good })
    for (const path of ['devices/a.device.ts', 'devices', '.']) await chmod(join(folder, path), 0o555)
    expect(await checkWorkspace(folder, types)).toEqual({ scripts: 1, mistakes: [], hints: [] })
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
    expect(await checkWorkspace(await temporaryFolder(), types)).toEqual({ scripts: 0, mistakes: [], hints: [] })
  })
})
