import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brokenAt, placeOf, repeatedKeys } from '../../../../main/workspace/json-text.ts'

const text = `{
  "name": "a { b",
  "devices": {
    "pump": { "script": "pump",
      "count": 3 }
  }
}`

describe('a place in JSON', () => {
  it.each([
    [['name'], 'key', 2, 3],
    [['name'], 'value', 2, 11],
    [['devices', 'pump', 'script'], 'value', 4, 25],
    [['devices', 'pump', 'count'], 'key', 5, 7],
    [[], 'value', 1, 1],
  ] as const)('of the path %j, its %s, is line %i, column %i', (path, what, line, column) => {
    expect(placeOf(text, path, what)).toEqual({ line, column })
  })

  it('of what is not there is what is nearest around it', () => {
    expect(placeOf(text, ['devices', 'pump', 'script', 'x', 'y'], 'value')).toEqual({ line: 4, column: 15 })
    expect(placeOf('[1]', ['a'], 'value')).toEqual({ line: 1, column: 1 })
  })

  it('is that of each key, whatever the object is and however it is written', () => {
    const json = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()))
    fc.assert(
      fc.property(json, fc.nat(4), (value, indent) => {
        const written = JSON.stringify(value, null, indent)
        const lines = written.split('\n')
        for (const [outer, inner] of Object.entries(JSON.parse(written) as typeof value)) {
          for (const key of Object.keys(inner)) {
            const { line, column } = placeOf(written, [outer, key], 'key')
            expect(lines[line - 1]?.slice(column - 1).startsWith(JSON.stringify(key))).toBe(true)
          }
        }
      }),
    )
  })
})

describe('a key that is there twice', () => {
  it('is found at any depth', () => {
    expect(repeatedKeys('{"a":1,"b":{"c":{"d":1,"d":2}},"a":{}}')).toEqual([
      { path: ['b', 'c', 'd'], place: { line: 1, column: 24 } },
      { path: ['a'], place: { line: 1, column: 32 } },
    ])
    expect(repeatedKeys(text)).toEqual([])
  })
})

describe('where text stops being JSON', () => {
  it.each([
    ['{ "a": 1, }', 10],
    ['{ "a" 1 }', 6],
    ["{ 'a': 1 }", 2],
    ['{ "a": b }', 7],
    ['{ "a": 1 } x', 11],
    ['[1 2]', 3],
    ['{ "a": [1] ] }', 11],
    ['{ // a', 2],
    ['{ "a": 01 }', 8],
    ['{ "a": 1', 8],
    ['', 0],
    ['["a\\x"]', 4],
    ['["a\tb"]', 3],
  ])('%s is at %i', (broken, at) => {
    expect(brokenAt(broken, errorOf(broken))).toBe(at)
  })

  it('is never outside of it, and its end where only an end is missing', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', 'x', ':', '\\'), (json, where, instead) => {
        const cut = /[}\]]$/.test(json) ? json.slice(0, -1) : undefined
        if (cut !== undefined) expect(brokenAt(cut, errorOf(cut))).toBe(cut.length)
        const at = where % (json.length + 1)
        const changed = json.slice(0, at) + instead + json.slice(at + 1)
        const found = brokenAt(changed, errorOf(changed))
        expect(found).toBeLessThanOrEqual(changed.length)
      }),
    )
  })
})

function errorOf(text: string): unknown {
  try {
    JSON.parse(text)
  } catch (error) {
    return error
  }
  return undefined
}
