import { beforeEach, describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import type { MethodName, Params, Result } from '../../../../app/contract/contract.ts'
import { liveTraffic, type Report, Scenarios } from '../../../../renderer/state/scenarios.ts'
import { until } from '../../../helpers/until.ts'
import { report } from '../features/scenarios/reports.ts'

/** A workbench with these runs kept. */
class Kept {
  readonly reports = new Map<string, Report>()
  readonly asked: string[] = []
  readonly paths: string[] = []

  readonly call = async <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> => {
    this.asked.push(method)
    return this.#answer(method, params as Record<string, unknown>) as Result<M>
  }

  #answer(method: MethodName, params: Record<string, unknown>): unknown {
    const run = this.reports.get(String(params['run']))
    switch (method) {
      case 'scenarios.list':
        return files(...this.paths)
      case 'scenarios.runs':
        return [...this.reports.values()]
          .map(({ duration, file, id, name, repetition, seed, startedAt, verdict }) => ({
            ...{ duration, file, id, name, repetition, seed, startedAt },
            verdict: verdict?.is ?? 'running',
          }))
          .reverse()
      case 'scenarios.run':
        scenarios.queue.set({ running: 1, waiting: 1 })
        return { runs: ['new 1', 'new 2'] }
      case 'scenarios.report':
        if (run === undefined) throw new FaultlineError({ code: 'not-found', message: 'no such run' })
        return run
      case 'scenarios.traffic':
        return run?.recording === undefined ? { stepMs: 1, packets: [] } : { stepMs: 10, packets: [1, 2] }
      case 'scenarios.forget':
        for (const id of params['runs'] as string[]) this.reports.delete(id)
        return {}
      default:
        throw new Error(`nobody expects ${method}`)
    }
  }
}

const files = (...paths: string[]) => paths.map((path) => ({ path, name: path }))

let kept: Kept
let scenarios: Scenarios
const problems: unknown[] = []
const passed = (id: string, more: Partial<Report> = {}) => report({ id, verdict: { is: 'passed' }, ...more })

beforeEach(async () => {
  problems.length = 0
  kept = new Kept()
  kept.reports.set('old', passed('old', { file: 'scenarios/a.scenario.ts' }))
  kept.reports.set('newer', passed('newer', { file: 'scenarios/a.scenario.ts', recording: 'recordings/x' }))
  scenarios = new Scenarios(kept.call, (error) => problems.push(error))
  await scenarios.load()
})

describe('the scenarios on the screen', () => {
  it('show of a file its newest run, with its traffic', async () => {
    scenarios.choose('scenarios/a.scenario.ts')
    await until('its traffic is there', () => scenarios.traffic.value?.packets.length === 2)
    expect(scenarios.report.value?.id).toBe('newer')
    scenarios.choose('scenarios/b.scenario.ts')
    expect([scenarios.run.value, scenarios.report.value]).toEqual([undefined, undefined])
  })

  it('follow the runs that were asked for, until another one is chosen', async () => {
    await scenarios.start({ paths: ['scenarios/b.scenario.ts'] })
    expect(scenarios.run.value).toBe('new 1')
    scenarios.takeProgress(report({ id: 'new 1', file: 'scenarios/b.scenario.ts' }))
    scenarios.takeProgress(report({ id: 'new 2', file: 'scenarios/c.scenario.ts' }))
    expect([scenarios.run.value, scenarios.file.value]).toEqual(['new 2', 'scenarios/c.scenario.ts'])
    scenarios.lookAt({ id: 'old', file: 'scenarios/a.scenario.ts' })
    scenarios.takeProgress(report({ id: 'new 2', duration: 2000 }))
    expect(scenarios.run.value).toBe('old')
    await until('the old one is there', () => scenarios.report.value?.id === 'old')
  })

  it('show nothing of a run that has not begun, and complain of nothing', async () => {
    scenarios.lookAt({ id: 'waiting', file: 'scenarios/a.scenario.ts' })
    await until('it was asked for', () => kept.asked.includes('scenarios.report'))
    expect([scenarios.report.value, problems]).toEqual([undefined, []])
  })

  it('go to the next run of the file when one is forgotten', async () => {
    scenarios.choose('scenarios/a.scenario.ts')
    await scenarios.forget(['newer'])
    expect(scenarios.run.value).toBe('old')
  })
})

