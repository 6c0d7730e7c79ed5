import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFirst, root } from '../helpers/command-line.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const rounds = 5
/** What it may cost beyond what the scenario takes by itself, in milliseconds. */
const mostBeyond = 1500

/** The quickest of several, in milliseconds: what else the machine does only ever makes one slower. */
function quickest(cwd: string, ...words: readonly string[]): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    const { status, stderr } = spawnSync(process.execPath, words, { cwd, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return performance.now() - start
  })
  return Math.min(...times)
}

describe('faultline run on one scenario of 1 s', () => {
  beforeAll(buildFirst, 120_000)

  it('costs less than 1.5 s beyond it, cold', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'scenarios'))
    const body =
      "import { scenario } from 'faultline'\nexport default scenario('one second', {}, ({ wait }) => wait('1s'))\n"
    await writeFile(join(folder, 'scenarios', 'one.scenario.ts'), body)
    const node = quickest(folder, '-e', '0')
    const beyond = quickest(folder, join(root, 'main/hosts/cli/faultline.mjs'), 'run', '--record', 'off') - 1000
    console.log(
      `beyond 1 s: ${beyond.toFixed(0)} ms, ${(beyond / node).toFixed(1)} times an empty Node (${node.toFixed(0)} ms)`,
    )
    expect(beyond).toBeLessThan(mostBeyond)
  })
})
