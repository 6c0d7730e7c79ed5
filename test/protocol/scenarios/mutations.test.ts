import { describe, expect, it } from 'vitest'
import type { RunReport } from '../../../app/scenario/report.ts'
import { type Breakage, breakingAt } from '../../helpers/broken-broker.ts'
import { breakages } from '../../helpers/broker-breakages.ts'
import { notPassed, setShippedScenarios } from '../../helpers/shipped-scenarios.ts'

/** The scenario that is meant to catch each breakage, and the expectation by which it does. */
const caughtBy: Readonly<Record<string, readonly [scenario: string, expectation: string]>> = {
  'no DUP when it sends again': ['puback-of-subscriber-lost', 'expect(watch).toReceive'],
  "a publisher's DUP reaches subscribers": ['puback-lost', 'expect(watch).toReceive'],
  'what was not acknowledged is not sent again': ['puback-of-subscriber-lost', 'expect(watch).toReceive'],
  'QoS lowered to 0': ['retained-late-subscriber', 'expect(watch).toReceive'],
  'a will is never published': ['will-after-cut', 'expect(pump.will).toBePublished'],
  'a will is published after DISCONNECT': ['will-after-disconnect', 'expect(pump.will).notToBePublished'],
  'a will loses its payload': ['will-after-cut', 'expect(watch).toReceive'],
  'a will is published at QoS 0': ['will-after-cut', 'expect(watch).toReceive'],
  'a will does not wait for its delay': ['will-delay', 'expect(valve.will).notToBePublished'],
  'nothing is retained': ['retained-late-subscriber', 'expect(watch).toReceive'],
  'RETAIN is set on live messages': ['retained-late-subscriber', 'expect(watch).toReceive'],
  'RETAIN is missing on retained messages': ['retained-late-subscriber', 'expect(watch).toReceive'],
  'what is retained cannot be cleared': ['retained-cleared', 'expect(watch).toReceive'],
  'Session Present is always 0': ['session-present', 'expect(value).toEqual'],
  'sessions are forgotten': ['offline-queue', 'expect(value).toBe'],
  'a clean session is kept': ['clean-session-forgets', 'expect(value).toBe'],
  'a session never expires': ['session-expires', 'expect(reader.session).toBeExpired'],
  'the queue is lost when its client comes back': ['offline-queue', 'expect(watch).toReceive'],
  'the queue comes in another order': ['offline-queue', 'expect(watch).toReceive'],
  'PUBREL is not answered': ['pubrel-lost', 'expect(sender.exchanges).toShow'],
  'PUBREL is not sent again': ['pubcomp-lost', 'expect(valve.exchanges).toShow'],
  'QoS 2 is delivered twice': ['pubrec-lost', 'expect(watch).toReceive'],
  'the keep alive is never enforced': ['will-half-open', 'expect(probe.will).toBePublished'],
  'two clients have one Client Identifier': ['taken-over', 'expect(pump.will).toBePublished'],
  'a message never expires': ['message-expires', 'expect(watch).toReceive'],
  'who shares a subscription gets everything': ['shared-subscription', 'expect.poll(…).toBe'],
}

describe('the shipped scenarios, with a broker that breaks a rule', { timeout: 300_000 }, () => {
  const run = setShippedScenarios()

  /** A machine that is too busy for a device to come online in time says nothing of the rule. */
  async function runOne(name: string, begin: () => () => Breakage): Promise<RunReport | undefined> {
    for (let attempt = 1; ; attempt++) {
      const [report] = await run({ names: [name], between: breakingAt(begin()) })
      if (report?.verdict?.is !== 'environment failed' || attempt === 3) return report
    }
  }

  it('pass where packets are read and written anew, and none is changed', async () => {
    const names = [...new Set(Object.values(caughtBy).map(([name]) => name))]
    const reports = await run({ names, workers: 4, between: breakingAt(() => ({})) })
    expect(notPassed(reports)).toEqual([])
    expect(reports).toHaveLength(names.length)
  })

  it('know which of them catches each breakage that there is', () => {
    expect(Object.keys(caughtBy).sort()).toEqual(Object.keys(breakages).sort())
    expect(Object.keys(caughtBy).length).toBeGreaterThanOrEqual(12)
  })

  it.concurrent.each(Object.entries(caughtBy))('catch that %s', async (rule, [scenario, expectation]) => {
    const begin = breakages[rule]
    if (begin === undefined) throw new Error(`there is no breakage '${rule}'`)
    const report = await runOne(scenario, begin)
    expect(report?.verdict).toMatchObject({ is: 'failed', failures: [{ what: expectation }] })
  })
})
