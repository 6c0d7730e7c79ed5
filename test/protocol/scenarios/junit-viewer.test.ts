import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'test-results-parser'
import { describe, expect, it } from 'vitest'
import { junitReport } from '../../../main/scenarios/reporters/junit.ts'
import type { ReportedLeft, ReportedRun } from '../../../main/scenarios/reporters/reported.ts'
import { everyRun, leftOf, textOf } from '../../helpers/run-reports.ts'
import { scenarioFile, setRunnerStage } from '../../helpers/run-scenarios.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

/** What a library reads that shows results of all kinds of test runners. */
async function viewed(runs: readonly ReportedRun[], left: readonly ReportedLeft[]) {
  const file = join(await temporaryFolder(), 'report.xml')
  await writeFile(file, textOf(junitReport(runs, left)))
  return parse({ type: 'junit', files: [file] })
}

describe('the JUnit report in a viewer', () => {
  const stage = setRunnerStage()

  it('has the counts, names, times and failures of real runs', async () => {
    const failing = `  const watch = await observer.subscribe('odd')
  await observer.publish('odd', '\\u0000 ]]> <i>&amp; \\u{1f600}')
  await expect.soft(watch).toReceive({ payload: 'x]]>\\u0007' }, { within: 50 })
  await step('again', () => expect(3).toBe(4))`
    const { runs } = await stage.run(
      {
        'scenarios/a-passes.scenario.ts': scenarioFile("  log('\\u0000 ]]>')", ''),
        'scenarios/b-fails.scenario.ts': scenarioFile(failing, "thresholds: { 'delivery.lost': '> 3' }"),
        'scenarios/c-throws.scenario.ts': scenarioFile("  throw new Error('oh \\u0000 no ]]>\\n\\nreally')", ''),
        'scenarios/d-is-late.scenario.ts': scenarioFile("  await wait('1m')", "timeout: '100ms'"),
        'scenarios/e-finds-no-broker.scenario.ts': scenarioFile('', "target: 'mqtt://127.0.0.1:1'"),
      },
      { workers: 3 },
    )
    const reported = runs.map(({ report }) => ({ report, folder: '' }))
    const { suites, ...all } = await viewed(reported, [leftOf({ because: '--bail' })])
    expect(all).toMatchObject({ total: 5, passed: 1, failed: 1, errors: 3, skipped: 1, status: 'FAIL' })
    expect(suites.map(({ name }) => name).toSorted()).toEqual([
      'scenarios/a-passes.scenario.ts',
      'scenarios/b-fails.scenario.ts',
      'scenarios/c-throws.scenario.ts',
      'scenarios/d-is-late.scenario.ts',
      'scenarios/e-finds-no-broker.scenario.ts',
      'scenarios/tank.scenario.ts',
    ])
    const shown = new Map(
      suites.map(({ cases, name }) => [name.slice('scenarios/'.length, -'.scenario.ts'.length), cases[0]]),
    )
    expect(shown.get('a-passes')).toMatchObject({ name: 'a test', status: 'PASS', failure: '' })
    expect(shown.get('tank')).toMatchObject({ name: 'a tank runs over', status: 'SKIP' })
    expect(shown.get('c-throws')).toMatchObject({
      status: 'FAIL',
      failure: expect.stringMatching(/^script threw .*c-throws\.scenario\.ts:4:\d+: oh \\u0000 no \]\]>/),
      stack_trace: expect.stringMatching(/oh \\u0000 no \]\]>\n\nreally$/),
    })
    expect(shown.get('d-is-late')?.failure).toMatch(/^out of time .*did not end within 100 ms/)
    expect(shown.get('e-finds-no-broker')?.failure).toMatch(/^environment failed: .*127\.0\.0\.1:1/)
    const failed = shown.get('b-fails')
    expect(failed?.failure).toMatch(
      /^expect\.soft\(watch\)\.toReceive .*b-fails\.scenario\.ts:6:\d+ \(and 2 more\): expected: /,
    )
    const told = runs.flatMap(({ report }) => (report.verdict?.is === 'failed' ? report.verdict.failures : []))
    expect(told).toHaveLength(3)
    for (const { expected, ladder, received, what } of told) {
      for (const text of [what, expected, received, ...ladder]) expect(failed?.stack_trace).toContain(text)
    }
    expect(failed?.stack_trace).toMatch(/PUBLISH .*\]\]> <i>&amp; \u{1f600}/u)
    for (const { report } of runs) {
      const time = suites.find(({ name }) => name === report.file)?.cases[0]?.duration
      expect(Math.abs((time ?? Number.NaN) - report.duration)).toBeLessThan(1)
    }
  })

  it('has each verdict, whatever its texts are', async () => {
    const { suites, ...all } = await viewed(everyRun(), [leftOf(), leftOf({ repetition: 2 })])
    expect(all).toMatchObject({ total: 6, passed: 1, failed: 1, errors: 4, skipped: 3 })
    expect(suites.flatMap(({ cases }) => cases.map(({ status }) => status))).toEqual(
      'PASS FAIL FAIL FAIL FAIL FAIL SKIP SKIP SKIP'.split(' '),
    )
    // No sign is lost, and none makes a reader doubt that it is UTF-8.
    const name = String.raw`<b>"it's" & ]]> \u0000\u001b[31m\ud800 ${'\u{1f600}'}`
    expect(suites[0]?.cases[1]?.name).toContain(name)
    expect(suites[0]?.cases[1]?.stack_trace).toContain(`${name}\\u000d\n</script><!--`)
    expect(textOf(junitReport(everyRun('\ufffd'), []))).not.toContain('\ufffd')
  })
})
