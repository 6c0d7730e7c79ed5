import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findScenarios, globExpression } from '../../../../main/workspace/find-scenarios.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

async function folderWith(...paths: readonly string[]): Promise<string> {
  const folder = await temporaryFolder()
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), '')
  }
  return folder
}

describe('the scenarios that are meant', () => {
  const paths = [
    'plant/scenarios/b.scenario.ts',
    'plant/scenarios/deep/a.scenario.ts',
    'plant/scenarios/helper.ts',
    'plant/scenarios/node_modules/x/scenarios/c.scenario.ts',
    'plant/elsewhere.scenario.ts',
    'other/alone.scenario.ts',
  ]
  const find = async (...words: readonly string[]) => {
    const folder = await folderWith(...paths)
    const found = await findScenarios(words, folder)
    return found.map(({ file, workspace }) => `${workspace.slice(folder.length + 1)}: ${file}`)
  }
  const b = 'plant: scenarios/b.scenario.ts'
  const a = 'plant: scenarios/deep/a.scenario.ts'

  it('are files, each in the workspace above its folder of scenarios, or else in its own folder', async () => {
    expect(await find('plant/scenarios/deep/a.scenario.ts', 'other/alone.scenario.ts')).toEqual([
      a,
      'other: alone.scenario.ts',
    ])
  })

  it('are what lies in the scenarios of a workspace, or anywhere in another folder', async () => {
    expect(await find('plant')).toEqual([b, a])
    expect(await find('other')).toEqual(['other: alone.scenario.ts'])
    expect(await find()).toEqual(['other: alone.scenario.ts', 'plant: elsewhere.scenario.ts', b, a])
  })

  it('are what a pattern fits, none twice', async () => {
    expect(await find('plant/scenarios/*.scenario.ts')).toEqual([b])
    expect(await find('**/a.*', 'plant/**/{a,b}.scenario.ts')).toEqual([a, b])
  })

  it('are refused where there are none, or where they are something else', async () => {
    await expect(find('plant/none.scenario.ts')).rejects.toMatchObject({ code: 'invalid-argument', hint: undefined })
    await expect(find('plant/*.none')).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(find('plant/scenarios/helper.ts')).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(findScenarios([], await temporaryFolder())).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it.each(['other/alone', 'other/alone.ts', 'other/alone.scenario', 'other/alnoe.scenario.ts'])(
    'are guessed where %s is none',
    async (word) => {
      const hint = 'did you mean other/alone.scenario.ts?'
      await expect(find(word)).rejects.toMatchObject({ code: 'invalid-argument', hint })
    },
  )
})

describe('a pattern of paths', () => {
  it.each([
    ['/a/*.ts', '/a/b.ts', true],
    ['/a/*.ts', '/a/b/c.ts', false],
    ['/a/*.ts', '/a/bxts', false],
    ['/a/**/c.ts', '/a/c.ts', true],
    ['/a/**/c.ts', '/a/b/b/c.ts', true],
    ['/a/**', '/a/b/c.ts', true],
    ['/a/?.ts', '/a/b.ts', true],
    ['/a/?.ts', '/a/bb.ts', false],
    ['/{a,b*}/c', '/bb/c', true],
    ['/{a,b*}/c', '/cb/c', false],
    ['/a}(,[+/b', '/a}(,[+/b', true],
    ['/{a', '/a', true],
  ])('%s and %s: %s', (pattern, path, fits) => {
    expect(globExpression(pattern).test(path)).toBe(fits)
  })
})
