#!/usr/bin/env node
// Starts the command line from its sources: what is missing or out of date in dist/ is built first. This file and
// build.mjs are plain JavaScript because Node 20 cannot run TypeScript, and nothing is built when packages are installed.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { ensureBuilt } from './build.mjs'

const root = new URL('../../../', import.meta.url)
process.setSourceMapsEnabled(true)

try {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Error(`Node ${process.versions.node} is too old; install Node 20.19 or newer`)
  }
  // Help is wanted at once, and is as good from the build before.
  const helps = process.argv.slice(2).some((word) => word === '--help' || word === '-h')
  if (!helps || !existsSync(new URL('dist/faultline.js', root)))
    await ensureBuilt(root, (line) => process.stderr.write(`faultline: ${line}\n`))
} catch (error) {
  process.stderr.write(`faultline: ${error instanceof Error ? error.message : error}\n`)
  // The code of a failed environment, as in exit-codes.ts, which is not built at this point.
  process.exit(5)
}

const { main } = await import(new URL('dist/faultline.js', root).href)
await main(process.argv.slice(2), root)
