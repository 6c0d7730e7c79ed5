import { expect, it } from 'vitest'
import { jsonReport } from '../../../../../main/scenarios/reporters/json.ts'
import { everyRun } from '../../../../helpers/run-reports.ts'

it('the JSON report has a version and all that is known of each run', () => {
  const runs = everyRun()
  const read = JSON.parse(jsonReport(runs, 2)) as { version: number; notBegun: number; runs: object[] }
  expect(read).toMatchObject({ version: 1, notBegun: 2 })
  expect(read.runs).toEqual(runs.map(({ report }) => JSON.parse(JSON.stringify({ workspace: '.', ...report }))))
})
