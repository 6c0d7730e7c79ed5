import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { statements5 } from '../../helpers/mqtt-5-statements.ts'
import { statements311 } from '../../helpers/mqtt-311-statements.ts'

const here = new URL('.', import.meta.url)
const texts = readdirSync(here)
  .filter((file) => file.endsWith('.test.ts') && file !== 'statements.test.ts')
  .map((file) => readFileSync(new URL(file, here), 'utf8'))

/** Statements that tests cite for a version. */
function citedIn(key: 'v311' | 'v5'): Set<string> {
  const pattern = new RegExp(`\\b${key}: '([^']*)'`, 'g')
  return new Set(texts.flatMap((text) => [...text.matchAll(pattern)].flatMap(([, numbers = '']) => numbers.split(' '))))
}

const webSockets = 'needs a WebSocket: test/protocol/broker/listeners'
const unlimited = 'our broker supports all of it; limits are set in the tests of the engine'
const noEnhanced = 'our broker knows no Authentication Method, so that it sends no AUTH'

/** Why a statement that binds the Server has no test here. */
const untested311: Readonly<Record<string, string>> = {
  '3.3.5-2': 'needs a rule that forbids: in the tests of access',
  '3.8.3-2': unlimited,
  '4.8.0-2': 'nobody can make a Transient Error from outside',
  '6.0.0-1': webSockets,
  '6.0.0-2': webSockets,
  '6.0.0-4': webSockets,
  '7.0.0-1': 'our broker connects to no other Server',
  '7.0.0-2': 'every test shows it: no client here has an extension',
}

const untested5: Readonly<Record<string, string>> = {
  '3.1.3-8': 'our broker refuses no Client Identifier of MQTT 5',
  '3.1.4-2': 'needs users: in the tests of access',
  '3.2.2-10': unlimited,
  '3.6.2-2': 'PUBREL of a Server has no Reason String to leave out, unless a PUBREC belonged to nothing',
  '3.6.2-3': 'as 3.6.2-2',
  '3.15.2-2': noEnhanced,
  '3.15.2-3': noEnhanced,
  '4.3.3-9': 'needs a rule that forbids: in the tests of access',
  '4.12.0-2': noEnhanced,
  '4.12.0-5': noEnhanced,
  '4.12.1-2': noEnhanced,
  '6.0.0-1': webSockets,
  '6.0.0-2': webSockets,
  '6.0.0-4': webSockets,
}

const versions = [
  ['3.1.1', citedIn('v311'), statements311, untested311],
  ['5', citedIn('v5'), statements5, untested5],
] as const

describe.each(versions)('the tests of MQTT %s', (_version, cited, statements, untested) => {
  it('cite statements that exist', () => {
    expect(cited.size).toBeGreaterThan(100)
    expect([...cited].filter((number) => !Object.hasOwn(statements, number))).toEqual([])
  })

  it('cite every statement that binds the Server, or this file says why not', () => {
    const missing = Object.entries(statements).filter(
      ([number, text]) => !cited.has(number) && !text.startsWith('client: ') && !Object.hasOwn(untested, number),
    )
    expect(missing.map(([number, text]) => `${number}: ${text}`)).toEqual([])
  })

  it('are not said to be missing where they are there', () => {
    expect(Object.keys(untested).filter((number) => cited.has(number) || !Object.hasOwn(statements, number))).toEqual(
      [],
    )
  })
})
