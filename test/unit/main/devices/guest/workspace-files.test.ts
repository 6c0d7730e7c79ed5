import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { largestFile, resolvePath, WorkspaceFiles } from '../../../../../main/devices/guest/workspace-files.ts'

const from = 'devices/pump.device.ts'

describe('a path in a workspace', () => {
  it.each([
    ['./lib/curves.ts', 'devices/lib/curves.ts'],
    ['../schemas/pump.proto', 'schemas/pump.proto'],
    ['././../devices/./a.ts', 'devices/a.ts'],
    ['data/curve.csv', 'data/curve.csv'],
    ['data/../other/a.csv', 'other/a.csv'],
    ['./two words, ünd 😀.ts', 'devices/two words, ünd 😀.ts'],
  ])('%s leads to %s', (path, resolved) => {
    expect(resolvePath(path, from)).toEqual({ path: resolved })
  })

  it.each([
    ['../../etc/passwd.ts', 'is outside of the workspace'],
    ['../../workspace/devices/a.ts', 'is outside of the workspace'],
    ['/etc/a.ts', 'is not a path inside of the workspace'],
    ['./lib//a.ts', 'is not a path inside of the workspace'],
    ['', 'is not a path inside of the workspace'],
    ['file:///etc/a.ts', 'is not a path inside of the workspace'],
    ['C:/a.ts', 'is not a path inside of the workspace'],
    ['.\\lib\\a.ts', 'is not a path inside of the workspace'],
    ['./a\0.ts', 'is not a path inside of the workspace'],
    ['./.git/config.ts', 'is hidden: what begins with a dot is not read'],
    ['.../a.ts', 'is hidden: what begins with a dot is not read'],
    [`./${'a/'.repeat(300)}a.ts`, 'is too long: a path has at most 500 characters'],
  ])('%s is refused', (path, refused) => {
    expect(resolvePath(path, from)).toEqual({ refused })
  })

  it('never leaves the workspace, whatever it is made of', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '/', '//', '\\', 'a', 'C:', '%2e%2e', '~', '.ssh', '\0', '...', '..\u2025'),
      fc.string({ maxLength: 4 }),
    )
    const paths = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
    const slashed = fc.array(part, { maxLength: 12 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.oneof(paths, slashed), (path) => {
        const resolved = resolvePath(path, from)
        if (resolved.path === undefined) return
        expect(`${join('/some/workspace', resolved.path)}/`.startsWith('/some/workspace/')).toBe(true)
        expect(resolved.path.split('/').some((segment) => segment.startsWith('.'))).toBe(false)
      }),
    )
  })
})

describe('reading the files of a workspace', () => {
  let outside: string
  let root: string
  let files: WorkspaceFiles

  beforeEach(() => {
    outside = realpathSync(mkdtempSync(join(tmpdir(), 'faultline-files-')))
    root = join(outside, 'workspace')
    mkdirSync(join(root, 'devices', 'lib'), { recursive: true })
    files = new WorkspaceFiles(root)
  })
  afterEach(() => rmSync(outside, { recursive: true, force: true }))

  const put = (path: string, content: string | Uint8Array = 'content') => writeFileSync(join(root, path), content)

  it('gives the text, and a revision that changes with it', () => {
    put('devices/lib/a.ts', '😀')
    const first = files.read('./lib/a.ts', from)
    expect(first).toEqual({ path: 'devices/lib/a.ts', text: '😀', revision: expect.stringMatching(/^[\da-f]{16}$/) })
    expect(files.read('devices/lib/a.ts', '')).toEqual(first)
    put('devices/lib/a.ts', '😁')
    expect(files.read('./lib/a.ts', from)).not.toEqual(first)
  })

  it('works in a workspace that is itself reached through a link', () => {
    put('devices/lib/a.ts')
    symlinkSync(root, join(outside, 'other-name'))
    expect(new WorkspaceFiles(join(outside, 'other-name')).at('devices/lib/a.ts')).toMatchObject({ text: 'content' })
  })

  it('does not follow a link, wherever it leads', () => {
    writeFileSync(join(outside, 'secret.ts'), 'secret')
    put('devices/lib/a.ts')
    symlinkSync(join(outside, 'secret.ts'), join(root, 'devices', 'out.ts'))
    symlinkSync('lib/a.ts', join(root, 'devices', 'in.ts'))
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync('circle.ts', join(root, 'circle.ts'))
    const link = 'lies behind a link, and links are not followed'
    expect(files.at('devices/out.ts')).toEqual({ path: 'devices/out.ts', refused: link })
    expect(files.at('devices/in.ts')).toEqual({ path: 'devices/in.ts', refused: link })
    expect(files.at('folder/secret.ts')).toEqual({ path: 'folder/secret.ts', refused: link })
    expect(files.at('circle.ts')).toEqual({ path: 'circle.ts', refused: link })
  })

  it('does not follow a folder of scripts that is a link', () => {
    mkdirSync(join(outside, 'elsewhere'))
    writeFileSync(join(outside, 'elsewhere', 'a.ts'), 'secret')
    renameSync(join(root, 'devices'), join(root, 'old'))
    symlinkSync(join(outside, 'elsewhere'), join(root, 'devices'))
    expect(files.read('./a.ts', from)).toMatchObject({ refused: 'lies behind a link, and links are not followed' })
  })

  it('reads nothing but plain files, and does not wait for a pipe', () => {
    execFileSync('mkfifo', [join(root, 'pipe.csv')])
    mkdirSync(join(root, 'folder.csv'))
    expect(files.at('pipe.csv')).toMatchObject({ refused: 'is not a plain file' })
    expect(files.at('folder.csv')).toMatchObject({ refused: 'is not a plain file' })
  })

  it('says what is missing, also behind something that is no folder', () => {
    put('devices/lib/a.ts')
    expect(files.at('devices/b.ts')).toEqual({ path: 'devices/b.ts', refused: 'does not exist' })
    expect(files.at('devices/lib/a.ts/b.ts')).toMatchObject({ refused: 'does not exist' })
    expect(new WorkspaceFiles(join(outside, 'gone')).at('a.ts')).toMatchObject({ refused: 'does not exist' })
  })

  it('reads up to 1 MB, and no more', () => {
    put('most.csv', 'x'.repeat(largestFile))
    put('more.csv', 'x'.repeat(largestFile + 1))
    expect(files.at('most.csv')).toMatchObject({ text: 'x'.repeat(largestFile) })
    expect(files.at('more.csv')).toMatchObject({ refused: 'is bigger than 1 MB' })
  })

  it('reads text only', () => {
    put('octets.csv', new Uint8Array([0x61, 0xff]))
    expect(files.at('octets.csv')).toMatchObject({ refused: 'is not text in UTF-8' })
  })

  it('reads none of the files that are not for scripts', () => {
    put('faultline.json', '{"target":"mqtt://user:password@broker"}')
    mkdirSync(join(root, 'certificates'))
    put('certificates/pump.key')
    const refused = 'cannot be read: a script can read only files that end in .ts, .proto, .csv'
    expect(files.at('faultline.json')).toMatchObject({ refused })
    expect(files.at('certificates/pump.key')).toMatchObject({ refused })
  })
})
