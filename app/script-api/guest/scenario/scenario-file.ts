import type { ScenarioContext, ScenarioScript } from 'faultline'
import { mistake, shown } from '../../mistake.ts'
import type { ToScenario } from '../../scenario-crossing.ts'
import { crossingJson } from '../payload.ts'
import { ExpectationError } from './errors.ts'

type Body = (context: ScenarioContext) => unknown

interface Given {
  /** A `ScenarioDraft` as JSON. */
  readonly draft: string
  readonly body: Body
}

/** What a file says of its scenario, and the running of its body. */
export class ScenarioFile {
  readonly #given = new WeakMap<object, Given>()
  #body: Body | undefined
  #first: string | undefined

  readonly scenario = (name: unknown, options: unknown, body: unknown): ScenarioScript => {
    if (typeof body !== 'function') {
      const form = "scenario('what happens', { devices: {} }, async ({ devices, expect }) => { ... })"
      throw mistake(`scenario needs a name, its options and its body, as ${form}; the body is ${shown(body)}`)
    }
    // Only the default export would run: the other one would never be missed.
    if (this.#first !== undefined) {
      throw mistake(`scenario(...) is called a second time, after ${this.#first}: each scenario has a file of its own`)
    }
    const draft = draftOf(name, options)
    this.#first = shown(name)
    const script: ScenarioScript = Object.freeze({ kind: 'scenario' })
    this.#given.set(script, { draft, body: body as Body })
    return script
  }

  /**
   * The static part, as JSON.
   *
   * @param script the default export
   * @throws FaultlineError `invalid-argument`
   */
  plan(script: unknown): string {
    const given = typeof script === 'object' && script !== null ? this.#given.get(script) : undefined
    if (given === undefined) throw mistake('the default export must be what scenario(...) gives', 'export default')
    this.#body = given.body
    return given.draft
  }

  /**
   * Calls the body.
   *
   * @param settled called when it has come to its end, or an expectation has ended it; anything else that it throws is an
   * error of the script
   */
  async run(context: ScenarioContext, settled: (how: 'returned' | 'failed') => void): Promise<void> {
    try {
      await this.#body?.(context)
    } catch (error) {
      if (!ExpectationError.is(error)) throw error
      settled('failed')
      return
    }
    settled('returned')
  }
}

function draftOf(name: unknown, options: unknown): string {
  const words = {
    what: 'what a scenario says of itself',
    instead: 'its name and its options are plain data',
    refused: (why: string) => mistake(`the options of a scenario are data, which JSON can hold: ${why}`),
  }
  const json = (value: unknown) => crossingJson(value, words, asText) ?? 'null'
  return `{"name":${json(name)},"options":${json(options)}}`
}

/** JSON would leave these out, or make null of them, without a word: the host shall see what was written. */
function asText(value: unknown): unknown {
  if (typeof value === 'function') return '[a function]'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'bigint' ? `${value}n` : value
}

export type Groups = Extract<ToScenario, { type: 'run' }>['groups']
