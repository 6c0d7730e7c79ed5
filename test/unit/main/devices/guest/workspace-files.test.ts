import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { largestFile } from '../../../../../app/script-api/workspace-path.ts'
import { WorkspaceFiles } from '../../../../../main/devices/guest/workspace-files.ts'

const from = 'devices/pump.device.ts'

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
