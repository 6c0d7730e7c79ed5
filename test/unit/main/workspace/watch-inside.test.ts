import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { watchInside } from '../../../../main/workspace/watch-inside.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'
import { patience } from '../../../helpers/until.ts'

async function watched(folder: string, paths = ['scenarios', '.faultline/runs']) {
  const seen: string[] = []
  const problems: unknown[] = []
  let begun = 0
  const watching = watchInside({
    folder,
    paths,
    depth: 8,
    leavesOut: (name) => name.startsWith('.'),
    onChange: (path) => seen.push(path),
    onReady: () => {
      begun++
    },
    onProblem: (error) => problems.push(error),
  })
  onTestFinished(() => watching.dispose())
  await vi.waitFor(() => expect(begun).toBe(1), patience)
  return { seen, problems, begun: () => begun }
}

function write(folder: string, path: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), String(Math.random()))
}

describe('a watched folder', () => {
  it('is heard of again after it was removed and made anew at once, again and again', async () => {
    const folder = await temporaryFolder()
    write(folder, 'scenarios/own/a.scenario.ts')
    const { problems, seen } = await watched(folder)
    for (let round = 1; round <= 6; round++) {
      rmSync(join(folder, 'scenarios'), { recursive: true })
      mkdirSync(join(folder, 'scenarios/own'), { recursive: true })
      const path = `scenarios/own/${round}.scenario.ts`
      // Written again until it is heard of, but not while it still seems to grow.
      await vi.waitFor(
        () => {
          if (!seen.includes(path)) write(folder, path)
          expect(seen).toContain(path)
        },
        { timeout: 20_000, interval: 300 },
      )
    }
    expect(problems).toEqual([])
  })

  it('is heard of where it was not there yet, nor the folder that it is in', async () => {
    const folder = await temporaryFolder()
    const { seen } = await watched(folder)
    write(folder, '.faultline/runs/one.json')
    await vi.waitFor(() => expect(seen).toContain('.faultline/runs/one.json'), patience)
  })

  it('tells nothing of what is beside it, and nothing of what is left out', async () => {
    const folder = await temporaryFolder()
    const { seen } = await watched(folder)
    write(folder, 'beside/a.ts')
    write(folder, '.faultline/other/a.ts')
    write(folder, 'scenarios/.git/a.ts')
    write(folder, 'scenarios/last.ts')
    await vi.waitFor(() => expect(seen).toContain('scenarios/last.ts'), patience)
    expect(seen.filter((path) => /beside|other|\.git/.test(path))).toEqual([])
  })

  it('may be reached through a link', async () => {
    const folder = await temporaryFolder()
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    const { seen } = await watched(join(folder, 'link'), ['scenarios'])
    write(folder, 'real/scenarios/a.ts')
    await vi.waitFor(() => expect(seen).toContain('scenarios/a.ts'), patience)
  })
})
