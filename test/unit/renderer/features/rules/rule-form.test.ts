import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFilter, parseFilter } from '../../../../../app/capture/filter.ts'
import type { NewRule } from '../../../../../app/contract/wire.ts'
import { checkRule, ruleDefaults } from '../../../../../app/faults/check-rule.ts'
import { matchesClient } from '../../../../../app/faults/client-pattern.ts'
import { describeRule } from '../../../../../app/faults/describe-rule.ts'
import { faultNames } from '../../../../../app/faults/faults.ts'
import {
  breakpointKind,
  kindGroups,
  limitFields,
  type Problems,
  type RuleForm,
  readForm,
  startForm,
  takesFilter,
} from '../../../../../renderer/features/rules/rule-form.ts'
import { templates } from '../../../../../renderer/features/rules/templates.ts'
import { packet } from '../../records.ts'

function checkFilter(text: string): string | undefined {
  const read = parseFilter(text)
  return 'error' in read ? read.error.message : undefined
}

function form(kind: string, part: Partial<RuleForm> = {}): RuleForm {
  const start = startForm(kind)
  return { ...start, ...part, values: { ...start.values, ...part.values } }
}

function ruleOf(filled: RuleForm): NewRule {
  const read = readForm(filled, checkFilter)
  if ('problems' in read || read.wanted.kind !== 'rule') throw new Error(`no rule: ${JSON.stringify(read)}`)
  return read.wanted.rule
}

function filterOf(filled: RuleForm): string {
  const read = readForm(filled, checkFilter)
  if ('problems' in read || read.wanted.kind !== 'breakpoint') throw new Error(`no breakpoint: ${JSON.stringify(read)}`)
  return read.wanted.filter
}

function problemsOf(filled: RuleForm): Problems {
  const read = readForm(filled, checkFilter)
  return 'problems' in read ? read.problems : {}
}

describe('the form of a rule', () => {
  it('offers a breakpoint and every fault, once', () => {
    const offered = kindGroups.flatMap(({ kinds }) => kinds.map(({ kind }) => kind))
    expect(offered[0]).toBe(breakpointKind)
    expect(offered.slice(1).sort()).toEqual([...faultNames].sort())
    expect(kindGroups.every(({ kinds }) => kinds.length > 0)).toBe(true)
  })

  it.each(faultNames)('asks for the rule with the initial values when nothing was typed: %s', (name) => {
    expect(ruleOf(form(name))).toEqual(ruleDefaults(name))
  })

  it('asks for what was typed, in the units of the rule', () => {
    const rule = ruleOf(
      form('loss', {
        clients: ' pump-* ',
        from: 'broker',
        filter: ' type:puback ',
        name: ' a bad gateway ',
        values: { 'settings.rate': '7', nth: '3', times: '10', probability: '57', fromMs: '1.5', untilMs: '60' },
      }),
    )
    expect(rule).toEqual({
      name: 'a bad gateway',
      enabled: true,
      fault: 'loss',
      settings: { rate: 0.07 },
      clients: 'pump-*',
      from: 'broker',
      filter: 'type:puback',
      nth: 3,
      times: 10,
      probability: 0.57,
      fromMs: 1500,
      untilMs: 60_000,
      connection: 0,
    })
  })

  it('takes every number in the range of its field, and no other', () => {
    const value = (text: string) => problemsOf(form('duplicate', { values: { 'settings.copies': text } }))
    for (const text of ['2', ' 100 ', '1e1']) expect(value(text)).toEqual({})
    for (const text of ['1', '101', '2.5', '', 'two', '2,5', 'Infinity', '0x']) {
      expect(value(text)).toEqual({ 'settings.copies': 'a whole number from 2 to 100 times' })
    }
  })

  it('takes an empty field for what it says it stands for', () => {
    expect(ruleOf(form('drop', { values: { times: '', fromMs: ' ', untilMs: '' } }))).toEqual(ruleDefaults('drop'))
    expect(problemsOf(form('drop', { values: { times: '-1' } }))['times']).toBe(
      'a whole number from 0 to 1000000000 times, or nothing for without end',
    )
  })

  it('says all that is wrong at once, each at its field', () => {
    const values = { 'settings.bits': '0', probability: '500', nth: '' }
    const problems = problemsOf(form('corrupt', { filter: 'type:pubrec and', values }))
    expect(Object.keys(problems).sort()).toEqual(['filter', 'nth', 'probability', 'settings.bits'])
    expect(problems['filter']).toBe(checkFilter('type:pubrec and'))
  })

  it('says so where values do not fit one another', () => {
    expect(problemsOf(form('drop', { values: { fromMs: '5', untilMs: '5' } }))).toEqual({
      untilMs: 'must be later than it begins',
    })
    expect(problemsOf(form('slice', { values: { 'settings.min': '9' } }))['']).toContain('more than largest')
  })

  it('asks for nothing that checkRule would refuse', () => {
    const texts = fc.oneof(fc.integer({ min: -2, max: 2000 }).map(String), fc.string(), fc.constant(''))
    const kinds = fc.constantFrom(...faultNames)
    fc.assert(
      fc.property(kinds, fc.infiniteStream(texts), fc.string(), (kind, texts, clients) => {
        const start = startForm(kind)
        const values = Object.fromEntries(
          Object.entries(start.values).map(([key, initial]) => {
            const text = texts.next().value ?? ''
            return [key, /^[a-z]+$/.test(initial) ? initial : text]
          }),
        )
        const read = readForm({ ...start, clients, values }, checkFilter)
        if ('wanted' in read && read.wanted.kind === 'rule') checkRule(read.wanted.rule)
        else expect(Object.keys('problems' in read ? read.problems : {})).not.toEqual([])
      }),
    )
  })

  it('keeps what any kind has when another kind is chosen, and forgets its settings', () => {
    const filled = form('latency', { clients: 'pump-*', filter: 'dup', values: { 'settings.ms': '7', times: '2' } })
    const next = startForm('delay', filled)
    expect(next).toMatchObject({ kind: 'delay', clients: 'pump-*', filter: 'dup' })
    expect(next.values).toMatchObject({ 'settings.ms': '5000', times: '2' })
    expect(Object.keys(startForm(breakpointKind, filled).values)).toEqual([])
  })

  it('asks only for what a fault looks at', () => {
    expect(['drop', 'slice', 'halfOpen', breakpointKind].map(takesFilter)).toEqual([true, false, false, true])
    const other = form('drop', { filter: 'type:(', from: 'client', clients: 'pump-01' })
    expect(ruleOf(startForm('refuse', other))).toEqual({ ...ruleDefaults('refuse'), clients: 'pump-01' })
    expect(limitFields(breakpointKind)).toEqual([])
  })
})

