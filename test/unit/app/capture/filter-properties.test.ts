import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFilter, completeFilter, parseFilter } from '../../../../app/capture/filter.ts'
import { parse } from '../../../../app/capture/filter-parser.ts'
import { printFilter } from '../../../../app/capture/filter-print.ts'
import { clients, filterTree, shape, topics } from './filter-trees.ts'
import { knownRecord, naively } from './naive-filter.ts'

const known = { clients, topics }
/** Noise that is made of the language's own pieces reaches farther than any other. */
const pieces = [
  'type',
  ':',
  'publish',
  ',',
  '(',
  ')',
  'not ',
  'or',
  'and ',
  '"',
  '\\',
  '/',
  '~',
  '>=',
  'qos',
  '1',
  ' ',
  'topic',
  '+',
  '#',
  '*',
  '!',
  'payload',
  '\\u00',
  'x',
]
const noise = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...pieces)).map((list) => list.join('')),
)

describe('a filter', () => {
  it('is read again as it was printed', () => {
    fc.assert(
      fc.property(filterTree, (tree) => {
        expect(shape(parse(printFilter(tree)))).toEqual(shape(tree))
      }),
    )
  })

  it('matches what its words mean', () => {
    fc.assert(
      fc.property(filterTree, fc.array(knownRecord, { minLength: 1, maxLength: 8 }), (tree, records) => {
        const filter = compileFilter(printFilter(tree))
        for (const record of records) {
          expect(filter.matches(record.record, record.names)).toBe(naively(tree, record))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('is the same when it is negated twice', () => {
    fc.assert(
      fc.property(filterTree, knownRecord, (tree, { record, names }) => {
        const text = printFilter(tree)
        const twice = compileFilter(`not not (${text})`)
        expect(twice.matches(record, names)).toBe(compileFilter(text).matches(record, names))
      }),
    )
  })

  it('is read, or says where in the text it is wrong', () => {
    fc.assert(
      fc.property(noise, (text) => {
        const result = parseFilter(text)
        if ('filter' in result) return
        const { position, length, message } = result.error
        expect(position).toBeGreaterThanOrEqual(0)
        expect(length).toBeGreaterThanOrEqual(0)
        expect(position + length).toBeLessThanOrEqual(text.length)
        expect(message).toMatch(new RegExp(`^at character ${position + 1}: .`))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a completion', () => {
  it('leaves a filter that can be read or completed further', () => {
    fc.assert(
      fc.property(filterTree, fc.nat(), (tree, at) => {
        const text = printFilter(tree)
        const prefix = text.slice(0, at % (text.length + 1))
        for (const completion of completeFilter(prefix, prefix.length, known)) {
          const { text, from, to } = completion
          const next = prefix.slice(0, from) + text + prefix.slice(to)
          const goesOn = 'filter' in parseFilter(next) || completeFilter(next, from + text.length, known).length > 0
          expect([next, goesOn]).toEqual([next, true])
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('stays inside of any text', () => {
    fc.assert(
      fc.property(noise, fc.nat(), (text, at) => {
        const cursor = at % (text.length + 1)
        for (const { from, to } of completeFilter(text, cursor, known)) {
          expect(from).toBeGreaterThanOrEqual(0)
          expect(from).toBeLessThanOrEqual(cursor)
          expect(to).toBeGreaterThanOrEqual(cursor)
          expect(to).toBeLessThanOrEqual(text.length)
        }
      }),
    )
  })
})
