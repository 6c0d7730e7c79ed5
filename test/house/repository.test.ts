import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the house is, and what tools insist on. */
const topLevel = [
  '.ci',
  '.dependency-cruiser.cjs',
  '.gitignore',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'app',
  'biome.json',
  'electron-builder.yml',
  'main',
  'package-lock.json',
  'package.json',
  'renderer',
  'simulations',
  'test',
  'tsconfig.json',
]

/** What a run leaves behind; all of it is in .gitignore. */
const generated = ['.git', '.faultline', 'dist', 'node_modules', 'release']

const rooms: Readonly<Record<string, readonly string[]>> = {
  app: 'base mqtt qos session handshake capture faults device scenario script-api contract decisions'.split(' '),
  main: 'broker link recorder devices scenarios workspace workbench hosts'.split(' '),
  renderer: 'connection state features ui theme public'.split(' '),
  simulations: 'devices scenarios lessons templates'.split(' '),
  test: 'unit protocol contract e2e bench helpers house electron'.split(' '),
}

/** Every file of the repository, relative to its top, also those that are not committed yet. */
function files(): string[] {
  if (!existsSync(join(root, '.git'))) return walk('')
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root })
  // A file that was removed and not committed is listed all the same.
  return listed
    .toString()
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
}

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (generated.includes(path) || path === 'test/e2e/output') return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

const all = files()
const code = all.filter((file) => /\.(ts|tsx|mjs|cjs)$/.test(file))
const text = all.filter(
  (file) => /\.(ts|tsx|mjs|cjs|json|yml|md|css|html)$|^\.ci\//.test(file) && file !== 'package-lock.json',
)
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The places where a pattern is found, as `file:line: text`. This file holds the patterns and is left out. */
function occurrences(list: readonly string[], pattern: RegExp): string[] {
  return list
    .filter((file) => file !== 'test/house/repository.test.ts')
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    )
}

describe('the repository', () => {
  it('has exactly the agreed top level', () => {
    expect([...new Set(all.map((file) => String(file.split('/')[0])))].sort()).toEqual(topLevel)
  })

  it.each(Object.keys(rooms))('has only the agreed folders in %s', (house) => {
    const found = all.filter((file) => file.startsWith(`${house}/`) && file.split('/').length > 2)
    expect(found.length).toBeGreaterThan(0)
    expect(new Set(found.map((file) => file.split('/')[1]))).toSatisfy((names: Set<string>) =>
      [...names].every((name) => rooms[house]?.includes(name)),
    )
  })

  it('has no file of code that is longer than 400 lines', () => {
    const long = code.map((file) => `${file}: ${read(file).split('\n').length - 1}`)
    expect(long.filter((line) => Number(line.split(': ')[1]) > 400)).toEqual([])
  })

  it('leaves nothing for later and silences no check', () => {
    expect(occurrences(code, /\b(TODO|FIXME|XXX)\b/)).toEqual([])
    expect(occurrences(code, /@ts-(ignore|expect-error|nocheck)|\bas any\b|eslint-disable/)).toEqual([])
  })

  it('says why wherever it silences Biome', () => {
    expect(occurrences(code, /biome-ignore [^:]*$|biome-ignore .*: *$/)).toEqual([])
  })

  it('imports types by statements, which the import rules can see', () => {
    expect(occurrences(code, /typeof import\((?!'faultline')|[:<|&] ?import\(['"]/)).toEqual([])
  })

  it('has no barrels', () => {
    expect(code.filter((file) => /(^|\/)index\.(ts|tsx)$/.test(file))).toEqual([])
  })

  it('names no path of a machine and no host that serves packages', () => {
    expect(occurrences(text, /\/(work|root|home|Users)\/[a-z]/)).toEqual([])
    expect(occurrences(text, /registry\.npmjs|npmmirror|deb\.debian|pypi\.org|codeload\.github|ghcr\.io/)).toEqual([])
    expect(occurrences(['package-lock.json'], /"resolved": *"http/)).toEqual([])
  })

  it('pins every package to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const versions = Object.entries<string>({ ...dependencies, ...devDependencies })
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  it('has decisions that are numbered without a gap and have the same parts', () => {
    const decisions = all.filter((file) => file.startsWith('app/decisions/')).sort()
    expect(decisions.map((file) => file.slice(14, 19))).toEqual(
      decisions.map((_, index) => `${String(index + 1).padStart(4, '0')}-`),
    )
    for (const file of decisions) {
      for (const part of ['# ', '**Context.**', '**Decision', 'vidence.**', '**What would change it.**']) {
        expect(read(file), file).toContain(part)
      }
    }
  })

  it('has a README whose commands exist', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const named = [...read('README.md').matchAll(/npm (?:run (?:-s )?([\w:]+)|(test|start))/g)].map((m) => m[1] ?? m[2])
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter((name) => !Object.hasOwn(scripts, String(name)))).toEqual([])
  })

  it('has a README that points at files that exist', () => {
    const links = [...read('README.md').matchAll(/\]\(([^)#:]+)\)/g)].map((match) => String(match[1]))
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([])
  })
})