describe('the form of a breakpoint', () => {
  it('puts clients and way into the filter', () => {
    const part = { filter: 'type:pubrel', from: 'broker', clients: 'dashboard' } as const
    expect(filterOf(form(breakpointKind, part))).toBe('type:pubrel from:broker client:dashboard')
    expect(filterOf(form(breakpointKind, { ...part, filter: 'dup or retain' }))).toBe(
      '(dup or retain) from:broker client:dashboard',
    )
    expect(filterOf(form(breakpointKind, { filter: 'dup or retain' }))).toBe('dup or retain')
    expect(filterOf(form(breakpointKind, { clients: '*' }))).toBe('')
  })

  it('means the same clients as a rule does', () => {
    const unit = fc.constantFrom(...'aA0*"\\/.,:()<> =~é'.split(''))
    const names = fc.tuple(
      fc.string({ unit, minLength: 1, maxLength: 6 }),
      fc.string({ unit, minLength: 1, maxLength: 6 }),
    )
    fc.assert(
      fc.property(names, fc.boolean(), ([typed, other], same) => {
        const pattern = typed.trim()
        fc.pre(pattern !== '')
        const id = same ? pattern.replaceAll('*', other) : other
        const filter = compileFilter(filterOf(form(breakpointKind, { clients: typed })))
        const matched = filter.matches(packet({ cmd: 'pingreq' }), { clientId: () => id, version: () => 4 })
        expect(matched).toBe(matchesClient(pattern, id))
      }),
      { numRuns: 500 },
    )
  })

  it('says what is wrong with the filter', () => {
    expect(Object.keys(problemsOf(form(breakpointKind, { filter: 'type:' })))).toEqual(['filter'])
  })
})

describe('the quick rules', () => {
  it('do what they say, for the clients that are named', () => {
    const words = templates.map((template) => {
      const read = readForm(template.form('pump-*'), checkFilter)
      if ('problems' in read) throw new Error(JSON.stringify(read.problems))
      const { wanted } = read
      return [template.label, wanted.kind === 'rule' ? describeRule(wanted.rule) : wanted.filter]
    })
    expect(words).toEqual([
      ['hold PUBREL', 'type:pubrel client:pump-*'],
      ['drop first PUBREC', 'drop first PUBREC of pump-*'],
      ['lose the third PUBACK', 'drop third PUBACK of pump-*'],
      ['cut after PUBREC', 'cut link after first PUBREC of pump-*'],
      ['latency 200 ms', 'latency 200 ms for pump-*'],
      ['half-open link', 'half-open link for pump-*'],
    ])
  })
})
