import { onTestFinished } from 'vitest'
import type { Expectation, Subject } from '../../app/script-api/scenario-crossing.ts'
import type { Bench } from '../../main/scenarios/bench.ts'
import { Evidence } from '../../main/scenarios/evidence.ts'
import { createExpectations, type Expectations, type Judgement } from '../../main/scenarios/expect/expectations.ts'
import { systemClock } from '../../main/workbench/system-clock.ts'
import { planOf, type StageOptions, setBenchStage, settingsFor } from './bench-stage.ts'
import { until } from './until.ts'

export interface ExpectStage {
  readonly bench: Bench
  readonly evidence: Evidence
  readonly expectations: Expectations
  judge(subject: Subject, expectation: Expectation, within?: number): Promise<Judgement>
  /** Waits until a watch has received so many. */
  received(watch: Subject, count: number): Promise<unknown>
  /** Subscribes, and gives the watch. */
  watch(client: string, filters: string | readonly string[], qos?: 0 | 1 | 2): Promise<Subject>
  publish(client: string, topic: string, text: string, options?: { qos?: 0 | 1 | 2; retain?: boolean }): Promise<void>
  /** Opens a client, with a will to `wills/<id>` where one is wanted. */
  client(id: string, options?: { will?: boolean; version?: 4 | 5; expiry?: number; clean?: boolean }): Promise<void>
}

/** Expectations on real benches, for the tests of a file. */
export function setExpectStage() {
  const open = setBenchStage()
  return async (options: StageOptions = {}): Promise<ExpectStage> => {
    const { bench } = await open(options)
    const problems: unknown[] = []
    const evidence = new Evidence(bench.capture, systemClock, (error) => problems.push(error))
    const plan = planOf(options.plan)
    const expectations = createExpectations({
      bench,
      evidence,
      clock: systemClock,
      plan,
      startedAt: systemClock.monotonic(),
    })
    onTestFinished(() => {
      expectations.dispose()
      evidence.dispose()
      if (problems.length > 0) throw problems[0]
    })
    return {
      bench,
      evidence,
      expectations,
      judge: (subject, expectation, within) =>
        expectations.judge({ do: 'expect', subject, expectation, within, soft: false }),
      received: (subject, count) =>
        until(
          `${count} messages have come`,
          () => subject.is === 'watch' && expectations.readWatch(subject.watch).count === count,
        ),
      watch: async (client, filters, qos = 2) => {
        const all = typeof filters === 'string' ? [filters] : filters
        const watch = expectations.watch(client, all)
        await bench.clients.subscribe({ id: client, filters: [...all], qos })
        return { is: 'watch', watch }
      },
      publish: (id, topic, text, { qos = 1, retain = false } = {}) =>
        bench.clients.publish({ id, topic, qos, retain }, Buffer.from(text)),
      client: async (id, { clean = true, expiry, version = 4, will = false } = {}) => {
        await bench.clients.open(
          id,
          settingsFor(id, {
            protocolVersion: version,
            cleanStart: clean,
            ...(expiry === undefined ? {} : { properties: { sessionExpiryInterval: expiry } }),
            ...(will ? { will: { topic: `wills/${id}`, payload: 'gone', qos: 1, retain: false } } : {}),
          }),
        )
      },
    }
  }
}

export function text(of: string): { is: 'text'; text: string } {
  return { is: 'text', text: of }
}

export function expression(source: string, flags = ''): { is: 'expression'; source: string; flags: string } {
  return { is: 'expression', source, flags }
}
