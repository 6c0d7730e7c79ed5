import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { exported, inOurWords } from '../../../../app/script-api/compiler-words.ts'

describe('a name that has to be imported', () => {
  it('is one of those that the API exports, and no other', async () => {
    const folder = new URL('../../../../app/script-api/', import.meta.url)
    const files = (await readdir(folder)).filter((file) => file.endsWith('.d.ts'))
    const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))
    const names = texts.flatMap((text) => [...text.matchAll(/^ {2}export (?:function|const) (\w+)/gm)])
    expect([...exported].toSorted()).toEqual(names.map(([, name]) => name).toSorted())
  })

  it('comes with how to import it', () => {
    expect(inOurWords('a.scenario.ts', 'TS2304', "Cannot find name 'scenario'.")).toBe(
      "Cannot find name 'scenario'. Write: import { scenario } from 'faultline'",
    )
    expect(inOurWords('a.scenario.ts', 'TS2304', "Cannot find name 'scenary'.")).toBe("Cannot find name 'scenary'.")
  })
})
