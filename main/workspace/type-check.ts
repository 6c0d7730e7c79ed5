import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { scriptCompilerOptions } from '../../app/script-api/compiler-options.ts'
import type { ScriptFiles } from './script-files.ts'

/** The code of `enum` and its like, with `erasableSyntaxOnly`. */
const notErasable = 'TS1294'

/** Something that is wrong in a script, before it runs. */
export interface ScriptMistake {
  /** Relative to the workspace, with `/`. */
  readonly file: string
  /** From 1; columns count UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  /** Such as `TS2322`; of what is no matter of types, `syntax`. */
  readonly code: string
  readonly message: string
}

/**
 * Types scripts with the compiler, as the editor does. It sees a copy of them in a folder of its own, and so neither
 * what lies around the workspace nor packages nor links, none of which a sandbox has; nothing is written beside them.
 *
 * @param types the folder of the script API's `.d.ts` files; ends in `/`
 * @throws FaultlineError `internal` when the compiler itself fails
 */
export async function checkTypes(files: ScriptFiles, types: URL): Promise<ScriptMistake[]> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'faultline-check-')))
  try {
    await copyTo(folder, files)
    const api = await apiFiles(types)
    const first = await compile(folder, [...files.scripts, ...api])
    const broken = new Set(first.filter(isSyntax).map(({ file }) => file))
    if (broken.size === 0) return first
    // The compiler looks at no types at all while a file cannot be parsed: so the others are typed without those.
    for (const file of broken) await rm(join(folder, file))
    const roots = files.scripts.filter((file) => !broken.has(file))
    const second = await compile(folder, [...roots, ...api])
    const known = new Set(first.map(keyOf))
    return [...first, ...second.filter((mistake) => !known.has(keyOf(mistake)) && !blamesMissing(mistake, broken))]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function copyTo(folder: string, { texts }: ScriptFiles): Promise<void> {
  for (const [path, text] of texts) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

async function apiFiles(types: URL): Promise<string[]> {
  const names = await readdir(types)
  return names.filter((name) => name.endsWith('.d.ts')).map((name) => fileURLToPath(new URL(name, types)))
}

/** Errors of the parser have these codes; some of the checker as well, which does no harm here. */
function isSyntax({ code }: ScriptMistake): boolean {
  return /^TS1\d{3}$/.test(code) && code !== notErasable
}

function keyOf({ file, line, column, code }: ScriptMistake): string {
  return `${file}:${line}:${column} ${code}`
}

/** A module that was taken away for its syntax is there all the same. */
function blamesMissing({ code, file, message }: ScriptMistake, broken: ReadonlySet<string>): boolean {
  const specifier = /^Cannot find module '([^']*)'/.exec(message)?.[1]
  if (code !== 'TS2307' || specifier === undefined) return false
  const path = posix.join(posix.dirname(file), specifier)
  return [path, `${path}.ts`, path.replace(/\.js$/, '.ts')].some((candidate) => broken.has(candidate))
}

async function compile(folder: string, files: readonly string[]): Promise<ScriptMistake[]> {
  const config = join(folder, 'tsconfig.json')
  await writeFile(config, JSON.stringify({ compilerOptions: scriptCompilerOptions, files }))
  const { code, output } = await run(compilerProgram(), ['--project', config, '--pretty', 'false'], folder)
  const { mistakes, others } = readMistakes(output)
  if (others.length === 0 && (code === 0 || mistakes.length > 0)) return mistakes
  throw new FaultlineError({
    code: 'internal',
    message: `the TypeScript compiler failed (${code}): ${others.join(' ') || 'it said nothing'}`,
  })
}

/** The compiler is a program of its own, for each platform another; this starts the right one. */
function compilerProgram(): string {
  const require = createRequire(import.meta.url)
  try {
    return join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  } catch (error) {
    throw new FaultlineError({
      code: 'not-found',
      message: `the TypeScript compiler is not there: ${messageOf(error)}`,
      hint: 'run npm ci',
    })
  }
}

function run(program: string, words: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Reads lines such as `devices/pump.device.ts(3,7): error TS2322: ...`; what is indented belongs to the one before. */
export function readMistakes(output: string): { mistakes: ScriptMistake[]; others: string[] } {
  const mistakes: ScriptMistake[] = []
  const others: string[] = []
  for (const line of output.split(/\r?\n/)) {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line)
    const last = mistakes.at(-1)
    if (match !== null) {
      const [, file = '', row, column, code = '', text = ''] = match
      const message = inOurWords(code, text)
      mistakes.push({ file, line: Number(row), column: Number(column), code, message })
    } else if (line.startsWith(' ') && last !== undefined) {
      mistakes[mistakes.length - 1] = { ...last, message: `${last.message}\n${line}` }
    } else if (line.trim() !== '') others.push(line)
  }
  return { mistakes, others }
}

/** Without advice that is good for programs and wrong for scripts, which can install nothing and change no options. */
function inOurWords(code: string, message: string): string {
  if (code === notErasable) {
    return "only types are taken out of a script: 'enum', 'namespace', parameter properties and '<T>value' are more than types"
  }
  const advice = / (?:Do you need to|Try `npm|Try changing|Consider adding)/.exec(message)
  if (advice === null) return message
  return `${message.slice(0, advice.index)} A script has the language and 'faultline', nothing else.`
}
