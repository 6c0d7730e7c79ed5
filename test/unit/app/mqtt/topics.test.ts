import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterProblem, hasWildcard, shareOf } from '../../../../app/mqtt/topics.ts'

const level = fc.oneof(
  fc.constantFrom('', '+', '#', '$share', 'g'),
  fc.string({ unit: fc.constantFrom('a', '+', '#', '$') }),
)
const filters = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'))

/** The rules of section 4.7.1 level by level, in the specification's words. */
function isWellFormed(filter: string): boolean {
  const levels = filter.split('/')
  return (
    filter !== '' &&
    levels.every((one, i) => !one.includes('#') || (one === '#' && i === levels.length - 1)) &&
    levels.every((one) => !one.includes('+') || one === '+')
  )
}

describe('filterProblem', () => {
  it('takes wildcards that take up a level, # only as the last', () => {
    for (const good of [
      '#',
      '+',
      '/',
      'a',
      '+/+',
      '/+',
      '+/',
      'a/+/#',
      '+/#',
      '$SYS/#',
      '$share',
      'a//b',
      ' ',
      '\uFEFF',
    ]) {
      expect(filterProblem(good), good).toBeUndefined()
    }
  })

  it('names the statement of the version', () => {
    expect(filterProblem('a/#/b', 4)).toContain('[MQTT-4.7.1-2]')
    expect(filterProblem('a/#/b', 5)).toContain('[MQTT-4.7.1-1]')
    expect(filterProblem('a+', 4)).toContain('[MQTT-4.7.1-3]')
    expect(filterProblem('+a', 5)).toContain('[MQTT-4.7.1-2]')
    expect(filterProblem('a#', 3)).toContain('[MQTT 3.1]')
    expect(filterProblem('', 4)).toContain('[MQTT-4.7.3-1]')
  })

  it('agrees with the rules level by level, for shared filters too', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const share = /^\$share\/([^/+#]+)\/(.+)$/s.exec(filter)
        const expected = filter.startsWith('$share/')
          ? share !== null && isWellFormed(share[2] as string)
          : isWellFormed(filter)
        expect(filterProblem(filter) === undefined).toBe(expected)
      }),
    )
  })
})

describe('shareOf', () => {
  it('gives ShareName and filter', () => {
    expect(shareOf('$share/g/a/+/#')).toEqual({ group: 'g', filter: 'a/+/#' })
    expect(shareOf('$share/g//')).toEqual({ group: 'g', filter: '/' })
  })

  it('is nothing for other filters', () => {
    for (const filter of ['a', '$share', '$shared/g/a', '$SYS/#', '']) expect(shareOf(filter)).toBeUndefined()
  })

  it('says what is wrong with one that does not go on like one', () => {
    expect(shareOf('$share//a')).toContain('[MQTT-4.8.2-1]')
    expect(shareOf('$share/')).toContain('[MQTT-4.8.2-1]')
    for (const filter of ['$share/g', '$share/g/', '$share/+/a', '$share/a#/b']) {
      expect(shareOf(filter)).toContain('[MQTT-4.8.2-2]')
    }
  })
})

describe('hasWildcard', () => {
  it('finds + and # anywhere', () => {
    expect(['a+', '#a', '+', 'a/b', '$'].map(hasWildcard)).toEqual([true, true, true, false, false])
  })
})
