import type { ExpectationReport, Failure, RunReport, Verdict } from '../../app/scenario/report.ts'
import type { Report, ReportedLeft, ReportedRun } from '../../main/scenarios/reporters/reported.ts'

/** What a name, a payload or an error can have in it, to everybody's regret. */
export const nasty = `<b>"it's" & ]]> \u0000\u001b[31m\ud800 \u{1f600}\r\n</script><!--`

/** Without one, a report says that nothing was expected. */
const held: ExpectationReport = {
  what: 'expect(watch).toReceive',
  expected: 'a message',
  received: 'one came',
  at: 300,
  duration: 20,
  outcome: 'held',
  soft: false,
  step: undefined,
  place: undefined,
}

/** A run as it can be; the parts that a test is about are given. */
export function runOf(report: Partial<RunReport> = {}, folder = ''): ReportedRun {
  return {
    folder,
    report: {
      id: '20261122-171503-042-pump',
      file: 'scenarios/pump.scenario.ts',
      name: 'a pump loses power',
      seed: 42,
      repetition: 1,
      startedAt: Date.UTC(2026, 10, 22, 17, 15, 3, 42),
      verdict: { is: 'passed' },
      duration: 1234.5,
      preparation: 200,
      target: '',
      steps: [],
      expectations: [held],
      deeds: [],
      thresholds: [],
      log: [],
      counts: { packets: 12, connections: 2, published: 3, delivered: 3, dropped: 0, notKept: 0 },
      unrepeatable: [],
      recording: undefined,
      ...report,
    },
  }
}

/** All of a report, as it is written. */
export function textOf(report: Report): string {
  return [...report].map((piece) => `${piece}\n`).join('')
}

/** A run that was never begun. */
export function leftOf(left: Partial<ReportedLeft> = {}): ReportedLeft {
  const file = 'scenarios/tank.scenario.ts'
  return { folder: '', file, name: 'a tank runs over', seed: 7, repetition: 1, because: 'stopped', ...left }
}

export function failureOf(failure: Partial<Failure> = {}): Failure {
  return {
    what: 'expect(watch).toReceive',
    expected: 'a message with payload "offline"',
    received: 'nothing came',
    place: { file: 'scenarios/pump.scenario.ts', line: 12, column: 9 },
    at: 900,
    ladder: ['     0.812 s  pump-01  ──PUBLISH 7 QoS 2──────▶  broker'],
    step: undefined,
    soft: false,
    packets: undefined,
    ...failure,
  }
}

export function failed(...failures: readonly Partial<Failure>[]): Verdict {
  return { is: 'failed', failures: failures.map(failureOf) }
}

/** One of each verdict, with something in every field. */
export function everyRun(text = nasty): ReportedRun[] {
  const place = { file: 'scenarios/pump.scenario.ts', line: 3, column: 4 }
  const verdicts: Verdict[] = [
    { is: 'passed' },
    failed(
      { what: text, expected: text, received: text, ladder: [text, text], step: 1, soft: true },
      { place: undefined },
    ),
    { is: 'invalid', mistakes: [{ path: 'devices.pump', message: text }] },
    { is: 'script threw', message: text, place },
    { is: 'out of time', message: text, place: undefined },
    { is: 'environment failed', message: text, hint: text },
    { is: 'stopped' },
  ]
  return verdicts.map((verdict, at) =>
    runOf({
      name: text,
      seed: text,
      target: at === 0 ? '' : text,
      repetition: at + 1,
      verdict,
      steps: [
        {
          number: 1,
          parent: undefined,
          name: text,
          at: 250,
          duration: 500,
          outcome: 'failed',
          place,
          firstPacket: 1,
          lastPacket: 9,
        },
        {
          number: 2,
          parent: 1,
          name: 'within',
          at: 300,
          duration: undefined,
          outcome: 'running',
          place,
          firstPacket: 3,
          lastPacket: undefined,
        },
      ],
      expectations: [
        {
          what: text,
          expected: text,
          received: text,
          at: 400,
          duration: 100,
          outcome: 'failed',
          soft: true,
          step: 2,
          place,
        },
        {
          what: 'expect(a).toBe',
          expected: '',
          received: '',
          at: 700,
          duration: undefined,
          outcome: 'waiting',
          soft: false,
          step: undefined,
          place: undefined,
        },
      ],
      deeds: [{ what: text, kind: 'powerLoss', at: 260, step: 1, place }],
      thresholds: [{ metric: 'delivery.lost', text, held: at % 2 === 0, value: text }],
      log: [{ at: 450, text }],
      unrepeatable: [text],
      recording: at === 0 ? undefined : `recordings/${text}.faultline`,
    }),
  )
}
