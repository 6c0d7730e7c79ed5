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
    exclude?: string[]
    setupFiles?: string[]
    runner?: string
  } = {},
) {
  return { extends: true as const, test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], ...options } }
}

/** What takes too long for every run of CI: `npm run test:long`, before anything of theirs is landed. */
const long = [
  'test/protocol/scenarios/mutations.test.ts',
  'test/protocol/scenarios/shipped.test.ts',
  'test/protocol/hosts/command-line-check.test.ts',
  'test/protocol/hosts/command-line-fleet.test.ts',
  'test/protocol/broker/stores/redis-shares.test.ts',
  'test/protocol/devices/escapes/endless.test.ts',
  'test/protocol/devices/escapes/files.test.ts',
  'test/protocol/devices/escapes/reaching-out.test.ts',
  'test/protocol/workbench/check-runs.test.ts',
  'test/protocol/workbench/check-scenarios.test.ts',
  'test/protocol/workbench/device-faults.test.ts',
  'test/protocol/workbench/templates.test.ts',
  'test/protocol/recorder/wireshark.test.ts',
  'test/protocol/workbench/replay.test.ts',
  'test/unit/main/hosts/cli/build.test.ts',
]

const sameCases = ['test/helpers/same-cases.ts']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Nothing is ever skipped because nothing was found.
    passWithNoTests: false,
    allowOnly: false,
    // Many tests wait for sockets and processes most of the time, so that one more than there are cores keeps these busy.
    maxWorkers: availableParallelism() + 1,
    expect: { poll: { timeout: patience } },
    projects: [
      // Properties on a machine that is busy with all the others. Nothing here leaves anything behind, and to load the
      // sources anew for each file takes longer than the tests themselves.
      project('unit', { testTimeout: 120_000, isolate: false, exclude: long, setupFiles: sameCases }),
      // Only when asked for: `npm run test:explore`.
      project('explore', {
        testTimeout: 120_000,
        isolate: false,
        include: ['test/unit/**/*.test.{ts,tsx}'],
        // The models draw new steps anyway: `MODEL_STEPS` takes more of them.
        exclude: [...long, 'test/unit/main/broker/model/**'],
        runner: 'test/helpers/repeating-runner.ts',
      }),
      // Longer than a test waits for what does not happen.
      project('protocol', { testTimeout: 180_000, hookTimeout: 120_000, exclude: long, setupFiles: sameCases }),
      project('long', { testTimeout: 180_000, hookTimeout: 120_000, include: long }),
      project('contract', { testTimeout: 120_000 }),
      project('house', { testTimeout: 120_000, hookTimeout: 300_000 }),
      // One browser and one page that all of them share, one test after the other.
      project('e2e', { testTimeout: 300_000, hookTimeout: 180_000, fileParallelism: false }),
      // Only where Electron's program is: see test/electron.
      project('electron', { testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false }),
      // Only when asked for: `npm run bench:wire`.
      project('bench', { testTimeout: 300_000, fileParallelism: false, include: ['test/bench/**/*.bench.ts'] }),
    ],
  },
})
