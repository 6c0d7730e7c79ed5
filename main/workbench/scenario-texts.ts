import { resolvePath } from '../../app/script-api/workspace-path.ts'
import type { ScenarioText } from '../scenarios/planning.ts'
import { readTextFile } from '../workspace/text-files.ts'

/** Scripts of one run; who imports more is typed as far as that. */
const mostFiles = 500

export interface Texts {
  readonly texts: ReadonlyMap<string, string>
  /** What could not be read. */
  readonly absent: ReadonlySet<string>
}

/** The scenarios, the scripts of devices that they name, and what all of these import; as far as it is there. */
export async function textsOf(workspace: string, scenarios: readonly ScenarioText[]): Promise<Texts> {
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

/** Texts of what a scenario imports, and of its devices. */
export function othersOf(file: string, texts: ReadonlyMap<string, string>, scripts: readonly string[]): string[] {
  const found = new Set([file, ...scripts.map((script) => `devices/${script}.device.ts`)])
  // What is found while it goes on is gone through as well.
  for (const path of found) for (const other of modulesOf(path, texts.get(path) ?? '')) found.add(other)
  found.delete(file)
  return [...found].map((path) => texts.get(path) ?? '')
}
