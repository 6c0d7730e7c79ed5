import { expect, it } from 'vitest'
import { Emitter } from '../../../../app/base/emitter.ts'
import type { Ask } from '../../../../app/script-api/scenario-crossing.ts'
import type { Bench } from '../../../../main/scenarios/bench.ts'
import { type RunOptions, ScenarioRun } from '../../../../main/scenarios/run.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const nothing = new Emitter<never>().event

/** A run of which only what it is asked for is there, and when. */
function open() {
  const clock = new FakeClock()
  const seen: string[] = []
  const bench = {
    devices: { list: () => [], get: () => undefined, onChanged: nothing, onHandled: nothing, onConsole: nothing },
    fleets: { list: () => [], onChanged: nothing },
    clients: { publish: async () => void seen.push('publish'), onReceived: nothing, state: () => ({ online: true }) },
    wire: { state: () => ({ rules: [], held: [], breakpoints: [] }), onChanged: nothing, cut: () => seen.push('cut') },
    broker: { own: true, running: true, sessions: () => [], onSessions: nothing },
    capture: { first: 1, next: 1, onRecorded: nothing, read: () => new Uint8Array(), startedAt: 0, time: 0 },
    async record() {
      seen.push('record')
      clock.advance(5000)
      for (let i = 0; i < 5; i++) await turn()
      seen.push('recorded')
    },
    close: async () => void seen.push('close'),
  } as unknown as Bench
  let isOver = false
  /** It does not come to its end. */
  const body = async (ask: (ask: Ask) => Promise<unknown>) => {
    void ask({ do: 'cut', clients: 'observer', how: 'rst' })
    while (!isOver) {
      await ask({ do: 'begin step', name: 'again', running: [] })
      await ask({ do: 'publish', id: 'observer', topic: 'a', qos: 0, retain: false, text: '' })
      await turn()
    }
  }
  const script = {
    plan: async () => ({}),
    run: (_: unknown, ask: (...asked: unknown[]) => Promise<unknown>) =>
      body((what) => ask(what, undefined, undefined)).then(() => new Promise(() => {})),
    dispose: () => {
      isOver = true
    },
  }
  const plan = {
    name: 'x',
    seed: 1,
    timeoutMs: 20,
    groups: [],
    broker: { limits: {}, store: 'memory' },
    thresholds: [],
  }
  const options = { id: '1', workspace: '/', file: 'x', repetition: 1, plan, script, clock, log: () => {} }
  const recordTo = async () => ({ path: '/x', name: 'x' })
  const more = { openBench: async () => bench, recordTo, onProgress: () => {} }
  return { clock, seen, run: new ScenarioRun({ ...options, ...more } as unknown as RunOptions) }
}

it('a run does nothing more when its verdict is there, however long it takes to record it', async () => {
  const { clock, run, seen } = open()
  const running = run.run()
  while (!seen.includes('publish')) await turn()
  clock.advance(20)
  const report = await running
  expect(report).toMatchObject({ verdict: { is: 'out of time' }, recording: 'x', duration: 20 })
  expect(seen.slice(seen.indexOf('record'))).toEqual(['record', 'recorded', 'close'])
  expect(report.steps.filter(({ outcome }) => outcome === 'running')).toEqual([])
  expect(report.deeds.filter(({ at }) => at > report.duration)).toEqual([])
})
