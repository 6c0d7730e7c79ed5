import { describe, expect, it } from 'vitest'
import type { WireRule } from '../../../../../app/contract/wire.ts'
import { checkRule, ruleDefaults } from '../../../../../app/faults/check-rule.ts'
import { faultNames } from '../../../../../app/faults/faults.ts'
import { breakpointWords, outcomeWords, partsOf, ruleWords } from '../../../../../renderer/features/rules/row-words.ts'

function rule(fault: string, fields: Partial<WireRule> = {}): WireRule {
  return { id: '1', matched: 0, hits: 0, done: false, ...checkRule({ ...ruleDefaults(fault), ...fields }), ...fields }
}

describe('the line of a breakpoint', () => {
  it('says what is held and how often', () => {
    const breakpoint = { id: '7', filter: 'type:pubrel from:broker client:dashboard', enabled: true, hits: 1 }
    expect(breakpointWords(breakpoint)).toMatchObject({
      text: 'hold PUBREL broker → dashboard',
      state: 'hit 1',
      tone: 'blue',
    })
    expect(breakpointWords({ ...breakpoint, hits: 0 })).toMatchObject({ state: 'armed', tone: 'blue' })
    expect(breakpointWords({ ...breakpoint, enabled: false })).toMatchObject({ state: 'off', tone: 'grey' })
  })
})

describe('the line of a rule', () => {
  it('says the name, and how far it has come', () => {
    expect(ruleWords(rule('drop'))).toMatchObject({ text: 'drop every packet', state: 'armed', tone: 'red' })
    expect(ruleWords(rule('drop', { hits: 1204 }))).toMatchObject({ state: 'hit 1,204', tone: 'red' })
    expect(ruleWords(rule('drop', { hits: 1, done: true }))).toMatchObject({ state: 'done', tone: 'grey' })
    expect(ruleWords(rule('drop', { hits: 1, done: true, enabled: false }))).toMatchObject({
      state: 'off',
      tone: 'grey',
    })
  })

  it('says what a rule with a name of its own does, and its counts, on a closer look', () => {
    const words = ruleWords(rule('latency', { name: 'far away', matched: 1500, hits: 1200 }))
    expect(words).toMatchObject({
      text: 'far away',
      title: 'latency 200 ms for every client; matched 1,500, hit 1,200',
    })
  })

  it('is red where packets or connections are lost, amber where they come otherwise than they left', () => {
    const red = faultNames.filter((name) => ruleWords(rule(name)).tone === 'red')
    expect(red).toEqual(['loss', 'drop', 'cut', 'halfOpen', 'refuse'])
    const amber = faultNames.filter((name) => ruleWords(rule(name)).tone === 'amber')
    expect([...red, ...amber].sort()).toEqual([...faultNames].sort())
  })
})

describe('partsOf', () => {
  it('sets the names of Control Packets apart, and nothing else', () => {
    expect(partsOf('drop first PUBREC to gateway')).toEqual(['drop first ', 'PUBREC', ' to gateway'])
    expect(partsOf('PUBLISH or PUBACK')).toEqual(['', 'PUBLISH', ' or ', 'PUBACK', ''])
    expect(partsOf('hold pubrel of PUBACK2')).toEqual(['hold pubrel of PUBACK2'])
  })
})

describe('outcomeWords', () => {
  it('says what came of it, also when it was nothing', () => {
    expect(outcomeWords('cut', 0, '*')).toBe('no open connection of any client')
    expect(outcomeWords('cut', 0, 'pump-*')).toBe('no open connection of pump-*')
    expect(outcomeWords('cut', 1, '*')).toBe('1 connection cut')
    expect(outcomeWords('cut', 1200, '*')).toBe('1,200 connections cut')
    expect(outcomeWords('heal', 0, 'pump-*')).toBe('no rule is for pump-* alone')
    expect(outcomeWords('heal', 0, '*')).toBe('there is no rule')
    expect(outcomeWords('heal', 2, '*')).toBe('2 rules removed')
  })
})
