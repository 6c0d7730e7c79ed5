import { messageOf } from '../../app/base/errors.ts'
import { resolvePath } from '../../app/script-api/workspace-path.ts'
import type { FileMistake, ScenarioText } from '../scenarios/planning.ts'
import { castMistakes } from '../workspace/cast-mistakes.ts'
import { type ApiNames, readApiNames, refusesRun, withAdvice } from '../workspace/run-mistakes.ts'
import { checkTypes, type ScriptMistake } from '../workspace/type-check.ts'
import { absentIn, mayHaveTarget, ofTargets, type Plans } from './planned-mistakes.ts'
import { textsOf } from './scenario-texts.ts'

/** A run waits no longer for the compiler, in milliseconds; mostly it takes a tenth of a second. */
const patience = 20_000

/** What else is known of the scenarios. */
interface Around {
  /** What comes before the target that a file says. */
  readonly target?: string | undefined
  /** By file; those that are wrong have none. */
  readonly plans?: Promise<Plans>
}

/** What is wrong in scenarios, besides their plans, that must not run. Never rejects. */
export type FindMistakes = (
  workspace: string,
  scenarios: readonly ScenarioText[],
  around?: Around,
) => Promise<readonly FileMistake[]>

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
  return async (workspace, scenarios, { plans = Promise.resolve(new Map()), target } = {}) => {
    try {
      const { absent, texts } = await textsOf(workspace, scenarios)
      const files = { texts, scripts: [...texts.keys()].filter(isScript), tooBig: new Set<string>() }
      const atTarget = new Set(files.scripts.filter((file) => target !== undefined || mayHaveTarget(texts.get(file))))
      const api = await readApiNames(types)
      const options = { milliseconds: patience, atTarget }
      const [typed, cast] = await Promise.all([
        checkTypes(files, types, options),
        castMistakes(files, types, api, options),
      ])
      const planned = await plans
      const found = ofTargets([...typed, ...withoutKnown(cast, typed)].map(missing(absent)), { planned, target, texts })
      const said = found.length === 0 ? [] : await refusing(found, texts, api)
      return [...said, ...absentIn(planned, texts).map(asFileMistake)]
    } catch (error) {
      log(`types were not checked: ${messageOf(error)}`)
      return []
    }
  }
}

/** Those that are not at a place of another. */
export function withoutKnown(more: readonly ScriptMistake[], known: readonly ScriptMistake[]): ScriptMistake[] {
  const places = new Set(known.map(({ column, file, line }) => `${file}:${line}:${column}`))
  return more.filter(({ column, file, line }) => !places.has(`${file}:${line}:${column}`))
}

function asFileMistake({ column, file, line, message }: ScriptMistake): FileMistake {
  return { file, path: '', message, place: { file, line, column }, thrown: false }
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
  return serious.filter(isRun).map((mistake) => asFileMistake({ ...mistake, message: withAdvice(mistake, api) }))
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
