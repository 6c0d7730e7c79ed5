import type { Faker } from 'faultline'
import type { Fabricated, Host } from '../crossing.ts'
import { type FakerModule, fakerModules } from '../faker-modules.ts'
import { mistake } from '../mistake.ts'
import type { Fabricate } from './faker-helpers.ts'
import type { OpenLibrary } from './libraries.ts'

type Functions = Readonly<Record<string, unknown>>

/**
 * A thin proxy: @faker-js/faker runs on the host's side, because loading it into every sandbox would cost megabytes a
 * device. A module's functions are made when the script first reads the module, for the same reason.
 */
export function createFaker(host: Pick<Host, 'fabricate'>, open: OpenLibrary): Faker {
  const fabricate: Fabricate = (name, ...args) =>
    revived(name, JSON.parse(host.fabricate(name, JSON.stringify(given(args), plain))) as Fabricated)
  const faker: Record<string, unknown> = {}
  for (const module of fakerModules) {
    let functions: Functions | undefined
    Object.defineProperty(faker, module, {
      enumerable: true,
      get() {
        functions ??= functionsOf(module, fabricate, faker, open)
        return functions
      },
    })
  }
  // What there is, is what the host has; a test holds it against the type.
  return Object.freeze(faker) as unknown as Faker
}

function functionsOf(module: FakerModule, fabricate: Fabricate, faker: object, open: OpenLibrary): Functions {
  const names = fabricate(module) as readonly string[]
  const functions = Object.fromEntries(
    names.map((name) => [name, (...args: readonly unknown[]) => fabricate(`${module}.${name}`, ...args)]),
  )
  return Object.freeze(
    module === 'helpers' ? { ...functions, ...open('data').parts.createHelpers(fabricate, faker) } : functions,
  )
}

function revived(name: string, answer: Fabricated): unknown {
  if ('refused' in answer) throw mistake(`faker.${name}: ${answer.refused}`)
  if ('date' in answer) return new Date(answer.date)
  if ('dates' in answer) return answer.dates.map((date) => new Date(date))
  return 'bigint' in answer ? BigInt(answer.bigint) : answer.value
}

/** An argument that is left out must not become null. */
function given(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1)
}

/** What JSON has no form for, in the form that faker takes as well. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function') throw mistake('faker takes functions only in multiple, maybe and uniqueArray')
  return value instanceof RegExp ? value.source.replace(/^\^|\$$/g, '') : value
}
