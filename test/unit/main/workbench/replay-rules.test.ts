import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleDefaults } from '../../../../app/faults/check-rule.ts'
import { readRules } from '../../../../main/workbench/replay-rules.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

async function file(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'rules.json')
  await writeFile(path, text)
  return path
}

describe('rules of a file', () => {
  it('have the defaults of the workbench for what they do not say', async () => {
    const rules = await readRules(await file('[{ "fault": "latency", "settings": { "ms": 40 }, "clients": "a*" }]'))
    expect(rules).toEqual([
      { ...ruleDefaults('latency'), name: expect.stringContaining('40'), clients: 'a*', settings: { ms: 40 } },
    ])
    expect(await readRules(await file('[]'))).toEqual([])
  })

  it.each([
    ['[{ "fault": "kut" }]', 'rule 1: the rule is not right: there is no fault “kut”'],
    ['[{ "fault": "cut" }, { "filter": "type:subscribe" }]', 'rule 2 names no fault'],
    ['[{ "fault": "cut", "filtre": "" }]', 'filtre'],
    ['[{ "fault": "cut", "times": -1 }]', 'times'],
    ['{}', 'it is no list'],
    ['[', 'holds no rules'],
  ])('are refused where they are %s', async (text, why) => {
    await expect(readRules(await file(text))).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(why),
    })
  })

  it('are refused where there is no file', async () => {
    await expect(readRules(join(await temporaryFolder(), 'none.json'))).rejects.toMatchObject({ code: 'not-found' })
  })
})
