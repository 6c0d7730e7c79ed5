import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FaultlineError } from '../../../../app/base/errors.ts'
import { checkRule, ruleDefaults, ruleMistakes } from '../../../../app/faults/check-rule.ts'
import type { RuleDraft } from '../../../../app/faults/rule.ts'

function rule(fault: string, fields: Partial<RuleDraft> = {}): RuleDraft {
  return { ...ruleDefaults(fault), ...fields }
}

function refusal(draft: RuleDraft): FaultlineError {
  try {
    checkRule(draft)
  } catch (error) {
    if (error instanceof FaultlineError) return error
    throw error
  }
  throw new Error('the rule was taken')
}

function fieldsOf(draft: RuleDraft): string[] {
  return ruleMistakes(draft).map(({ field }) => field)
}

describe('checkRule', () => {
  it('fills in settings that are left out, and a name', () => {
    const checked = checkRule({ ...rule('reorder', { settings: { packets: 3 } }), id: 'r1' })
    expect(checked).toMatchObject({ id: 'r1', name: 'put every packet behind 3 packets' })
    expect(checked.settings).toEqual({ packets: 3, ms: 1000 })
  })

  it('keeps a name that was given', () => {
    expect(checkRule(rule('drop', { name: 'the bad minute' })).name).toBe('the bad minute')
  })

  it('gives no name that is too long to be written with every packet, nor takes one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 150, maxLength: 250 }), (clients) => {
        const { name } = checkRule(rule('drop', { clients: `x${clients}` }))
        expect(name.length).toBeLessThanOrEqual(200)
        expect(Buffer.from(name).toString()).toBe(name)
      }),
    )
    expect(fieldsOf(rule('drop', { name: 'n'.repeat(200) }))).toEqual([])
    expect(fieldsOf(rule('drop', { name: 'n'.repeat(201) }))).toEqual(['name'])
  })

  it('lists every mistake in one refusal', () => {
    const error = refusal(
      rule('slice', {
        settings: { min: 0, gapMs: 'long', size: 4 },
        clients: '',
        nth: 0,
        times: 1.5,
        probability: 2,
        fromMs: -1,
        untilMs: Number.NaN,
      }),
    )
    expect(error.code).toBe('invalid-argument')
    expect(error.message).toBe(
      '9 mistakes in the rule: slice has no setting “size”; it has min, max, gapMs; ' +
        'min of slice is 0; it must be a whole number, from 1 to 65535; ' +
        'gapMs of slice is “long”; it must be a number, from 0 to 60000; ' +
        'clients is empty; * is every client; ' +
        'nth is 0; it must be a whole number, 1 or more; ' +
        'times is 1.5; it must be a whole number, 0 or more; ' +
        'probability is 2; it must be a number, from 0 to 1; ' +
        'fromMs is -1; it must be a number, from 0 to 2147483647; ' +
        'untilMs is NaN; it must be a number, from 0 to 2147483647',
    )
    expect(error.details?.['mistakes']).toHaveLength(9)
  })

  it('says which faults there are where one is unknown', () => {
    expect(refusal(rule('explode')).message).toContain('there is no fault “explode”; there are latency, jitter,')
    expect(fieldsOf(rule('toString'))).toEqual(['fault'])
  })

  it('says which choices there are', () => {
    const error = refusal(rule('cut', { settings: { how: 'kindly' } }))
    expect(error.message).toBe('the rule is not right: how of cut is “kindly”; it must be rst or fin')
  })

  it('says so where settings do not fit one another', () => {
    const error = refusal(rule('slice', { settings: { min: 9 } }))
    expect(error.message).toContain('slice: smallest (9 octets) is more than largest (8 octets)')
  })

  it('takes a window that ends later than it begins, or never', () => {
    expect(fieldsOf(rule('drop', { fromMs: 5, untilMs: 6 }))).toEqual([])
    expect(fieldsOf(rule('drop', { fromMs: 5, untilMs: 0 }))).toEqual([])
    expect(fieldsOf(rule('drop', { fromMs: 5, untilMs: 5 }))).toEqual(['untilMs'])
  })

  it('takes both ends of a range', () => {
    for (const ms of [0, 3_600_000]) expect(fieldsOf(rule('latency', { settings: { ms } }))).toEqual([])
    for (const ms of [-1, 3_600_001]) expect(fieldsOf(rule('latency', { settings: { ms } }))).toEqual(['settings.ms'])
  })

  it('does not look at the filter: whoever reads filters does', () => {
    expect(fieldsOf(rule('drop', { filter: 'type:(' }))).toEqual([])
  })
})
