import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'
import { scriptCompilerOptions } from '../../app/script-api/compiler-options.ts'
import { inOurWords, misspelt, notErasable } from '../../app/script-api/compiler-words.ts'
import { hiddenMistakes } from './hidden-mistakes.ts'
import { placeAt } from './json-text.ts'
import { takeOutside } from './outside-references.ts'
import { runProgram } from './run-program.ts'
import type { ScriptFiles } from './script-files.ts'
import { type ScriptProbe, scriptProbe } from './script-probe.ts'

const tooBigMessage = 'a script is not loaded when it is bigger than 1 MB'

/** Something that is wrong in a script, before it runs. */
export interface ScriptMistake {
  /** Relative to the workspace, with `/`. */
  readonly file: string
  /** From 1; columns count UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  /**
   * Such as `TS2322`; of what is no matter of types, `syntax`; `await` where a promise is forgotten, `duration` where text is no
   * length of time, `argument` where a function refuses what is written out, `target` where a target cannot do it.
   */
  readonly code: string
  readonly message: string
}

/** For the compiler: types can be written that it never comes to an end with, or whose mistakes fill the memory. */
const limits = { milliseconds: 60_000, characters: 16 * 1024 * 1024 }
/** How often a script is compiled for what it was asked: where one thing of a call is wrong, nothing is said of another. */
const mostRounds = 8

export interface CheckTypesOptions {
  readonly milliseconds?: number
  readonly atTarget?: ReadonlySet<string>
}

/**
 * Types scripts with the compiler, as the editor does. It sees a copy of them in a folder of its own, and so neither
 * what lies around the workspace nor packages nor links, none of which a sandbox has; nothing is written beside them.
 * What leads out of that folder is taken out of the copy and is a mistake; of files that are not the workspace's own
 * nothing is said. In scenarios a call that is a statement and gives a promise is a mistake too: its `await` is missing.
 *
 * @param types the folder of the script API's `.d.ts` files; ends in `/`
 * @param options.milliseconds that the compiler may take for all of it, @default a minute
 * @param options.atTarget scenarios that are asked as well what a target cannot do
 * @throws FaultlineError `internal` when the compiler itself fails; `invalid-argument` when it has read a file outside; `script-timeout` when it takes longer
 */
