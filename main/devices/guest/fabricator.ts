import type { Faker } from '@faker-js/faker'
import { faker as english } from '@faker-js/faker/locale/en'
import { messageOf } from '../../../app/base/errors.ts'
import type { Random } from '../../../app/base/random.ts'
import type { Fabricated } from '../../../app/script-api/crossing.ts'
import { fakerModules } from '../../../app/script-api/faker-modules.ts'
import { checkArguments } from './fabricator-limits.ts'

type Make = (...args: readonly unknown[]) => unknown

/** Those of `helpers` that take text and nothing else; the others work on a script's own values, in its sandbox. */
const textHelpers = ['slugify', 'replaceSymbols', 'replaceCreditCardSymbols', 'fromRegExp']

/**
 * The host's half of a script's `faker`. One faker serves all devices of a worker: its words alone are as big as what a
 * device may have. What makes its values a device's own are the stream of randomness that it draws from, and the
 * device's clock, from which its dates count.
 */
export class Fabricator {
  #random: Random | undefined
  #now = 0
  readonly #modules: ReadonlyMap<string, ReadonlyMap<string, Make>>

  constructor() {
    // The package gives this locale only as a finished faker with a randomness of its own, and its class with it.
    const Class = english.constructor as typeof Faker
    const faker = new Class({
      locale: english.rawDefinitions,
      randomizer: { next: () => (this.#random as Random).next(), seed() {} },
    })
    faker.setDefaultRefDate(() => new Date(this.#now))
    this.#modules = new Map(fakerModules.map((name) => [name, functionsOf(name, faker[name])]))
  }

  /**
   * @param name such as `person.firstName`; of a module alone, the names of its functions are given
   * @param args as JSON
   * @param now what the device's clock shows
   */
  make(name: string, args: string, random: Random, now: number): Fabricated {
    const [module = '', member, ...more] = name.split('.')
    const functions = this.#modules.get(module)
    if (member === undefined) return { value: [...(functions?.keys() ?? [])] }
    const make = more.length === 0 ? functions?.get(member) : undefined
    if (make === undefined) return { refused: 'is not one of the functions that a device has' }
    this.#random = random
    this.#now = now
    try {
      return fabricated(make(...checkArguments(name, args)))
    } catch (error) {
      // faker says in plain words what is wrong with its arguments.
      return { refused: messageOf(error) }
    }
  }
}

/** Looked up by name in here and nowhere else, so that no name leads to anything but a function of faker. */
function functionsOf(name: string, module: object): Map<string, Make> {
  const functions = new Map<string, Make>()
  for (let level = module; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value !== 'function' || key === 'constructor' || key.startsWith('_') || functions.has(key)) continue
      if (name === 'helpers' && !textHelpers.includes(key)) continue
      functions.set(key, (...args) => (value as Make).apply(module, [...args]))
    }
  }
  return functions
}

/** JSON has neither dates nor big integers. */
function fabricated(value: unknown): Fabricated {
  if (value instanceof Date) return { date: value.getTime() }
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (Array.isArray(value) && value[0] instanceof Date) return { dates: value.map(Number) }
  return { value }
}
