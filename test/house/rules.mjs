// Checks who imports whom, by the rules in .dependency-cruiser.cjs. `node test/house/rules.mjs [FOLDER]` checks the
// repository, or a copy of it in FOLDER; it fails on a breach, and when it saw nothing in one of the top folders.
import { createRequire } from 'node:module'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)
const folders = ['app', 'main', 'renderer', 'simulations', 'test']

/** Resolves to `{ modules, violations, unseen }`; `unseen` are the folders in which there was nothing to check. */
export async function checkRules(baseDir) {
  teachTsx()
  const { cruise } = await import('dependency-cruiser')
  const { default: extractOptions } = await import('dependency-cruiser/config-utl/extract-depcruise-options')
  const options = await extractOptions(fileURLToPath(new URL('../../.dependency-cruiser.cjs', import.meta.url)))
  const { output } = await cruise(folders, { ...options, baseDir })
  const comments = new Map(options.ruleSet.forbidden.map(({ name, comment }) => [name, comment]))
  const sources = output.modules.map(({ source }) => source)
  return {
    modules: sources.filter((source) => folders.some((folder) => source.startsWith(`${folder}/`))).length,
    violations: output.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
      comment: comments.get(rule.name),
    })),
    unseen: folders.filter((folder) => !sources.some((source) => source.startsWith(`${folder}/`))),
  }
}

/** dependency-cruiser parses every file as TypeScript without JSX. It takes the parser from where it is changed here. */
function teachTsx() {
  const swc = require('@swc/core')
  if (swc.parseFileSync.knowsTsx) return
  const parse = swc.parseFileSync.bind(swc)
  swc.parseFileSync = (file, options) => parse(file, { ...options, tsx: file.endsWith('.tsx') })
  swc.parseFileSync.knowsTsx = true
}

async function main() {
  const folder = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url))
  const { modules, violations, unseen } = await checkRules(folder)
  for (const { rule, from, to, comment } of violations) console.log(`${rule}: ${from} → ${to}\n  ${comment}`)
  for (const name of unseen) console.log(`nothing was checked in ${name}/`)
  console.log(`${modules} modules, breaches: ${violations.length}`)
  process.exitCode = violations.length + unseen.length === 0 ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
