import { expect, it } from 'vitest'
import { jsonReport } from '../../../../../main/scenarios/reporters/json.ts'
import { everyRun, leftOf, textOf } from '../../../../helpers/run-reports.ts'

const ofTank = { file: 'scenarios/tank.scenario.ts', name: 'a tank runs over', seed: 7, repetition: 1 }

it('the JSON report has a version and all that is known of each run', () => {
  const runs = everyRun()
  const read = JSON.parse(textOf(jsonReport(runs, [leftOf(), leftOf({ folder: 'plant', because: '--bail' })]))) as {
    runs: object[]
    runsNotBegun: object[]
  }
  expect(read).toMatchObject({ version: 1, notBegun: 2 })
  expect(read.runsNotBegun).toEqual([
    { ...ofTank, workspace: '.', because: 'stopped' },
    { ...ofTank, workspace: 'plant', because: '--bail' },
  ])
  expect(read.runs).toEqual(runs.map(({ report }) => JSON.parse(JSON.stringify({ workspace: '.', ...report }))))
})

it('the JSON report is laid out as JSON.stringify does', () => {
  for (const text of [textOf(jsonReport(everyRun('a\u2028b\nc'), [leftOf()])), textOf(jsonReport([], []))]) {
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`)
  }
})
