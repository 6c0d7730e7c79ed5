import type { PlannedScenario } from '../scenarios/planning.ts'
import { type RunnerOptions, ScenarioRunner } from '../scenarios/runner.ts'

/** Runs what it was given, once; can be stopped meanwhile. */
export type Running = Pick<ScenarioRunner, 'run' | 'stop'>

/**
 * Makes what runs scenarios: several at the same time on brokers of their own, and after them one by one those at a target.
 * There the clients of one run would throw those of another out, which have the same Client Identifiers, and two URLs may
 * well lead to one broker.
 */
export function runInTurn(scenarios: readonly PlannedScenario[], options: RunnerOptions): Running {
  const { bail, log, repeat, workers } = options
  const atTarget = scenarios.filter(({ plan }) => plan.target !== undefined)
  if (workers === 1 || atTarget.length * repeat < 2) return new ScenarioRunner(scenarios, options)
  log('runs at a target go one at a time: their clients have the same names')
  const own = scenarios.filter((scenario) => !atTarget.includes(scenario))
  const first = new ScenarioRunner(own, options)
  const last = new ScenarioRunner(atTarget, { ...options, workers: 1 })
  return {
    async run() {
      const before = await first.run()
      if (bail && before.runs.some(({ report }) => report.verdict?.is !== 'passed')) last.stop('--bail')
      const after = await last.run()
      return { runs: [...before.runs, ...after.runs], left: [...before.left, ...after.left] }
    },
    stop() {
      first.stop()
      last.stop()
    },
  }
}
