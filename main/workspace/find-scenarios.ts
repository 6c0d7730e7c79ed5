import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { closest } from '../../app/base/closest.ts'
import { FaultlineError, messageOf } from '../../app/base/errors.ts'

/** As in scenario-files.ts, which brings with it what watches folders. */
const ending = '.scenario.ts'
const folderName = 'scenarios'

/** A scenario's file, and the workspace that it belongs to. */
export interface FoundScenario {
  /** Absolute path. */
  readonly workspace: string
  /** Relative to the workspace, with `/`. */
  readonly file: string
}

/**
 * The scenarios that words of a command line mean: files, folders, and patterns with `*`, `?`, `**` and `{a,b}`; in the order
 * of the words, those of one word by name, none twice. Without words it is the folder `from`.
 *
 * @param from absolute path of the folder that relative paths begin at
 * @throws FaultlineError `invalid-argument` where a word means nothing, and for a file that is no scenario; `file-unreadable`
 */
export async function findScenarios(words: readonly string[], from: string): Promise<FoundScenario[]> {
  const found = new Set<string>()
  for (const word of words.length === 0 ? ['.'] : words) {
    for (const path of await meantBy(word, from)) found.add(path)
  }
  return [...found].map(locate)
}

/** The workspace of a file is the folder above the `scenarios` that it lies in, or else its own folder. */
function locate(path: string): FoundScenario {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(folder) !== folderName) continue
    const workspace = dirname(folder)
    return { workspace, file: relative(workspace, path).split(sep).join('/') }
  }
  return { workspace: dirname(path), file: basename(path) }
}

async function meantBy(word: string, from: string): Promise<string[]> {
  const path = resolve(from, word)
  const about = await stat(path).catch(() => undefined)
  if (about?.isFile()) {
    if (path.endsWith(ending)) return [path]
    const message = `${word} is no scenario: their names end in ${ending}`
    throw new FaultlineError({ code: 'invalid-argument', message })
  }
  if (about?.isDirectory()) return await inFolder(word, path)
  const wild = word.split(/[\\/]/).findIndex((part) => /[*?{]/.test(part))
  if (wild < 0) throw await nothingAt(word, path)
  // Only below the part of the pattern that says where it is.
  const base = resolve(from, word.split(/[\\/]/).slice(0, wild).join(sep) || (word.startsWith('/') ? sep : '.'))
  const pattern = globExpression(path.split(sep).join('/'))
  const files = (await scenariosIn(base)).filter((file) => pattern.test(file.split(sep).join('/')))
  if (files.length > 0) return files
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `no scenario fits ${word}`,
    hint: `their names end in ${ending}`,
  })
}

/** A name without its ending, or misspelt: what was probably meant is said as the user would name it. */
async function nothingAt(word: string, path: string): Promise<FaultlineError> {
  const entries = await readdir(dirname(path), { withFileTypes: true }).catch(() => [])
  const names = entries.filter(({ name }) => name.endsWith(ending)).map(({ name }) => name.slice(0, -ending.length))
  const stem = basename(path).replace(/(\.scenario)?(\.[jt]s)?$/, '')
  const meant = names.includes(stem) ? stem : closest(stem, names)
  const given = word.slice(0, Math.max(word.lastIndexOf('/'), word.lastIndexOf(sep)) + 1)
  return new FaultlineError({
    code: 'invalid-argument',
    message: `there is no scenario ${word}`,
    hint: meant === undefined ? undefined : `did you mean ${given}${meant}${ending}?`,
  })
}

/** Of a workspace its folder of scenarios, of any other folder all that is in it. */
async function inFolder(word: string, path: string): Promise<string[]> {
  const own = join(path, folderName)
  const isWorkspace = (await stat(own).catch(() => undefined))?.isDirectory() === true
  const files = await scenariosIn(isWorkspace ? own : path)
  if (files.length > 0) return files
  throw new FaultlineError({
    code: 'invalid-argument',
    message: `there is no scenario in ${word === '.' ? 'this folder' : word}`,
    hint: `they lie in its folder ${folderName}, and their names end in ${ending}`,
  })
}

async function scenariosIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new FaultlineError({ code: 'file-unreadable', message: `${folder} cannot be read: ${messageOf(error)}` })
  })
  const files: string[] = []
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) files.push(...(await scenariosIn(path)))
    } else if (entry.name.endsWith(ending)) files.push(path)
  }
  return files
}

/** What a pattern of paths matches: `*` and `?` within a name, `**` any folders, `{a,b}` one of them. */
export function globExpression(pattern: string): RegExp {
  let depth = 0
  const source = pattern.replace(/\*\*\/|\*\*|[*?{},]|[.+^$()|[\]\\]/g, (sign) => {
    switch (sign) {
      case '**/':
        return '(?:[^/]+/)*'
      case '**':
        return '.*'
      case '*':
        return '[^/]*'
      case '?':
        return '[^/]'
      case '{':
        depth += 1
        return '(?:'
      case '}':
        if (depth === 0) return '\\}'
        depth -= 1
        return ')'
      case ',':
        return depth > 0 ? '|' : ','
      default:
        return `\\${sign}`
    }
  })
  return new RegExp(`^${source}${')'.repeat(depth)}$`)
}
