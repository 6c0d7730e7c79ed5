import type { Faker } from 'faultline'
import { mistake, shown } from '../mistake.ts'

/** Calls one of the host's functions by its name, such as `person.firstName`. */
export type Fabricate = (name: string, ...args: readonly unknown[]) => unknown

type Helpers = Faker['helpers']
type Range = number | { readonly min: number; readonly max: number }

/** So many values are made at once, as the host has it. */
const most = 1000

/** The part of `faker.helpers` that works on a script's own values and functions. It is here, because they cannot cross. */
export function createHelpers(
  fabricate: Fabricate,
  faker: object,
): Omit<Helpers, 'slugify' | 'replaceSymbols' | 'replaceCreditCardSymbols' | 'fromRegExp'> {
  const integer = (max: number) => fabricate('number.int', { min: 0, max }) as number
  const inRange = (range: Range) => (typeof range === 'number' ? range : (fabricate('number.int', range) as number))
  const one = <T>(items: readonly T[], name: string): T => checkList(items, name)[integer(items.length - 1)] as T

  function shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const other = integer(i)
      const [a, b] = [shuffled[i] as T, shuffled[other] as T]
      shuffled[i] = b
      shuffled[other] = a
    }
    return shuffled
  }

  return {
    arrayElement: (items) => one(items, 'arrayElement'),
    arrayElements(items, count = { min: 1, max: items.length }) {
      checkList(items, 'arrayElements')
      return shuffle(items).slice(0, Math.max(0, inRange(count)))
    },
    weightedArrayElement(items) {
      checkList(items, 'weightedArrayElement')
      const total = items.reduce((sum, { weight }) => sum + checkWeight(weight), 0)
      const drawn = (fabricate('number.float', { min: 0, max: 1 }) as number) * total
      let passed = 0
      for (const { value, weight } of items) {
        passed += weight
        if (drawn < passed) return value
      }
      // A rounding in the sum.
      return (items.at(-1) as (typeof items)[number]).value
    },
    shuffle: (items) => shuffle(checkList(items, 'shuffle')),
    uniqueArray(source, length) {
      if (Array.isArray(source)) return shuffle([...new Set(source)]).slice(0, length)
      const make = checkFunction(source, 'uniqueArray') as () => never
      const found = new Set<never>()
      for (let tries = 0; found.size < checkCount(length) && tries < length * 10; tries++) found.add(make())
      return [...found]
    },
    multiple(make, { count = 3 } = {}) {
      checkFunction(make, 'multiple')
      return Array.from({ length: checkCount(inRange(count)) }, (_, i) => make(undefined, i))
    },
    maybe(make, options = {}) {
      checkFunction(make, 'maybe')
      return fabricate('datatype.boolean', options) === true ? make() : undefined
    },
    objectKey: (object) => one(Object.keys(object), 'objectKey') as never,
    objectValue: (object) => one(Object.values(object), 'objectValue') as never,
    objectEntry: (object) => one(Object.entries(object), 'objectEntry') as never,
    enumValue(object) {
      // An enum that counts has its numbers as keys too.
      const names = Object.keys(object).filter((name) => Number.isNaN(Number(name)))
      return (object as Record<string, never>)[one(names, 'enumValue')] as never
    },
    rangeToNumber: inRange,
    mustache: (text, data) =>
      text.replace(/\{\{([^{}]+)\}\}/g, (whole, name: string) => {
        if (!Object.hasOwn(data, name)) return whole
        const value = data[name]
        return typeof value === 'function' ? value(name) : String(value)
      }),
    fake(pattern) {
      const text = typeof pattern === 'string' ? pattern : one(pattern, 'fake')
      return text.replace(/\{\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\}/g, (_, expression: string) =>
        evaluate(faker, expression),
      )
    },
  }
}

/** `person.firstName` or `number.int({"min": 1, "max": 6})`: a function of faker by its name, never a program. */
function evaluate(faker: object, expression: string): string {
  const [, module = '', name = '', args = ''] = /^\s*(\w+)\.(\w+)\s*(?:\((.*)\))?\s*$/s.exec(expression) ?? []
  const functions: unknown = Object.hasOwn(faker, module) ? Reflect.get(faker, module) : undefined
  const make: unknown =
    typeof functions === 'object' && functions !== null && Object.hasOwn(functions, name)
      ? Reflect.get(functions, name)
      : undefined
  if (typeof make !== 'function') {
    throw mistake(`faker.helpers.fake: {{${expression}}} is not a function of faker, such as {{person.firstName}}`)
  }
  return String(make(...readArguments(args, expression)))
}

function readArguments(args: string, expression: string): readonly unknown[] {
  try {
    return JSON.parse(`[${args}]`) as unknown[]
  } catch {
    throw mistake(`faker.helpers.fake: the arguments in {{${expression}}} are not JSON`)
  }
}

function checkList<T>(items: readonly T[], name: string): readonly T[] {
  if (Array.isArray(items) && items.length > 0) return items
  throw mistake(`faker.helpers.${name} needs a list with something in it, not ${shown(items)}`)
}

function checkFunction(make: unknown, name: string): unknown {
  if (typeof make === 'function') return make
  throw mistake(`faker.helpers.${name} needs a function, not ${shown(make)}`)
}

function checkWeight(weight: unknown): number {
  if (typeof weight === 'number' && weight > 0) return weight
  throw mistake(`faker.helpers.weightedArrayElement: a weight must be a number above 0, not ${shown(weight)}`)
}

function checkCount(count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= most) return count
  throw mistake(`faker.helpers: ${shown(count)} is not a whole number from 0 to ${most}`)
}
