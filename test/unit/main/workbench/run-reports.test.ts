import { describe, expect, it } from 'vitest'
import type { RunId } from '../../../../main/scenarios/runner.ts'
import { mistakesReport, notBegun, notBegunLines, RunReports } from '../../../../main/workbench/run-reports.ts'
import type { PlacedMistake } from '../../../../main/workbench/scenario-runs.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { failed, runOf, textOf } from '../../../helpers/run-reports.ts'

const from = '/plants'
const file = 'scenarios/x.scenario.ts'

function mistake(more: Partial<PlacedMistake> = {}): PlacedMistake {
  const place = { file, line: 4, column: 3 }
  return { workspace: '/plants/plant', file, path: 'sead', message: 'is no option', place, thrown: false, ...more }
}

describe('the list of runs', () => {
  it('says once why a run may not be the same again', () => {
    const lines: string[] = []
    const options = { from, of: 2, colour: false, line: (text: string) => lines.push(text), progress: undefined }
    const reports = new RunReports(options)
    const plan = { name: 'x', seed: 1 }
    const scenario = { workspace: from, file, plan, source: '', script: undefined } as unknown as RunId['scenario']
    const unrepeatable = [['Devices act in real time.'], ['Devices act in real time.', 'The storm is not.']]
    for (const [i, sentences] of unrepeatable.entries()) {
      reports.hear({ id: `${i}`, scenario }, runOf({ verdict: failed({}), unrepeatable: sentences }).report)
    }
    expect(lines.filter((line) => line.includes('not the same again'))).toEqual([
      '  not the same again: Devices act in real time.',
      '  not the same again: The storm is not.',
    ])
  })
})

describe('the reports of scenarios that are wrong', () => {
  const clock = new FakeClock()
  const said = { seed: 'a b', target: undefined, timeoutMs: 500 }
  const mistakes = [
    mistake(),
    mistake({ path: '', message: 'it threw', place: undefined, thrown: true }),
    mistake({ workspace: '/plants/other' }),
  ]
  const plan = { name: 'right', seed: 7 }
  const right = {
    workspace: '/plants/plant',
    file: 'scenarios/right.scenario.ts',
    plan,
  } as unknown as RunId['scenario']
  const left = notBegun([right], 2)
  const textOfMistakes = async (...what: Parameters<typeof mistakesReport>) => textOf(await mistakesReport(...what))

  it('have a run for each file, with all that is wrong in it', async () => {
    const { runs } = JSON.parse(await textOfMistakes('json', { left, mistakes }, { clock, from, said }))
    expect(runs).toMatchObject([
      {
        workspace: 'plant',
        file,
        name: file,
        seed: 'a b',
        verdict: {
          is: 'invalid',
          mistakes: [
            { path: 'sead', place: { line: 4 } },
            { path: '', message: 'it threw' },
          ],
        },
      },
      { workspace: 'other', verdict: { is: 'invalid', mistakes: [{ path: 'sead' }] } },
    ])
    expect(new Set(runs.map(({ id }: { id: string }) => id)).size).toBe(2)
  })

  it('have what was not begun for it, with every repetition', async () => {
    const because = 'mistakes in other files'
    const json = JSON.parse(await textOfMistakes('json', { left, mistakes }, { clock, from, said }))
    expect(json.runsNotBegun).toMatchObject([
      { workspace: 'plant', file: right.file, name: 'right', seed: 7, repetition: 1, because },
      { repetition: 2, because },
    ])
    const text = await textOfMistakes('junit', { left, mistakes }, { clock, from, said })
    expect(text.match(/<skipped message="not begun: mistakes in other files"\/>/g)?.length).toBe(2)
    expect(await textOfMistakes('html', { left, mistakes }, { clock, from, said })).toContain(
      'not begun 2 times: mistakes in other files',
    )
    expect(notBegunLines(left, { colour: false, from })).toEqual([
      '- right  not begun 2 times: mistakes in other files  plant/scenarios/right.scenario.ts',
    ])
  })

  it('are an error for who reads JUnit, and say where', async () => {
    const text = await textOfMistakes('junit', { left, mistakes }, { clock, from, said })
    expect(text).toContain('tests="1" failures="0" errors="1"')
    expect(text).toContain(
      '<error message="invalid  plant/scenarios/x.scenario.ts:4:3 (and 1 more): sead is no option" type="invalid">',
    )
    expect(text).toContain("again: faultline run plant/scenarios/x.scenario.ts --seed 'a b' --timeout 500ms")
  })

  it('are a page as well', async () => {
    expect(await textOfMistakes('html', { left, mistakes }, { clock, from, said })).toContain('sead is no option')
  })
})
