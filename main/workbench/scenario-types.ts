import { messageOf } from '../../app/base/errors.ts'
import { resolvePath } from '../../app/script-api/workspace-path.ts'
import type { FileMistake, ScenarioText } from '../scenarios/planning.ts'
import { type ApiNames, readApiNames, refusesRun, withAdvice } from '../workspace/run-mistakes.ts'
import { readTextFile } from '../workspace/text-files.ts'
import { checkTypes, type ScriptMistake } from '../workspace/type-check.ts'

/** A run waits no longer for the compiler, in milliseconds; mostly it takes a tenth of a second. */
const patience = 20_000
/** Scripts of one run; who imports more is typed as far as that. */
const mostFiles = 500

/** What the compiler says of scenarios that must not run. Never rejects. */
export type FindMistakes = (workspace: string, scenarios: readonly ScenarioText[]) => Promise<readonly FileMistake[]>

/**
 * Looks at the types of scenarios before they run, with what they import and the scripts that they name: it finds a matcher,
 * an option or a name that is misspelt, and a promise that nobody waits for. What would work when it runs is no mistake here,
 * other than in `faultline check`.
 *
 * @param options.types the folder of the script API's `.d.ts` files, ends in `/`; without one nothing is found
 * @param options.log hears why types could not be looked at, which keeps no run from beginning
 */
export function createFindMistakes({
  log,
  types,
}: {
  readonly types?: URL | undefined
  readonly log: (line: string) => void
}): FindMistakes {
  if (types === undefined) return async () => []
  return async (workspace, scenarios) => {
    try {
      const { absent, texts } = await textsOf(workspace, scenarios)
      const files = { texts, scripts: [...texts.keys()].filter(isScript), tooBig: new Set<string>() }
      const found = await checkTypes(files, types, patience)
      return found.length === 0 ? [] : await refusing(found.map(missing(absent)), texts, await readApiNames(types))
    } catch (error) {
      log(`types were not checked: ${messageOf(error)}`)
      return []
    }
  }
}

/** All of them at once: of a place that the plan has spoken of, the compiler mostly says nothing. */
export function withTypes<Mistake extends FileMistake>(
  planned: readonly Mistake[],
  typed: readonly Mistake[],
): Mistake[] {
  const spoken = new Set(typed.map(placeOf))
  // Of a name that there is not, it says more than the sandbox, which says it of the first one alone.
  const told = planned.filter((each) => !(each.message.startsWith('ReferenceError: ') && spoken.has(placeOf(each))))
  const places = new Set(told.map(placeOf))
  const more = typed.filter((mistake) => !places.has(placeOf(mistake)))
  const files = [...new Set([...told, ...more].map(({ file }) => file))]
  const line = ({ place }: FileMistake) => place?.line ?? 0
  const column = ({ place }: FileMistake) => place?.column ?? 0
  // By file as they came, and in each as they stand there.
  return files.flatMap((file) =>
    [...told, ...more]
      .filter((mistake) => mistake.file === file)
      .sort((a, b) => line(a) - line(b) || column(a) - column(b)),
  )
}

function placeOf({ file, place }: FileMistake): string {
  return `${place?.file ?? file}:${place?.line}:${place?.column}`
}

function isScript(path: string): boolean {
  return /\.(?:device|scenario)\.ts$/.test(path)
}

interface Texts {
  readonly texts: ReadonlyMap<string, string>
  /** What could not be read. */
  readonly absent: ReadonlySet<string>
}

/** The scenarios, the scripts of devices that they name, and what all of these import; as far as it is there. */
async function textsOf(workspace: string, scenarios: readonly ScenarioText[]): Promise<Texts> {
  const absent = new Set<string>()
  const texts = new Map(scenarios.map(({ file, source }) => [file, source]))
  const known = new Set(texts.keys())
  // What is found while it goes on is gone through as well.
  for (const [file, text] of texts) {
    for (const path of [...modulesOf(file, text), ...(file.endsWith('.scenario.ts') ? devicesOf(text) : [])]) {
      if (known.has(path) || known.size > mostFiles) continue
      known.add(path)
      const read = await readTextFile(workspace, path).catch(() => undefined)
      if (read === undefined) absent.add(path)
      else texts.set(path, read.text)
    }
  }
  return { texts, absent }
}

const unresolved = /^Cannot find (?:module '|name '(?=node:)|module or .* side-effect import of ')([^']*)'/

/** Of a module that is not there, and of a package, a sandbox has no more than the compiler. */
function missing(absent: ReadonlySet<string>): (mistake: ScriptMistake) => ScriptMistake {
  return (mistake) => {
    const specifier = unresolved.exec(mistake.message)?.[1]
    if (specifier === undefined) return mistake
    if (!/^\.\.?\//.test(specifier)) {
      const message = `cannot import '${specifier}': a script has 'faultline' and modules of its workspace, such as './lib/curves'`
      return { ...mistake, code: 'import', message }
    }
    const { path = '' } = resolvePath(specifier.endsWith('.ts') ? specifier : `${specifier}.ts`, mistake.file)
    return absent.has(path)
      ? { ...mistake, code: 'import', message: `cannot import '${specifier}': there is no ${path}` }
      : mistake
  }
}

function modulesOf(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*(?:'([^'\n]+)'|"([^"\n]+)")/g)]
  return specifiers.flatMap(([, single, double]) => {
    const specifier = single ?? double ?? ''
    if (!/^\.\.?\//.test(specifier)) return []
    const { path } = resolvePath(specifier.endsWith('.ts') ? specifier : `${specifier}.ts`, file)
    return path === undefined ? [] : [path]
  })
}

function devicesOf(text: string): string[] {
  const names = [...text.matchAll(/\bscript['"]?\s*:\s*(?:'([\w.-]+)'|"([\w.-]+)")/g)]
  return names.map(([, single, double]) => `devices/${single ?? double}.device.ts`)
}

async function refusing(
  found: readonly ScriptMistake[],
  texts: ReadonlyMap<string, string>,
  api: ApiNames,
): Promise<FileMistake[]> {
  const serious = found.filter((mistake) => refusesRun(mistake, api))
  if (serious.length === 0) return []
  const { stripTypes } = await import('../devices/guest/script-source.ts')
  const running = new Map<string, string>()
  const isRun = ({ column, file, line }: ScriptMistake) => {
    const text = running.get(file) ?? withoutTypes(file, texts.get(file) ?? '', stripTypes)
    running.set(file, text)
    const row = text.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? ''
    // A name that there is not has a type all the same, and what is imported later may never be.
    return /\S/.test(row[column - 1] ?? '') && !/\b(?:typeof\s+|import\s*\(\s*)$/.test(row.slice(0, column - 1))
  }
  return serious.filter(isRun).map((mistake) => {
    const { column, file, line } = mistake
    return { file, path: '', message: withAdvice(mistake, api), place: { file, line, column }, thrown: false }
  })
}

/** What is in a type is taken out before a script runs, and stops nothing. */
function withoutTypes(file: string, text: string, strip: (source: { file: string; text: string }) => string): string {
  try {
    return strip({ file, text })
  } catch {
    // Who reads it says what is wrong with it.
    return ''
  }
}
