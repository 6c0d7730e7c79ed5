import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { patience } from './helpers/until.ts'

/** A kind of test in its own folder. */
function project(
  name: string,
  options: {
    testTimeout?: number
    hookTimeout?: number
    fileParallelism?: boolean
    isolate?: boolean
    include?: string[]
  } = {},
) {
  return { extends: true as const, test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], ...options } }
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Nothing is ever skipped because nothing was found.
    passWithNoTests: false,
    allowOnly: false,
    // Most tests wait for sockets and processes, so that two at a time suit two cores as well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    expect: { poll: { timeout: patience } },
    projects: [
      // Properties on a machine that is busy with all the others. Nothing here leaves anything behind, and to load the
      // sources anew for each file takes longer than the tests themselves.
      project('unit', { testTimeout: 60_000, isolate: false }),
      // Longer than a test waits for what does not happen.
      project('protocol', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('contract', { testTimeout: 60_000 }),
      project('house', { testTimeout: 120_000, hookTimeout: 300_000 }),
      // One browser and one page that all of them share, one test after the other.
      project('e2e', { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
      // Only where Electron's program is: see test/electron.
      project('electron', { testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false }),
      // Only when asked for: `npm run bench:wire`.
      project('bench', { testTimeout: 300_000, fileParallelism: false, include: ['test/bench/**/*.bench.ts'] }),
    ],
  },
})
