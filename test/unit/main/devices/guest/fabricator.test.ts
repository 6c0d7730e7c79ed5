import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../../app/base/random.ts'
import { fakerModules } from '../../../../../app/script-api/faker-modules.ts'
import { createHelpers } from '../../../../../app/script-api/guest/faker-helpers.ts'
import { Fabricator } from '../../../../../main/devices/guest/fabricator.ts'

const fabricator = new Fabricator()
const noon = Date.UTC(2026, 2, 1, 12)

function make(name: string, args: readonly unknown[] = [], seed = 1, now = noon) {
  return fabricator.make(name, JSON.stringify(args), createRandom(seed, 'pump'), now)
}

function namesOf(module: string): string[] {
  const answer = make(module)
  return 'value' in answer ? (answer.value as string[]) : []
}

/** Arguments of those that cannot do without. */
const needed: Readonly<Record<string, readonly unknown[]>> = {
  'date.between': [{ from: '2026-01-01', to: '2026-02-01' }],
  'date.betweens': [{ from: '2026-01-01', to: '2026-02-01', count: 2 }],
  'helpers.fromRegExp': ['[a-f]{4}'],
  'string.fromCharacters': ['abc', 5],
}

const all = fakerModules.flatMap((module) => namesOf(module).map((name) => `${module}.${name}`))

describe('a fabricator', () => {
  it('has every function that the types promise, and no other', () => {
    const folder = new URL('../../../../../app/script-api/', import.meta.url)
    const types = ['faker.d.ts', 'faker-things.d.ts']
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
      .join('')
    for (const module of fakerModules) {
      const name = `Faker${module.charAt(0).toUpperCase()}${module.slice(1)}Module`
      const body = new RegExp(`interface ${name} \\{\\n(.*?)\\n  \\}\\n`, 's').exec(types)?.[1] ?? ''
      const promised = new Set([...body.matchAll(/^ {4}(\w+)(?:<.*>)?\(/gm)].map(([, member]) => member))
      const inGuest = module === 'helpers' ? Object.keys(createHelpers(() => 0, {})) : []
      expect([...promised].sort(), name).toEqual([...namesOf(module), ...inGuest].sort())
    }
    expect(all.length).toBeGreaterThan(220)
  })

  it.each(all)('makes the same %s again from the same seed', (name) => {
    const first = make(name, needed[name])
    expect(first).not.toHaveProperty('refused')
    expect(JSON.stringify(first)).toMatch(/^\{"(value|dates?|bigint)":./)
    // What another device has drawn in between changes nothing.
    make('person.fullName', [], 99)
    expect(make(name, needed[name])).toEqual(first)
  })

  it('makes something else from another seed', () => {
    const draw = (seed: number) => all.map((name) => JSON.stringify(make(name, needed[name], seed)))
    const [one, other] = [draw(1), draw(2)]
    expect(one.filter((value, i) => value !== other[i]).length).toBeGreaterThan(all.length / 2)
  })

  it('counts dates from the clock of the device', () => {
    const day = 86_400_000
    for (const now of [noon, 0, noon + 5000 * day]) {
      const date = (name: string, options: object) => {
        const answer = make(name, [options], 1, now)
        return 'date' in answer ? answer.date - now : Number.NaN
      }
      expect(date('date.past', { years: 1 })).toBeLessThan(0)
      expect(date('date.past', { years: 1 })).toBeGreaterThan(-367 * day)
      expect(date('date.soon', { days: 2 })).toBeGreaterThan(0)
      expect(date('date.soon', { days: 2 })).toBeLessThanOrEqual(2 * day)
      expect(date('date.recent', { days: 2 })).toBeLessThan(0)
    }
    // The machine's own clock does not come in anywhere.
    expect(make('string.ulid')).toEqual(make('string.ulid'))
    expect(make('git.commitEntry', [], 1, 0)).not.toEqual(make('git.commitEntry'))
  })

  it('gives dates and big integers in a form that JSON can carry', () => {
    expect(make('date.between', [{ from: noon, to: noon }])).toEqual({ date: noon })
    expect(make('date.betweens', [{ from: noon, to: noon, count: 2 }])).toEqual({ dates: [noon, noon] })
    expect(make('number.bigInt', [{ min: '5', max: '5' }])).toEqual({ bigint: '5' })
  })

  it.each([
    'image.url',
    'seed',
    'person.constructor',
    'person.faker',
    'person.toString',
    '__proto__.constructor',
    'helpers.fake',
    'person.firstName.call',
    'constructor.constructor',
    '',
  ])('has no %j', (name) => {
    const answer = make(name)
    if (name === 'seed' || name === '') expect(answer).toEqual({ value: [] })
    else expect(answer).toEqual({ refused: 'is not one of the functions that a device has' })
  })

  it.each<[string, readonly unknown[], string]>([
    ['string.alpha', [1_000_000], '1000000 is more than 1000, the most that it makes at once'],
    ['string.alpha', [{ length: { min: 1, max: 1e9 } }], '1000000000 is more than 1000'],
    ['lorem.paragraphs', [1001], '1001 is more than 1000'],
    ['date.betweens', [{ from: 0, to: 1, count: 1e7 }], '10000000 is more than 1000'],
    ['number.float', [{ fractionDigits: 5000 }], '5000 is more than 1000'],
    ['helpers.fromRegExp', ['a{1000000}'], 'a pattern can repeat something 100 times at most'],
    ['helpers.replaceCreditCardSymbols', ['#{1,99999}'], 'a pattern can repeat something 100 times at most'],
    ['finance.creditCardNumber', [{ issuer: `#{9}${'#'.repeat(300)}` }], 'a pattern can have 200 characters at most'],
    ['helpers.slugify', ['x'.repeat(5000)], 'its arguments are longer than 4000 characters'],
    ['person.fullName', [{ firstName: [[[[[[[]]]]]]] }], 'its arguments are nested too deep'],
    ['location.latitude', [{ min: 10, max: 5 }], 'Max 5 should be greater than min 10.'],
  ])('refuses to make too much or what cannot be: %s of %j', (name, args, message) => {
    const answer = make(name, args)
    expect('refused' in answer && answer.refused).toContain(message)
  })

  it('takes large numbers where they are values', () => {
    expect(make('number.int', [{ min: 1e9, max: 1e9 }])).toEqual({ value: 1e9 })
    expect(make('commerce.price', [{ min: 5e6, max: 5e6 }])).toEqual({ value: '5000000.00' })
    expect(make('string.uuid', [{ version: 7, refDate: noon }])).toHaveProperty('value')
  })
})
