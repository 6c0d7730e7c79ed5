import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findImport,
  findImportedName,
  findOption,
  readStack,
  ScriptFault,
  stripTypes,
} from '../../../../../main/devices/guest/script-source.ts'

const source = (text: string) => ({ file: 'devices/pump.device.ts', text })
const fileOf = (text: string) => (file: string) => (file === 'devices/pump.device.ts' ? text : undefined)

function failure(text: string) {
  try {
    stripTypes(source(text))
  } catch (error) {
    if (error instanceof ScriptFault) return error.error
    throw error
  }
  throw new Error('it has no syntax error')
}

describe('stripping the types of a script', () => {
  it('leaves every line and column where it was', () => {
    const text = 'interface A {\n  a: number\n}\nconst b: A = { a: 1 } as A, c = 2\n'
    const stripped = stripTypes(source(text))
    expect(stripped.split('\n')).toHaveLength(text.split('\n').length)
    expect(stripped.indexOf('c = 2')).toBe(text.indexOf('c = 2'))
    expect(stripped).not.toContain('interface')
  })

  it('leaves a script without types as it is', () => {
    const text = "import { device } from 'faultline'\nexport default device(() => ({}))\n"
    expect(stripTypes(source(text))).toBe(text)
  })

  it('places an error at the column that an editor shows, whatever is before it in the line', () => {
    const before = fc.string({
      unit: fc.constantFrom('x', ' ', '\t', 'é', '中', '😀', '\u00a0', '\u0301', 'Ж'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(before, (text) => {
        const line = `/*${text}*/ let s = '${text}', b: = 1`
        expect(failure(`let a: number = 1\n${line}`)).toMatchObject({ line: 2, column: line.indexOf(': =') + 3 })
      }),
    )
  })
})

describe('a stack', () => {
  it('shows the script’s frames, and where it first touches the script', () => {
    const stack = `    at <input>:1:2
    at parse (native)
    at get value (devices/pump.device.ts:2:9)
    at Promise (native)
    at call (faultline:10:7)
    at <anonymous> (faultline:1:1)
    at connected (devices/pump.device.ts:1:3)
`
    const text = 'a\n  😀😀😀 JSON.parse'
    expect(readStack(fileOf(text), stack)).toEqual({
      place: { source: source(text), position: { line: 2, column: 12 } },
      frames: `    at <input>:1:2
    at parse (native)
    at get value (devices/pump.device.ts:2:9)
    at connected (devices/pump.device.ts:1:3)`,
    })
  })

  it('of hundreds of frames is cut', () => {
    const frames = Array.from({ length: 300 }, () => '    at down (devices/pump.device.ts:1:1)')
    const shown = readStack(fileOf('x'), frames.join('\n')).frames.split('\n')
    expect(shown).toHaveLength(11)
    expect(shown.at(-1)).toBe('    and 290 more')
  })

  it('that does not touch the script has no place in it', () => {
    expect(readStack(fileOf('x'), '    at faultline:1:1').place).toBeUndefined()
  })

  it('that goes through several files has its place in the one that it touches first', () => {
    const texts = new Map([
      ['devices/lib/curves.ts', '😀 throw'],
      ['devices/pump.device.ts', 'x'],
    ])
    const stack = '    at calibrate (devices/lib/curves.ts:1:3)\n    at connected (devices/pump.device.ts:1:1)\n'
    expect(readStack((file) => texts.get(file), stack).place).toEqual({
      source: { file: 'devices/lib/curves.ts', text: '😀 throw' },
      position: { line: 1, column: 4 },
    })
  })
})

describe('looking for a place in a script', () => {
  it('finds an import, and not one in a comment', () => {
    const text = `// import 'fs'\n/* from 'fs'\n * from 'fs' */\nimport { x } from 'faultline'\nimport { y } from "fs"\n`
    expect(findImport(source(text), 'fs')).toEqual({ line: 5, column: 19 })
    expect(findImport(source("const fs = await import ( 'fs' )"), 'fs')).toEqual({ line: 1, column: 27 })
    expect(findImport(source("const from = 'fs'"), 'fs')).toBeUndefined()
  })

  it('finds a name that is imported', () => {
    const text = `const nope = 1\nimport {\n  device,\n  nope,\n} from 'faultline'`
    expect(findImportedName(source(text), 'nope', 'faultline')).toEqual({ line: 4, column: 3 })
  })

  it('finds a name where it is imported from that module, not from another', () => {
    const text = `import { nope } from './a'\nimport { x,  nope } from "./b"\nexport { nope } from './c'`
    expect(findImportedName(source(text), 'nope', './b')).toEqual({ line: 2, column: 14 })
    expect(findImportedName(source(text), 'nope', './c')).toEqual({ line: 3, column: 10 })
    expect(findImportedName(source(text), 'nope', './d')).toBeUndefined()
  })

  it('finds an option after those that it is inside of', () => {
    const text =
      'const topic = 1\n// client: { will }\nreturn {\n  client: {\n    will: {\n      topic,\n    },\n  },\n}'
    expect(findOption(source(text), 'client.will.topic')).toEqual({ line: 6, column: 7 })
    expect(findOption(source(text), 'client.keepAlive')).toEqual({ line: 4, column: 3 })
    expect(findOption(source(text), 'nothing')).toBeUndefined()
    const metrics = "packets: 1,\nthresholds: {\n  'a.b': 1, // 'a.b c': 1\n  'a.b c': 2,\n  plain: 3,\n}"
    expect(findOption(source(metrics), "thresholds['a.b c']")).toEqual({ line: 4, column: 3 })
    expect(findOption(source(metrics), "thresholds['plain']")).toEqual({ line: 5, column: 3 })
    expect(findOption(source(metrics), "thresholds['b c']")).toEqual({ line: 2, column: 1 })
    expect(findOption(source(metrics), 'thresholds[')).toEqual({ line: 2, column: 1 })
    expect(findOption(source('\n  export   default 7'), 'export default')).toEqual({ line: 2, column: 3 })
  })
})