describe('the file that is shown', () => {
  const [a, b] = ['scenarios/a.scenario.ts', 'scenarios/b.scenario.ts']

  it('is the first one with its last run, where nobody has chosen', async () => {
    kept.paths.push(a, b)
    await scenarios.load()
    await until('its run is there', () => scenarios.report.value?.id === 'newer')
    expect(scenarios.file.value).toBe(a)
    // It goes where that one goes.
    scenarios.takeFiles(files(b))
    await until('the other', () => scenarios.file.value === b)
    expect([scenarios.run.value, scenarios.report.value]).toEqual([undefined, undefined])
  })

  it('stays where somebody has chosen it, also when it is gone', async () => {
    kept.paths.push(a, b)
    await scenarios.load()
    scenarios.choose(b)
    const before = kept.asked.length
    scenarios.takeFiles(files(a))
    await until('the runs were heard of', () => kept.asked.length > before)
    await scenarios.load()
    expect(scenarios.file.value).toBe(b)
  })

  it('shows its first run, whoever has run it', async () => {
    scenarios.choose(b)
    expect(scenarios.run.value).toBeUndefined()
    kept.reports.set('elsewhere', passed('elsewhere', { file: b }))
    scenarios.takeFiles(files(a, b))
    await until('its run is there', () => scenarios.report.value?.id === 'elsewhere')
  })

  it('has the line that was asked for, until another file is chosen', () => {
    const place = { file: a, line: 6, column: 3 }
    scenarios.takeFiles(files(a, b))
    scenarios.choose(a)
    scenarios.goTo(place)
    expect(scenarios.place.value).toEqual(place)
    scenarios.lookAt({ id: 'old', file: a })
    expect(scenarios.place.value).toEqual(place)
    scenarios.choose(b)
    expect(scenarios.place.value).toBeUndefined()
    scenarios.goTo(place)
    scenarios.lookAt({ id: 'of another', file: 'scenarios/c.scenario.ts' })
    expect(scenarios.place.value).toBeUndefined()
    scenarios.goTo({ ...place, file: 'lib/module.ts' })
    expect(scenarios.place.value).toBeUndefined()
  })
})

describe('a run that goes on', () => {
  it('is the first of the runs from its beginning on, and once', () => {
    const mine = { id: 'mine', file: 'scenarios/a.scenario.ts' }
    const seen = () => scenarios.runs.value.map(({ id, verdict }) => `${id} ${verdict}`)
    scenarios.takeProgress(report(mine))
    const before = scenarios.runs.value
    scenarios.takeProgress(report({ ...mine, duration: 2000 }))
    expect(scenarios.runs.value).toBe(before)
    expect(seen()).toEqual(['mine running', 'newer passed', 'old passed'])
    scenarios.takeProgress(passed('mine', mine))
    expect(seen()).toEqual(['mine passed', 'newer passed', 'old passed'])
  })
})

describe('the traffic of a run that goes on', () => {
  it('is spread over the time in which it was counted, and none is lost', () => {
    const { packets, stepMs } = liveTraffic('r', [
      { at: 100, packets: 10 },
      { at: 400, packets: 10 },
      { at: 500, packets: 40 },
    ])
    expect(stepMs).toBe(50)
    expect(packets.reduce((sum, count) => sum + count, 0)).toBeCloseTo(40)
    expect(packets.slice(3, 7)).toEqual([0, 0, 0, 0])
    expect(packets.at(-1)).toBeGreaterThan(5)
  })
})
