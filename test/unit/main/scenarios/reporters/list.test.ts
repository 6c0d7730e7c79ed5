import { describe, expect, it } from 'vitest'
import { progressLine, runLines, summaryLines } from '../../../../../main/scenarios/reporters/list.ts'
import { everyRun, failed, leftOf, runOf } from '../../../../helpers/run-reports.ts'

const plain = { colour: false }

describe('the list of runs', () => {
  it('says of which nothing was expected that passed', () => {
    const none = { expectations: [] }
    const threshold = { metric: 'x', text: '== 0', held: true, value: '0' }
    expect(runLines(runOf(none), plain).at(-1)).toBe('  nothing was expected of it')
    expect(runLines(runOf({ ...none, thresholds: [threshold] }), plain)).toHaveLength(1)
    const runs = [runOf(), runOf(none), runOf({ ...none, verdict: { is: 'stopped' } }), runOf(none)]
    expect(summaryLines(runs, [], 1, plain)).toEqual([
      '3 passed, 1 stopped; of 2 that passed nothing was expected (1.0 s)',
    ])
  })

  it('has one line for a run that passed', () => {
    expect(runLines(runOf({}, 'plant'), plain)).toEqual([
      '✓ a pump loses power  1.23 s  plant/scenarios/pump.scenario.ts',
    ])
  })

  it('says of a failure what was expected, what came, where, the packets around it, and how to see it again', () => {
    const run = runOf({
      verdict: failed({ step: 1 }, { soft: true, place: undefined, ladder: [] }),
      steps: [
        {
          number: 1,
          parent: undefined,
          name: 'power',
          at: 1,
          duration: 2,
          outcome: 'failed',
          place: undefined,
          firstPacket: 1,
          lastPacket: 2,
        },
      ],
      seed: "it's",
      repetition: 3,
      recording: 'recordings/r.faultline',
      unrepeatable: ['Keep alives run on real time.'],
    })
    expect(runLines(run, plain)).toEqual([
      '✗ a pump loses power #3  1.23 s  scenarios/pump.scenario.ts',
      '  1) expect(watch).toReceive  scenarios/pump.scenario.ts:12:9  in step “power”',
      '     expected: a message with payload "offline"',
      '     received: nothing came',
      '     packets:',
      '            0.812 s  pump-01  ──PUBLISH 7 QoS 2──────▶  broker',
      '  2) expect(watch).toReceive (soft)',
      '     expected: a message with payload "offline"',
      '     received: nothing came',
      '  recording: recordings/r.faultline',
      "  again: faultline run scenarios/pump.scenario.ts --seed 'it'\\''s'",
      '  not the same again: Keep alives run on real time.',
    ])
  })

  it('says how to see it again with what was said on the command line', () => {
    const run = { ...runOf({ verdict: failed(), target: 'mqtt://127.0.0.1:1884' }), timeoutMs: 200 }
    expect(runLines(run, plain).at(-1)).toContain('--target mqtt://127.0.0.1:1884 --timeout 200ms')
  })

  it('tells the other ways in which a run can end', () => {
    const place = { file: 'devices/pump.device.ts', line: 3, column: 4 }
    const titles = (verdict: NonNullable<Parameters<typeof runOf>[0]>['verdict']) =>
      runLines(runOf({ verdict }), plain).slice(1, -1)
    expect(titles({ is: 'script threw', message: 'oh\nno', place })).toEqual([
      '  script threw  devices/pump.device.ts:3:4',
      '     oh',
      '     no',
    ])
    expect(titles({ is: 'out of time', message: 'late', place: undefined })).toEqual(['  out of time', '     late'])
    expect(titles({ is: 'environment failed', message: 'no port', hint: 'take another' })).toEqual([
      '  environment failed',
      '     no port',
      '     take another',
    ])
    expect(titles({ is: 'stopped' })).toEqual([])
  })

  it('says of a run that was stopped that it was', () => {
    expect(runLines(runOf({ verdict: { is: 'stopped' } }), plain)[0]).toBe(
      '- a pump loses power  stopped after 1.23 s  scenarios/pump.scenario.ts',
    )
  })

  it('lets nothing through that a terminal obeys, but its own colours', () => {
    for (const run of everyRun()) expect(runLines(run, plain).join('')).not.toMatch(/\p{Cc}/u)
    expect(runLines(runOf(), { colour: true })[0]).toContain('\u001b[32m✓\u001b[0m')
  })

  it('counts what ended how, and says how often what failed', () => {
    const good = runOf()
    const other = leftOf({ name: 'a\u001bname', folder: 'plant', file: 'b.scenario.ts', because: '--bail' })
    expect(
      summaryLines(
        [good, runOf({ file: 'b', verdict: failed({}) })],
        [leftOf(), leftOf({ repetition: 2 }), other],
        1.26,
        plain,
      ),
    ).toEqual([
      '- a tank runs over  not begun 2 times: stopped  scenarios/tank.scenario.ts',
      '- a·name  not begun: --bail  plant/b.scenario.ts',
      '1 passed, 1 failed, 3 not begun (1.3 s)',
    ])
    const lost = failed({}, {}, { what: 'threshold delivery.lost', place: undefined })
    const repeated = [
      good,
      runOf({ repetition: 2, verdict: failed({}) }),
      runOf({ repetition: 3, verdict: lost }),
      runOf({ repetition: 4, verdict: { is: 'stopped' } }),
    ]
    expect(summaryLines(repeated, [], 2, plain)).toEqual([
      'a pump loses power: 2 of 4 failed: 2x expect(watch).toReceive at scenarios/pump.scenario.ts:12:9, 1x threshold delivery.lost',
      '1 passed, 2 failed, 1 stopped (2.0 s)',
    ])
    expect(summaryLines([], [], 0, plain)).toEqual(['nothing ran (0.0 s)'])
  })

  it('shows in one line what goes on', () => {
    const running = everyRun('x')
      .map(({ report }) => report)
      .slice(0, 1)
    expect(progressLine(running, { ended: 2, failed: 1, of: 7 }, 80)).toBe('2/7, 1 failed  x › within 1 s')
    expect(progressLine(running, { ended: 2, failed: 1, of: 7 }, 12)).toHaveLength(12)
  })
})
