import { describe, it } from 'vitest'
import { type Escape, onPower, setEscapeStage } from '../../../helpers/escape-stage.ts'

const stage = setEscapeStage('files')

const only = "a device's script can import only 'faultline' and modules of its workspace, such as './lib/curves'"
const outside = 'it is outside of the workspace'
const link = 'lies behind a link, and links are not followed'

const imports: Escape[] = [
  ['a file beside the workspace', '../../secret', outside],
  ['a file beside the workspace, over a detour', './lib/../../../secret.ts', outside],
  ['the workspace from outside', '../../workspace/devices/lib/loop', outside],
  ['an absolute path', '/etc/passwd', only],
  ['a URL of a file', 'file:///etc/passwd', only],
  ['a URL of the web', 'https://example.org/x.ts', only],
  ['code in a URL', 'data:text/javascript,export default 1', only],
  ['a part of Node', 'node:fs', only],
  ['a part of Node, as it once was', 'fs', only],
  ['a package', 'mqtt', only],
  ['a part of QuickJS', 'std', only],
  ['another part of QuickJS', 'qjs:os', only],
  ['the library by a longer name', 'faultline/guest', only],
  ['the program that started it', '<start>', only],
  ['a link out of the workspace', './linked', `devices/linked.ts ${link}`],
  ['a file behind a folder that is a link', './lib/out/secret', `devices/lib/out/secret.ts ${link}`],
  ['a hidden file', '../.hidden/secret', 'it is hidden: what begins with a dot is not read'],
  ['a key', '../certificates/pump.key', 'certificates/pump.key.ts does not exist'],
  ['the settings', '../faultline.json', 'faultline.json.ts does not exist'],
  ['a name in octal and percent', './%2e%2e/%2e%2e/secret', 'devices/%2e%2e/%2e%2e/secret.ts does not exist'],
  ['backslashes', '..\\\\..\\\\secret', only],
  ['a folder', './lib', 'devices/lib.ts does not exist'],
].map(([tries, specifier, why]) => ({
  tries: tries as string,
  script: `import { device } from 'faultline'\n  import secret from '${specifier}'\nexport default device(() => ({}))\n`,
  fails: `cannot import '${specifier?.replaceAll('\\\\', '\\')}': ${why}`,
  at: '2:22',
}))

const later: Escape[] = [
  {
    tries: 'names that it makes up while it runs',
    script: onPower(`
      const tried = []
      for (const name of ['../../secret', '../../secret.ts', '/etc/passwd', 'node:fs', './linked', './lib/out/secret', '../certificates/pump.key']) {
        tried.push(await import(name).then((module) => module.default, (error) => error.message.startsWith('cannot import')))
      }
      log(...tried)`),
    says: 'true true true true true true true',
  },
  {
    tries: 'an import in code that it evaluates',
    script: onPower(`
      const load = Function('name', 'return import(name)')
      const indirect = (0, eval)('(name) => import(name)')
      log(...await Promise.all([load, indirect].map((each) => each('../../secret').catch((error) => error.message.startsWith('cannot import')))))`),
    says: 'true true',
  },
  {
    tries: 'an import that nobody catches',
    script: onPower("      await import('../../secret')"),
    fails: `cannot import '../../secret': ${outside}`,
    at: '5:20',
  },
  {
    tries: 'names without end',
    script: onPower(`
      let refused = 0
      for (let i = 0; i < 1200; i++) await import('./' + i).catch(() => refused++)
      log(refused)`),
    says: '1200',
  },
]

const modules: Escape[] = [
  {
    tries: 'a module that does not come to an end',
    script: onPower("      const { loop } = await import('./lib/loop')\n      loop()"),
    fails: 'ran for 250 ms without coming to an end; is there an endless loop?',
    file: 'devices/lib/loop.ts',
    at: '1',
  },
  {
    tries: 'a module that cannot be interrupted',
    script: onPower("      await import('./lib/stuck')"),
    fails: 'powerOn did not come back within 1 s',
  },
  {
    tries: 'a module that cannot be read',
    script: onPower("      await import('./lib/broken')"),
    fails: 'Expression expected',
    file: 'devices/lib/broken.ts',
    at: '2:19',
  },
  {
    tries: 'a module that fills its memory',
    script: onPower(`
      const all = [await import('./lib/big')]
      for (;;) all.push(all[0].big + all.length)`),
    fails: 'needs more memory than a device has (4 MB)',
  },
]

const data: Escape[] = [
  ['a table beside the workspace', '../secret.csv'],
  ['an absolute table', '/etc/passwd'],
  ['a table behind a link', 'devices/lib/out/secret.csv'],
  ['a key as a table', 'certificates/pump.key'],
  ['the settings as a table', 'faultline.json'],
].map(([tries, file]) => ({
  tries: tries as string,
  script: onPower(`      sensor.playback({ file: '${file}', column: 'time' }).next()`),
  fails: /outside of the workspace|not a path inside|links are not followed|can read only files that end in/,
  at: '5',
}))

describe.each([
  ['an import', imports],
  ['an import that comes later', later],
  ['a module of the workspace', modules],
  ['data', data],
])('%s', (_what, attempts) => {
  it.each(attempts)('$tries', (attempt) => stage.run(attempt))
})
