import type { Faker } from 'faultline'
import type { Fabricated, Fabrication, Host } from '../crossing.ts'
import { mistake, shown } from '../mistake.ts'

/**
 * A thin proxy: @faker-js/faker runs on the host's side, because loading it into every sandbox would cost megabytes a
 * device. Each function here is one name of the host's list.
 */
export function createFaker(host: Host): Faker {
  // The host answers with what the function of this name gives.
  function fabricate<T>(name: Fabrication, ...args: unknown[]): T {
    const answer = JSON.parse(host.fabricate(name, JSON.stringify(args))) as Fabricated
    if ('refused' in answer) throw mistake(`faker.${name}: ${answer.refused}`)
    return answer.value as T
  }
  const text = (name: Fabrication) => () => fabricate<string>(name)
  return {
    string: {
      alphanumeric: (length) => fabricate('string.alphanumeric', length ?? 1),
      hexadecimal: (options) => fabricate('string.hexadecimal', options ?? {}),
      numeric: (length) => fabricate('string.numeric', length ?? 1),
      uuid: text('string.uuid'),
    },
    number: {
      int: (options) => fabricate('number.int', options ?? {}),
      float: (options) => fabricate('number.float', options ?? {}),
    },
    datatype: { boolean: (options) => fabricate('datatype.boolean', options ?? {}) },
    helpers: {
      arrayElement(items) {
        if (!Array.isArray(items) || items.length === 0) {
          throw mistake(`faker.helpers.arrayElement needs a list with something in it, not ${shown(items)}`)
        }
        return items[fabricate<number>('number.int', { min: 0, max: items.length - 1 })]
      },
    },
    internet: { ipv4: text('internet.ipv4'), mac: text('internet.mac'), username: text('internet.username') },
    location: {
      city: text('location.city'),
      country: text('location.country'),
      latitude: () => fabricate('location.latitude'),
      longitude: () => fabricate('location.longitude'),
      streetAddress: text('location.streetAddress'),
    },
    person: {
      firstName: text('person.firstName'),
      fullName: text('person.fullName'),
      lastName: text('person.lastName'),
    },
    commerce: { productName: text('commerce.productName') },
    company: { name: text('company.name') },
    vehicle: { vin: text('vehicle.vin'), vrm: text('vehicle.vrm') },
    word: { adjective: text('word.adjective'), noun: text('word.noun') },
    lorem: { sentence: text('lorem.sentence'), word: text('lorem.word') },
    system: { semver: text('system.semver') },
    color: { human: text('color.human') },
  }
}
