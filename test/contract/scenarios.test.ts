import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Result } from '../../app/contract/contract.ts'
import { runReport } from '../../app/contract/scenarios.ts'
import type { RunReport, Verdict } from '../../app/scenario/report.ts'

/** The same, whether what is undefined is there or absent: messages leave it out. */
type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Loose<Required<T>[Key]> | (undefined extends T[Key] ? undefined : never) }
    : T

type FromContract = Loose<Result<'scenarios.report'>>

const failure = {
  what: 'expect(watch).toReceive',
  expected: 'a message',
  received: 'none',
  place: { file: 'scenarios/x.scenario.ts', line: 3, column: 9 },
  at: 12.5,
  ladder: ['0.1 s a → broker'],
  step: 1,
  soft: false,
  packets: { first: 1, last: 9 },
}
const verdicts: readonly (Verdict | undefined)[] = [
  undefined,
  { is: 'passed' },
  { is: 'stopped' },
  { is: 'failed', failures: [failure, { ...failure, place: undefined, step: undefined, packets: undefined }] },
  { is: 'invalid', mistakes: [{ path: 'devices', message: 'is wrong' }] },
  { is: 'script threw', message: 'oh', place: failure.place },
  { is: 'out of time', message: 'oh', place: undefined },
  { is: 'environment failed', message: 'oh', hint: undefined },
]
const report: RunReport = {
  id: '1',
  file: 'scenarios/x.scenario.ts',
  name: 'x',
  seed: 'a',
  repetition: 1,
  startedAt: 1,
  verdict: undefined,
  duration: 1.5,
  preparation: 0.5,
  target: '',
  steps: [
    {
      number: 1,
      parent: undefined,
      name: 's',
      at: 0,
      duration: undefined,
      outcome: 'running',
      place: undefined,
      firstPacket: 1,
      lastPacket: undefined,
    },
  ],
  expectations: [
    {
      what: 'w',
      expected: 'e',
      received: '',
      at: 0,
      duration: undefined,
      outcome: 'waiting',
      soft: true,
      step: undefined,
      place: undefined,
    },
  ],
  deeds: [{ what: 'power', kind: 'powerLoss', at: 1, step: 1, place: undefined }],
  thresholds: [{ metric: 'm', text: '== 0', held: true, value: '0' }],
  log: [{ at: 1, text: 'l' }],
  counts: { packets: 1, connections: 1, published: 1, delivered: 1, dropped: 0, notKept: 0 },
  unrepeatable: ['time'],
  recording: 'recordings/x.faultline',
}

describe('a report over the contract', () => {
  it('is what a report is, and a report is what the contract says', () => {
    expectTypeOf<FromContract>().toExtend<Loose<RunReport>>()
    expectTypeOf<Loose<RunReport>>().toExtend<FromContract>()
  })

  it('arrives whole, whatever became of the run', () => {
    for (const verdict of verdicts) {
      const sent = { ...report, verdict }
      expect(v.parse(runReport, JSON.parse(JSON.stringify(sent)))).toEqual(JSON.parse(JSON.stringify(sent)))
      expect(v.parse(runReport, structuredClone(sent))).toEqual(sent)
    }
  })

  it('is refused with anything in it that the contract does not know', () => {
    expect(v.safeParse(runReport, { ...report, more: 1 }).success).toBe(false)
    expect(v.safeParse(runReport, { ...report, verdict: { is: 'fine' } }).success).toBe(false)
  })
})
