import { describe, expect, it } from 'vitest'
import { stripTypes } from '../../../../main/devices/guest/script-source.ts'
import { scriptProbe } from '../../../../main/workspace/script-probe.ts'

/** What begins at a place of a text, up to the first bracket. */
function wordAt(text: string, line: number, column: number): string {
  return /^[^(]*/.exec(text.split('\n')[line - 1]?.slice(column - 1) ?? '')?.[0] ?? ''
}

describe('a probe of a script', () => {
  it('is a script in which each bare call is given to a function, and knows where it was', () => {
    const text = `
const a = await b()
c(); if (a) d.e(); f(() => {
  g(); h() })
await i(() => { j() }); k()
`
    const probe = scriptProbe(text)
    expect(probe?.text).toContain(
      'faultlineBareCall(c()); if (a) faultlineBareCall(d.e()); faultlineBareCall(f(() => {\n',
    )
    const found = [...(probe?.questions ?? [])].map(([key, [{ column, line } = { column: 0, line: 0 }]]) => {
      const [probeLine = 0, probeColumn = 0] = key.split(':').map(Number)
      const there = wordAt(text, line, column)
      expect(wordAt(probe?.text ?? '', probeLine, probeColumn)).toBe(there)
      return there
    })
    expect(found.toSorted()).toEqual(['c', 'd.e', 'f', 'g', 'h', 'j', 'k'])
    expect(() => stripTypes({ file: 'a.ts', text: probe?.text ?? '' })).not.toThrow()
  })

  it('asks of text that looks like a length of time and is none, at the name of its option where it has one', () => {
    const text =
      "const b = { a: 1, within: '2 s' }; c(); d('1e3ms', \"-1 m\"), '2s', '-2s', '.5', 'a s', '2 seconds'; e( '0x1h')\n"
    const probe = scriptProbe(text)
    const found = [...(probe?.questions ?? [])].map(
      ([key, [{ code, column, message } = { code: '', column: 0, message: '' }]]) => {
        const there = text.slice(column - 1, column + 5)
        const column2 = Number(key.split(':')[1])
        if (code === 'duration' && !there.startsWith('within')) {
          expect(probe?.text.slice(column2 - 1)).toMatch(/^faultlineNoTime\b/)
        }
        return [code, there, message.slice(0, 20)]
      },
    )
    expect(found).toEqual([
      ['duration', 'within', "'2 s' is no length o"],
      ['await', 'c(); d', "nobody waits for 'c'"],
      ['duration', "'1e3ms", "'1e3ms' is no length"],
      ['duration', '"-1 m"', "'-1 m' is no length "],
      ['await', "e( '0x", "nobody waits for 'e'"],
      ['duration', "'0x1h'", "'0x1h' is no length "],
    ])
    expect(probe?.text.split('\n')[0]?.indexOf('within')).toBe(text.indexOf('within'))
  })

  it('is none where there is nothing to ask', () => {
    expect(scriptProbe("import { scenario } from 'faultline'\nawait a()\n")).toBeUndefined()
  })
})
