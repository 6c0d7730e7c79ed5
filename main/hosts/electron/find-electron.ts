import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Electron's program, or why there is none, in words. */
export type ElectronSearch = { readonly program: string } | { readonly missing: string }

/** How long fetching may take, in milliseconds, before the user gets the browser instead. */
const fetchLimit = 30_000

/**
 * Looks for Electron's program without loading the package `electron`: its entry throws, or downloads, where the program
 * is not there. Installing the package brings types and a downloader; the program comes with the first use.
 *
 * @param from any file in the folder whose `node_modules` counts
 */
export function findElectron(from: URL, env: NodeJS.ProcessEnv): ElectronSearch {
  const folder = packageFolder(from)
  const given = env['ELECTRON_OVERRIDE_DIST_PATH']
  if (folder === undefined && !given) return { missing: 'the package electron is not installed' }
  const pathFile = folder === undefined ? undefined : join(folder, 'path.txt')
  const name = pathFile !== undefined && existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : undefined
  const program = given ? join(given, name ?? 'electron') : name && folder && join(folder, 'dist', name)
  if (!program) return { missing: 'its program has not been fetched' }
  return existsSync(program) ? { program } : { missing: `${program} does not exist` }
}

/**
 * As `findElectron`, but where only the program is missing it is fetched, with one try of limited length.
 * @param limit in milliseconds
 */
export async function findOrFetchElectron(
  from: URL,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
  limit = fetchLimit,
): Promise<ElectronSearch> {
  const found = findElectron(from, env)
  const folder = packageFolder(from)
  if ('program' in found || folder === undefined) return found
  say('fetching Electron for the desktop window, once...')
  const problem = await runInstaller(join(folder, 'install.js'), env, limit)
  if (problem !== undefined) return { missing: `${problem}; npx install-electron fetches it` }
  return findElectron(from, env)
}

function packageFolder(from: URL): string | undefined {
  try {
    return dirname(createRequire(from).resolve('electron/package.json'))
  } catch {
    // The one answer that `resolve` gives for "not installed".
    return undefined
  }
}

/** Undefined when it went well, else what went wrong. */
function runInstaller(script: string, env: NodeJS.ProcessEnv, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'ignore', 'pipe'], timeout })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.on('error', (error) => resolve(`it could not be fetched: ${error.message}`))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else if (signal !== null) resolve(`it could not be fetched within ${timeout / 1000} s`)
      else resolve(`it could not be fetched: ${reasonIn(errors)}`)
    })
  })
}

/** The line of a stack trace that says something. */
function reasonIn(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim())
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? 'no reason was given'
}
