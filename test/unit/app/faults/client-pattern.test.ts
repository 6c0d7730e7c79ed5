import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesClient } from '../../../../app/faults/client-pattern.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'a', 'b', '*', '*', '.') })

/** What a glob means, by the definition: a star takes none, or one more. */
function byDefinition(pattern: string, id: string): boolean {
  if (pattern === '') return id === ''
  const rest = pattern.slice(1)
  if (pattern[0] !== '*') return pattern[0] === id[0] && byDefinition(rest, id.slice(1))
  return byDefinition(rest, id) || (id !== '' && byDefinition(pattern, id.slice(1)))
}

describe('matchesClient', () => {
  it('takes * for any run of characters and all else literally', () => {
    fc.assert(
      fc.property(letters, letters, (pattern, id) => {
        expect(matchesClient(pattern, id)).toBe(byDefinition(pattern, id))
      }),
      { numRuns: 1000 },
    )
  })

  it('fits what was made from the pattern', () => {
    const run = fc.string({ maxLength: 5 })
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 1, maxLength: 5 }),
        fc.array(run, { minLength: 5, maxLength: 5 }),
        (parts, runs) => {
          const plain = parts.map((part) => part.replaceAll('*', ''))
          const id = plain.map((part, i) => (i === 0 ? part : `${runs[i]}${part}`)).join('')
          expect(matchesClient(plain.join('*'), id)).toBe(true)
        },
      ),
    )
  })

  it('tells upper and lower case apart', () => {
    expect(matchesClient('pump-*', 'Pump-01')).toBe(false)
  })

  it('fits a connection whose client is not known yet with * alone', () => {
    expect(matchesClient('*', undefined)).toBe(true)
    expect(matchesClient('pump-*', undefined)).toBe(false)
    expect(matchesClient('', undefined)).toBe(false)
  })

  it('comes to an end with many stars', () => {
    // Each star that were tried at each place would take hours.
    expect(matchesClient(`${'*a'.repeat(200)}*b`, 'a'.repeat(65_535))).toBe(false)
  })
})
