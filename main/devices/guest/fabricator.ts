import type { Faker } from '@faker-js/faker'
import { faker as english } from '@faker-js/faker/locale/en'
import * as v from 'valibot'
import { messageOf } from '../../../app/base/errors.ts'
import type { Random } from '../../../app/base/random.ts'
import type { Fabricated, Fabrication } from '../../../app/script-api/crossing.ts'

/** Long enough for any made-up name, short enough not to be a way to fill the worker's memory. */
const length = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))
const int = v.pipe(v.number(), v.safeInteger())
const nothing = v.strictTuple([])
const hexadecimal = v.strictTuple([
  v.strictObject({ length: v.optional(length, 1), prefix: v.optional(v.pipe(v.string(), v.maxLength(100)), '0x') }),
])
const intRange = v.strictTuple([
  v.strictObject({ min: v.optional(int, 0), max: v.optional(int, Number.MAX_SAFE_INTEGER) }),
])
const floatRange = v.strictTuple([
  v.strictObject({
    min: v.optional(v.number(), 0),
    max: v.optional(v.number(), 1),
    fractionDigits: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15))),
  }),
])
const chance = v.strictTuple([
  v.strictObject({ probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.5) }),
])

type Make = (faker: Faker, args: unknown) => unknown

/** Checks the arguments, then makes the value. */
function made<T>(schema: v.GenericSchema<unknown, T>, make: (faker: Faker, args: T) => unknown): Make {
  return (faker, args) => make(faker, v.parse(schema, args))
}

/** Each function of a script's `faker`. What is not here does not exist for it. */
const makers: Record<Fabrication, Make> = {
  'string.alphanumeric': made(v.strictTuple([length]), (faker, [n]) => faker.string.alphanumeric(n)),
  'string.hexadecimal': made(hexadecimal, (faker, [options]) => faker.string.hexadecimal(options)),
  'string.numeric': made(v.strictTuple([length]), (faker, [n]) => faker.string.numeric(n)),
  'string.uuid': made(nothing, (faker) => faker.string.uuid()),
  'number.int': made(intRange, (faker, [options]) => faker.number.int(options)),
  'number.float': made(floatRange, (faker, [{ min, max, fractionDigits }]) =>
    faker.number.float(fractionDigits === undefined ? { min, max } : { min, max, fractionDigits }),
  ),
  'datatype.boolean': made(chance, (faker, [options]) => faker.datatype.boolean(options)),
  'internet.ipv4': made(nothing, (faker) => faker.internet.ipv4()),
  'internet.mac': made(nothing, (faker) => faker.internet.mac()),
  'internet.username': made(nothing, (faker) => faker.internet.username()),
  'location.city': made(nothing, (faker) => faker.location.city()),
  'location.country': made(nothing, (faker) => faker.location.country()),
  'location.latitude': made(nothing, (faker) => faker.location.latitude()),
  'location.longitude': made(nothing, (faker) => faker.location.longitude()),
  'location.streetAddress': made(nothing, (faker) => faker.location.streetAddress()),
  'person.firstName': made(nothing, (faker) => faker.person.firstName()),
  'person.fullName': made(nothing, (faker) => faker.person.fullName()),
  'person.lastName': made(nothing, (faker) => faker.person.lastName()),
  'commerce.productName': made(nothing, (faker) => faker.commerce.productName()),
  'company.name': made(nothing, (faker) => faker.company.name()),
  'vehicle.vin': made(nothing, (faker) => faker.vehicle.vin()),
  'vehicle.vrm': made(nothing, (faker) => faker.vehicle.vrm()),
  'word.adjective': made(nothing, (faker) => faker.word.adjective()),
  'word.noun': made(nothing, (faker) => faker.word.noun()),
  'lorem.sentence': made(nothing, (faker) => faker.lorem.sentence()),
  'lorem.word': made(nothing, (faker) => faker.lorem.word()),
  'system.semver': made(nothing, (faker) => faker.system.semver()),
  'color.human': made(nothing, (faker) => faker.color.human()),
}

/**
 * The host's half of a script's `faker`. One faker serves all devices of a worker; what makes its values a device's own
 * is the stream of randomness that it draws from.
 */
export class Fabricator {
  #random: Random | undefined
  readonly #faker: Faker

  constructor() {
    // The package gives this locale only as a finished faker with a randomness of its own, and its class with it.
    const Class = english.constructor as typeof Faker
    this.#faker = new Class({
      locale: english.rawDefinitions,
      randomizer: { next: () => (this.#random as Random).next(), seed() {} },
    })
  }

  /** @param args as JSON */
  make(name: string, args: string, random: Random): Fabricated {
    if (!Object.hasOwn(makers, name)) return { refused: 'is not one of the functions that a device has' }
    this.#random = random
    try {
      return { value: makers[name as Fabrication](this.#faker, JSON.parse(args)) }
    } catch (error) {
      // Both faker and the schemas say in plain words what is wrong with the arguments.
      return { refused: messageOf(error) }
    }
  }
}
