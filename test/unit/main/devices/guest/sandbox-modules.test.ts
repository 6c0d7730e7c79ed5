import { describe, expect, it } from 'vitest'
import type { FromGuest } from '../../../../../app/script-api/crossing.ts'
import { resolvePath } from '../../../../../app/script-api/workspace-path.ts'
import { defaultLimits } from '../../../../../main/devices/guest/limits.ts'
import { ScriptFault, stripTypes } from '../../../../../main/devices/guest/script-source.ts'
import { setSandboxStage } from '../../../../helpers/sandbox-stage.ts'

const main = 'devices/pump.device.ts'

describe('the modules of a workspace', () => {
  const stage = setSandboxStage()

  /** Runs a device of these files until it is powered on; gives what it has logged, and what it failed at. */
  function run(files: Record<string, string>, limits = defaultLimits) {
    const text = files[main] ?? ''
    const logged: string[] = []
    const read: string[] = []
    const send = (message: FromGuest) => {
      if (message.type === 'log') logged.push(message.text)
      return false
    }
    const sandbox = stage.create({
      source: { file: main, text },
      limits,
      host: {
        id: 'pump',
        send,
        read(path, from) {
          const resolved = resolvePath(path, from)
          if (resolved.path === undefined) return resolved
          read.push(resolved.path)
          const content = files[resolved.path]
          if (content === undefined) return { path: resolved.path, refused: 'does not exist' }
          return { path: resolved.path, text: content, revision: '' }
        },
      },
    })
    try {
      sandbox.start(stripTypes({ file: main, text }))
      sandbox.enter({ type: 'power on' })
      return { logged, read, error: undefined }
    } catch (error) {
      if (error instanceof ScriptFault) return { logged, read, error: error.error }
      throw error
    } finally {
      sandbox.dispose()
    }
  }

  /** A device that logs an expression when it is powered on; the import is its second line. */
  const device = (imports: string, expression = '0') =>
    `import { device, log } from 'faultline'\n${imports}\nexport default device(() => ({ async powerOn() { log(${expression}) } }))\n`

  it('are imported without or with their ending, and have types', () => {
    const { logged, error } = run({
      [main]: device(
        "import { calibrate, type Curve } from './lib/curves'\nimport * as same from './lib/curves.ts'",
        'calibrate({ gain: 2 } as Curve), same.calibrate === calibrate',
      ),
      'devices/lib/curves.ts':
        'export interface Curve { gain: number }\nexport const calibrate = (curve: Curve): number => curve.gain * 3\n',
    })
    expect(error).toBeUndefined()
    expect(logged).toEqual(['6 true'])
  })

  it('import one another, above the script, in circles, and later', () => {
    const { logged, read, error } = run({
      [main]: device("import { a } from '../shared/a'", "a(), (await import('./late')).default"),
      'shared/a.ts': "import { b } from './deep/b'\nexport const one = 1\nexport const a = (): number => b() + 1",
      'shared/deep/b.ts': "import { one } from '../a.ts'\nexport const b = (): number => one + 1",
      'devices/late.ts': "import { one } from '../shared/a'\nexport default 10 + one",
    })
    expect(error).toBeUndefined()
    expect(logged).toEqual(['3 11'])
    expect(read).toEqual(['shared/a.ts', 'shared/deep/b.ts', 'devices/late.ts'])
  })

  it('can use the library', () => {
    const { logged } = run({
      [main]: device("import { shout } from './shout'", "shout('x')"),
      'devices/shout.ts':
        "import { log } from 'faultline'\nexport const shout = (t: string) => { log(t); return t + '!' }",
    })
    expect(logged).toEqual(['x', 'x!'])
  })

  it.each([
    ['../../outside', 'it is outside of the workspace'],
    ['./../../workspace/devices/a', 'it is outside of the workspace'],
    ['/etc/passwd', 'only'],
    ['file:///etc/passwd', 'only'],
    ['https://example.org/a.ts', 'only'],
    ['data:text/javascript,export default 1', 'only'],
    ['node:fs', 'only'],
    ['fs', 'only'],
    ['faultline/guest', 'only'],
    ['lib/curves', 'only'],
    ['.', 'only'],
    ['./.hidden', 'it is hidden: what begins with a dot is not read'],
    ['./a\\\\..\\\\b', 'it is not a path inside of the workspace'],
    ['./nowhere', 'devices/nowhere.ts does not exist'],
    ['./data.csv', 'devices/data.csv.ts does not exist'],
  ])("'%s' is refused where it is imported", (specifier, reason) => {
    const only = "a device's script can import only 'faultline' and modules of its workspace, such as './lib/curves'"
    const message = `cannot import '${specifier.replaceAll('\\\\', '\\')}': ${reason === 'only' ? only : reason}`
    const source = `import x from '${specifier}'`
    const files = { 'devices/data.csv': '1', 'devices/.hidden.ts': '' }
    const expected = { message, line: 2, column: 15, stack: undefined }
    expect(run({ ...files, [main]: device(source) }).error).toEqual({ ...expected, file: main })
    const inModule = { ...files, [main]: device("import './m'"), 'devices/m.ts': `// first\n${source}` }
    expect(run(inModule).error).toEqual({ ...expected, file: 'devices/m.ts' })
  })

  it('that are refused later can be told apart by the script, and harm nothing else', () => {
    const { logged, error } = run({
      [main]: device(
        'const why = (name: string) => import(name).catch((error: Error) => error.message)',
        "await why('./none'), await why('./none'), (await import('./there')).default",
      ),
      'devices/there.ts': 'export default 7',
    })
    expect(error).toBeUndefined()
    const refused = "cannot import './none': devices/none.ts does not exist (devices/pump.device.ts)"
    expect(logged).toEqual([`${refused} ${refused} 7`])
  })

  it('have their own syntax errors, in their own lines', () => {
    const files = {
      [main]: device("import './lib/broken'"),
      'devices/lib/broken.ts': 'const a = 1\n\nconst b: number = ;',
    }
    expect(run(files).error).toEqual({
      message: 'Expression expected',
      file: 'devices/lib/broken.ts',
      line: 3,
      column: 19,
      stack: undefined,
    })
    const again = { ...files, 'devices/lib/broken.ts': 'let a = 1\nlet a = 2' }
    expect(run(again).error).toMatchObject({
      message: 'SyntaxError: invalid redefinition of global identifier',
      file: 'devices/lib/broken.ts',
      line: 2,
    })
  })

  it('throw in their own lines, whoever called them', () => {
    const files = {
      [main]: device("import { calibrate } from './lib/curves'", 'calibrate(null)'),
      'devices/lib/curves.ts':
        'type Curve = { gain: number }\nexport function calibrate(curve: Curve): number {\n  return curve.gain\n}\n',
    }
    expect(run(files).error).toEqual({
      message: "TypeError: cannot read property 'gain' of null",
      file: 'devices/lib/curves.ts',
      line: 3,
      column: 15,
      stack: '    at calibrate (devices/lib/curves.ts:3:15)\n    at powerOn (devices/pump.device.ts:3:63)',
    })
  })

  it('are missed by name where they do not have what is imported', () => {
    const files = {
      [main]: device("import { there } from './other'\nimport { there as x, gone } from './lib/curves'"),
      'devices/other.ts': 'export const there = 1, gone = 2',
      'devices/lib/curves.ts': 'export const there = 1',
    }
    expect(run(files).error).toMatchObject({
      message: "'devices/lib/curves.ts' has no 'gone' to import; if it is a type, write 'import type'",
      file: main,
      line: 3,
      column: 22,
    })
  })

  it('may together not be bigger than 1 MB', () => {
    const files = {
      [main]: device("import './a'\nimport './b'"),
      'devices/a.ts': `// ${'x'.repeat(600_000)}`,
      'devices/b.ts': `// ${'x'.repeat(600_000)}`,
    }
    expect(run(files).error).toMatchObject({
      message: "cannot import './b': all modules of a device together have more than 1 MB",
      line: 3,
    })
  })

  it('are read once, and evaluated once', () => {
    const { logged, read } = run({
      [main]: device("import { n } from './count'\nimport './other'", 'n'),
      'devices/count.ts': "import { log } from 'faultline'\nlog('evaluated')\nexport const n = 1",
      'devices/other.ts': "import './count'\nimport './count.ts'\nimport '../devices/count'",
    })
    expect(logged).toEqual(['evaluated', '1'])
    expect(read).toEqual(['devices/count.ts', 'devices/other.ts'])
  })

  it('have names that a script cannot make up without end', () => {
    const files = {
      [main]: device(
        `const tries = async () => {
          const names = new Set<string>()
          for (let i = 0; i < 700; i++) await import('./' + i).catch((error: Error) => names.add(error.message))
          for (let i = 0; i < 700; i++) await import('x' + i).catch((error: Error) => names.add(error.message))
          return [names.size, [...names].at(-1), (await import('./there').catch(() => 'refused'))]
        }`,
        'await tries()',
      ),
      'devices/there.ts': '',
    }
    const { logged, error } = run(files, { ...defaultLimits, run: 60_000 })
    expect(error).toBeUndefined()
    expect(logged).toEqual(['[1001,"more than 1000 imports","refused"]'])
  })

  it.each([['./'], ['x'], ['('], ['./\\\\']])(
    'have no names of more than 500 characters: %s and so on',
    (beginning) => {
      const attempt = `(await import('${beginning}'.padEnd(${'length'}, '(')).catch((error: Error) => error.message))`
      const files = {
        [main]: device(
          `const tries = async () => {
          const said: string[] = []
          for (const length of [501, 200_000]) said.push(${attempt})
          return said
        }`,
          'await tries()',
        ),
      }
      const { logged, error, read } = run(files, { ...defaultLimits, run: 60_000 })
      expect(error).toBeUndefined()
      const refused = 'cannot import what has a name of more than 500 characters'
      expect(logged).toEqual([JSON.stringify([refused, refused])])
      expect(read).toEqual([])
    },
  )

  it('are not looked for by a name that is no good for a regular expression', () => {
    const name = 'a'.repeat(300_000)
    const { error } = run({
      [main]: device(`import { ${name} } from './empty'`, name),
      'devices/empty.ts': 'export const b = 1',
    })
    expect(error?.file).toBe(main)
  })
})
