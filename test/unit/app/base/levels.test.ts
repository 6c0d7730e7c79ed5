import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { isTooDeep, mostLevels } from '../../../../app/base/levels.ts'
import { fromScenario } from '../../../../app/script-api/scenario-crossing.ts'

const nested = (levels: number): unknown => JSON.parse(`${'[{"a":'.repeat(levels / 2)}0${'}]'.repeat(levels / 2)}`)

describe('the levels of a value', () => {
  it('are the lists and objects that lie in one another', () => {
    expect(mostLevels).toBe(100)
    expect([0, 'text', null, undefined, [], nested(100), [[], nested(98)]].map((value) => isTooDeep(value))).toEqual(
      Array.from({ length: 7 }, () => false),
    )
    expect([nested(102), { a: 1, b: nested(100) }].map((value) => isTooDeep(value))).toEqual([true, true])
  })

  it('are too many in one that no stack could take', () => {
    expect(isTooDeep(nested(50_000))).toBe(true)
  })

  it.each([
    ['a payload', (value: unknown) => ({ payload: { is: 'json', value } })],
    ['a property', (value: unknown) => ({ properties: { contentType: value } })],
  ])('are bounded in %s that a sandbox may expect, whatever its library lets through', (_, message) => {
    const crosses = (levels: number) => {
      const expectation = { matcher: 'toReceive', messages: [message(nested(levels))], inOrder: false, often: {} }
      const ask = { do: 'expect', subject: { is: 'watch', watch: 1 }, expectation, soft: false }
      return v.safeParse(fromScenario, { call: 1, ask }).success
    }
    expect([crosses(100), crosses(102)]).toEqual([true, false])
  })
})
