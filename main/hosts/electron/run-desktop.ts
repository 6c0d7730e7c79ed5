import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * How the desktop window's process ended.
 * - `code`: it ended by itself, with one of our exit codes
 * - `neverOpened`: it did not get as far as to speak: libraries are missing, its sandbox is refused, and the like
 * - `crashed`: it was running
 */
export type DesktopEnd = { readonly code: number } | { readonly neverOpened: string } | { readonly crashed: string }

/** Above it are the codes of shells and of Chromium: then it was not the workbench that ended. */
const highestExitCode = 5

/** Runs the desktop window in Electron's own process, hands signals on to it, and waits for its end. */
export function runDesktop(program: string, entry: URL, args: readonly string[]): Promise<DesktopEnd> {
  // An editor built on Electron sets this in its terminals, and Electron would then be a plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const child = spawn(program, [fileURLToPath(entry), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  handSignalsOn(child)
  let ready = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    ready ||= line.startsWith('ready ')
    process.stdout.write(`${line}\n`)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ neverOpened: error.message }))
    child.on('close', (code, signal) => {
      if (code !== null && code <= highestExitCode) resolve({ code })
      else if (ready) resolve({ crashed: `the desktop window's process ended with ${signal ?? code}` })
      else resolve({ neverOpened: `it ended at once with ${signal ?? code}` })
    })
  })
}

function handSignalsOn(child: ChildProcess): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
}