export async function checkTypes(
  files: ScriptFiles,
  types: URL,
  { atTarget = new Set(), milliseconds = limits.milliseconds }: CheckTypesOptions = {},
): Promise<ScriptMistake[]> {
  const time = { milliseconds, until: performance.now() + milliseconds }
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'faultline-check-')))
  try {
    const { texts, refused } = takeOutside(files.texts)
    await copyTo(folder, texts)
    const api = await apiFiles(types)
    const own = async (roots: readonly string[]): Promise<ScriptMistake[]> => {
      const mistakes = await compileProbed({ folder, api, texts, time, atTarget }, roots)
      const ours = mistakes.filter(({ file }) => texts.has(file))
      // Not to say that all is well: at a file that it cannot parse, the compiler gives up on types.
      if (ours.length === 0 && mistakes.length > 0) throw readOutside()
      return ours
    }
    const scripts = files.scripts.filter((file) => texts.has(file))
    const first = await own(scripts)
    const broken = new Set(first.filter(isSyntax).map(({ file }) => file))
    const told = broken.size === 0 ? first : [...first, ...(await withoutBroken(folder, scripts, broken, first, own))]
    const hidden = await hiddenMistakes(told, texts, async (copies) => {
      await copyTo(folder, copies)
      const roots = scripts.filter((file) => !broken.has(file))
      const compilation = { folder, api, texts: new Map([...texts, ...copies]), time, atTarget }
      const said = await compileProbed(compilation, roots)
      // Where a copy cannot be parsed it was misread, and there is no word of types.
      return said.some(isSyntax) ? [] : said.filter(({ file }) => texts.has(file))
    })
    const mistakes = [...told, ...hidden]
    const places = new Set(refused.map(placeOf))
    const typed = mistakes.filter((mistake) => !places.has(placeOf(mistake)))
    const said = typed.map((mistake) => blamingName(blamingSize(mistake, files.tooBig), texts.get(mistake.file) ?? ''))
    return [...refused, ...tooBigScripts(files), ...said]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Compilation {
  readonly folder: string
  /** Of the workspace's copy in it. */
  readonly texts: ReadonlyMap<string, string>
  readonly api: readonly string[]
  /** For all that is compiled, however often; until when by the monotonic clock. */
  readonly time: { readonly milliseconds: number; readonly until: number }
  readonly atTarget: ReadonlySet<string>
}

/** Compiles scripts, and beside each scenario the copy that tells which of its promises nobody waits for, and more. */
async function compileProbed(compilation: Compilation, roots: readonly string[]): Promise<ScriptMistake[]> {
  /** By scenario: what has been answered of it. */
  const known = new Map<string, Set<string>>()
  const found: ScriptMistake[] = []
  let probed = roots.filter((root) => root.endsWith('.scenario.ts'))
  for (let round = 0; round < mostRounds && (round === 0 || probed.length > 0); round++) {
    const probes = await writeProbes(compilation, probed, known)
    const rest = round === 0 ? roots : []
    const first = await compile(compilation, [...rest, ...probes.keys()])
    const broken = new Set(first.filter(isSyntax).map(({ file }) => file))
    // Where only the copy cannot be parsed, it was misread; better no word of that than none of the types.
    const misread = [...probes].filter(([path, { file }]) => broken.has(path) && !broken.has(file))
    for (const [path] of misread) probes.delete(path)
    const mistakes = misread.length === 0 ? first : await compile(compilation, [...rest, ...probes.keys()])
    probed = []
    for (const mistake of mistakes) {
      const probe = probes.get(mistake.file)
      const answers = probe === undefined ? [] : answersOf(mistake, probe)
      if (probe === undefined && round === 0) found.push(mistake)
      for (const { id, said: _, ...answer } of answers) {
        const { file } = probe as Probe
        const ids = known.get(file) ?? new Set()
        known.set(file, ids.add(id))
        found.push({ file, ...answer })
        if (!probed.includes(file)) probed.push(file)
      }
    }
  }
  return found
}

/** By their path. */
async function writeProbes(
  { atTarget, folder, texts }: Compilation,
  files: readonly string[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Map<string, Probe>> {
  const probes = new Map<string, Probe>()
  for (const file of files) {
    const probe = scriptProbe(texts.get(file) ?? '', atTarget.has(file), known.get(file))
    if (probe === undefined) continue
    const path = freeName(file, texts)
    probes.set(path, { ...probe, file })
    await writeFile(join(folder, path), probe.text)
  }
  return probes
}

interface Probe extends ScriptProbe {
  /** The script that it is a copy of. */
  readonly file: string
}

/** A file in the same folder, from which the same modules are imported. */
function freeName(file: string, texts: ReadonlyMap<string, string>): string {
  let name = file.replace(/\.ts$/, '.probe.ts')
  while (texts.has(name)) name = name.replace(/\.ts$/, '-.ts')
  return name
}

/** What the compiler says of a copy counts only where it was asked. */
function answersOf({ column, line, message }: ScriptMistake, { questions }: Probe) {
  return (questions.get(`${line}:${column}`) ?? []).filter(({ said }) => said.test(message))
}

/**
 * The compiler looks at no types at all while a file cannot be parsed: so the others are typed without those.
 *
 * @param broken files of the workspace's copy in `folder`, and no others: they are removed
 */
async function withoutBroken(
  folder: string,
  scripts: readonly string[],
  broken: ReadonlySet<string>,
  first: readonly ScriptMistake[],
  own: (roots: readonly string[]) => Promise<ScriptMistake[]>,
): Promise<ScriptMistake[]> {
  for (const file of broken) await rm(join(folder, file))
  const second = await own(scripts.filter((file) => !broken.has(file)))
  const known = new Set(first.map(keyOf))
  return second.filter((mistake) => !known.has(keyOf(mistake)) && missingModule(mistake, broken) === undefined)
}

function readOutside(): FaultlineError {
  return new FaultlineError({
    code: 'invalid-argument',
    message: 'a script made the compiler read a file outside of the workspace, so types were not checked',
    hint: 'look for imports that do not begin with ./ or ../, or that lead out of the workspace',
  })
}

function tooBigScripts({ scripts, tooBig }: ScriptFiles): ScriptMistake[] {
  const big = scripts.filter((file) => tooBig.has(file))
  return big.map((file) => ({ file, line: 1, column: 1, code: 'size', message: tooBigMessage }))
}

/** A module that was not read for its size is there all the same. */
function blamingSize(mistake: ScriptMistake, tooBig: ReadonlySet<string>): ScriptMistake {
  const path = missingModule(mistake, tooBig)
  return path === undefined ? mistake : { ...mistake, code: 'size', message: `${path}: ${tooBigMessage}` }
}

async function copyTo(folder: string, texts: ReadonlyMap<string, string>): Promise<void> {
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

function placeOf({ file, line, column }: ScriptMistake): string {
  return `${file}:${line}:${column}`
}

/** Which of these files, that the compiler was not given, it does not find. */
function missingModule({ code, file, message }: ScriptMistake, absent: ReadonlySet<string>): string | undefined {
  const specifier = /^Cannot find module '([^']*)'/.exec(message)?.[1]
  if (code !== 'TS2307' || specifier === undefined) return undefined
  const path = posix.join(posix.dirname(file), specifier)
  return [path, `${path}.ts`, path.replace(/\.js$/, '.ts')].find((candidate) => absent.has(candidate))
}

async function compile({ api, folder, time }: Compilation, roots: readonly string[]): Promise<ScriptMistake[]> {
  const config = join(folder, 'tsconfig.json')
  await writeFile(config, JSON.stringify({ compilerOptions: scriptCompilerOptions, files: [...roots, ...api] }))
  const words = ['--project', config, '--pretty', 'false']
  const { code, output } = await runProgram(compilerProgram(), words, folder, {
    milliseconds: Math.max(1, Math.ceil(time.until - performance.now())),
    said: time.milliseconds,
    characters: limits.characters,
  })
  const { mistakes, others } = readMistakes(output)
  if (others.length === 0 && (code === 0 || mistakes.length > 0)) return mistakes
  throw new FaultlineError({
    code: 'internal',
    message: `the TypeScript compiler failed (${code}): ${others.join(' ') || 'it said nothing'}`,
  })
}

/** A program of its own, for each platform another. Its starter in JavaScript would outlive being stopped. */
function compilerProgram(): string {
  const require = createRequire(import.meta.url)
  try {
    const ofTypescript = createRequire(require.resolve('typescript/package.json'))
    const ofPlatform = ofTypescript.resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`)
    return join(dirname(ofPlatform), 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc')
  } catch (error) {
    throw new FaultlineError({
      code: 'not-found',
      message: `the TypeScript compiler is not there: ${messageOf(error)}`,
      hint: 'run npm ci',
    })
  }
}

/** Reads lines such as `devices/pump.device.ts(3,7): error TS2322: ...`; what is indented belongs to the one before. */
function readMistakes(output: string): { mistakes: ScriptMistake[]; others: string[] } {
  const mistakes: ScriptMistake[] = []
  const others: string[] = []
  for (const line of output.split(/\r?\n/)) {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line)
    const last = mistakes.at(-1)
    if (match !== null) {
      const [, file = '', row, column, code = '', text = ''] = match
      const message = inOurWords(file, code, text)
      mistakes.push({ file, line: Number(row), column: Number(column), code, message })
    } else if (line.startsWith(' ') && last !== undefined) {
      mistakes[mistakes.length - 1] = { ...last, message: `${last.message}\n${line}` }
    } else if (line.trim() !== '') others.push(line)
  }
  return { mistakes, others }
}

/** At the name that is misspelt, where that is what the compiler complains of. */
function blamingName(mistake: ScriptMistake, text: string): ScriptMistake {
  const ends = /\r\n|[\n\r]/g
  for (let line = 1; line < mistake.line; line++) ends.exec(text)
  const wrong = misspelt(mistake.message, text, ends.lastIndex + mistake.column - 1)
  return wrong === undefined ? mistake : { ...mistake, ...placeAt(text, wrong.at), message: wrong.message }
}
