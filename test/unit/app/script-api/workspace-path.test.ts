import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTextName, resolvePath } from '../../../../app/script-api/workspace-path.ts'

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

describe('a file of text', () => {
  it.each(['devices/a.ts', 'a.proto', 'data/curve.csv'])('%s is one', (name) => expect(isTextName(name)).toBe(true))
  it.each(['.ts', 'devices/.csv', 'a.pem', 'a.ts.bak', 'ts'])('%s is none', (name) =>
    expect(isTextName(name)).toBe(false),
  )
})
