import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { junitReport } from '../../../main/scenarios/reporters/junit.ts'
import { everyRun, failed, leftOf, nasty, runOf, textOf } from '../../helpers/run-reports.ts'

const schema = fileURLToPath(new URL('../../helpers/junit.xsd', import.meta.url))

/** What xmllint says of it; empty where it is right. @param xpath what of it is asked for besides */
function lint(xml: string, ...words: readonly string[]): { status: number | null; out: string } {
  const { status, stderr, stdout } = spawnSync('xmllint', [...words, '-'], { input: xml, encoding: 'utf8' })
  return { status, out: words.includes('--xpath') ? stdout : stderr }
}

const junit = (...what: Parameters<typeof junitReport>) => textOf(junitReport(...what))
const validate = (xml: string) => lint(xml, '--noout', '--schema', schema)

describe('the JUnit report', () => {
  it('keeps to the common schema, whatever is in a run', () => {
    expect(validate(junit(everyRun(), [leftOf({ name: nasty })]))).toEqual({ status: 0, out: '- validates\n' })
    expect(validate(junit([], [])).status).toBe(0)
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), { numRuns: 40, seed: 6 })
    expect(
      validate(
        junit(
          texts.flatMap((text) => everyRun(text)),
          texts.map((name) => leftOf({ name })),
        ),
      ).status,
    ).toBe(0)
    // The schema is not one that takes everything.
    expect(validate(junit(everyRun(), []).replace(' classname=', ' class=')).status).not.toBe(0)
  })

  it('has a suite for each file and a case for each run, and tells failures from errors', () => {
    const runs = [
      runOf({}, 'plant'),
      runOf(
        {
          repetition: 2,
          verdict: failed({}, { what: 'threshold delivery.lost' }),
          recording: 'recordings/r.faultline',
        },
        'plant',
      ),
      runOf({ file: 'other.scenario.ts', verdict: { is: 'script threw', message: 'oh no', place: undefined } }),
      runOf({ file: 'other.scenario.ts', verdict: { is: 'stopped' } }),
    ]
    const left = [leftOf({ file: 'other.scenario.ts', because: '--bail', repetition: 2 }), leftOf({ folder: 'plant' })]
    const xml = junit(runs, left)
    expect(validate(xml).status).toBe(0)
    const ask = (path: string) => lint(xml, '--xpath', `string(${path})`).out.trimEnd()
    expect(ask('concat(sum(//@tests), " ", sum(//@failures), " ", sum(//@errors))')).toBe('6 1 1')
    expect(ask('//testsuite[1]/@name')).toBe('plant/scenarios/pump.scenario.ts')
    expect(ask('//testsuite[1]/@timestamp')).toBe('2026-11-22T17:15:03')
    expect(ask("//testsuite[1]//property[@name='seed']/@value")).toBe('42')
    expect(ask('//testsuite[1]/testcase[2]/@name')).toBe('a pump loses power #2')
    expect(ask('//testsuite[1]/testcase[2]/@classname')).toBe('plant.scenarios.pump')
    expect(ask('//testsuite[1]/testcase[2]/@time')).toBe('1.234')
    expect(ask('//testsuite[1]/testcase[2]/failure/@message')).toBe(
      'expect(watch).toReceive  plant/scenarios/pump.scenario.ts:12:9 (and 1 more): expected: a message with payload "offline"; received: nothing came',
    )
    expect(ask('//testsuite[1]/testcase[2]/failure')).toContain('──PUBLISH 7 QoS 2──────▶')
    expect(ask('//testsuite[1]/testcase[2]/failure')).toContain('threshold delivery.lost')
    expect(ask('//testsuite[1]/testcase[2]/system-out')).toContain('recording: plant/recordings/r.faultline')
    expect(ask('//testsuite[2]/testcase[1]/error/@type')).toBe('script threw')
    expect(ask('//testsuite[2]/testcase[2]/skipped/@message')).toBe('stopped after 1.23 s')
    expect(ask('//testsuite[2]/testcase[3]/@name')).toBe('a tank runs over #2')
    expect(ask('//testsuite[2]/testcase[3]/skipped/@message')).toBe('not begun: --bail')
    expect([ask('//testsuite[2]/@tests'), ask('//testsuite[2]/@skipped')]).toEqual(['3', '2'])
    // Nothing of it was begun: no time, and no command that would do it again.
    expect(ask('//testsuite[3]/@name')).toBe('plant/scenarios/tank.scenario.ts')
    expect(ask('//testsuite[3]/testcase/skipped/@message')).toBe('not begun: stopped')
    expect(ask('count(//testsuite[3]/@timestamp)')).toBe('0')
  })
})
