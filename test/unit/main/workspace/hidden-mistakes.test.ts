import { describe, expect, it } from 'vitest'
import { coverOptions, hiddenMistakes } from '../../../../main/workspace/hidden-mistakes.ts'

const excess = (line: number, column: number, code = 'TS2353') => ({
  file: 'a.ts',
  line,
  column,
  code,
  message: `${line}:${column}`,
})

describe('a script whose options are covered', () => {
  it('keeps the place of everything else', () => {
    const text = "a({ bb: 1, 'cc': 2, dd }, { ee })\r\nf({ gg: 1, hh() {} }, i)\n"
    const { back, text: copy } = coverOptions(text, new Set(['1:5', '1:12', '1:21', '2:5', '2:12']))
    const [first = '', second = ''] = copy.split('\r\n')
    expect(first.replaceAll('faultlineNoOption', 'X')).toBe('a({ [X]: 1, [X]: 2, [X]: dd }, { ee })')
    expect(second.replaceAll('faultlineNoOption', 'X')).toMatch(/^f\(\{ \[X\]: 1, \[X\]\(\) \{\} \}, i\)\n/)
    const [one = '', two = ''] = text.split('\r\n')
    expect(back({ line: 1, column: first.indexOf('ee') + 1 })).toEqual({ line: 1, column: one.indexOf('ee') + 1 })
    expect(back({ line: 1, column: 1 })).toEqual({ line: 1, column: 1 })
    expect(back({ line: 2, column: second.indexOf('i)') + 1 })).toEqual({ line: 2, column: two.indexOf('i)') + 1 })
  })
})

describe('mistakes behind others', () => {
  it('are asked for until there are no more, and a few times at most', async () => {
    const text = 'a({ '.repeat(20)
    const texts = new Map([['a.ts', text]])
    let asked = 0
    const endless = async () => [excess(1, 500 + ++asked * 100)]
    await hiddenMistakes([excess(1, 5)], texts, endless)
    expect(asked).toBe(4)
    asked = 0
    const one = async () => {
      asked += 1
      return [excess(2, 1), excess(3, 1, 'TS6133')]
    }
    expect((await hiddenMistakes([excess(1, 5)], texts, one)).map(({ message }) => message)).toEqual(['2:1'])
    expect(asked).toBe(2)
    expect(await hiddenMistakes([excess(1, 5, 'TS2345')], texts, one)).toEqual([])
    expect(asked).toBe(2)
  })
})
