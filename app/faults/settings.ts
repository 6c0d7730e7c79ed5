import type { Settings } from './fault.ts'

/** A setting of which `checkRule` has seen that it is a number. */
export function numberIn(settings: Settings, name: string): number {
  const value = settings[name]
  if (typeof value !== 'number') throw new TypeError(`setting ${name} is no number; check the rule first`)
  return value
}

/** A setting of which `checkRule` has seen that it is one of the choices. */
export function choiceIn<Choice extends string>(settings: Settings, name: string, choices: readonly Choice[]): Choice {
  const value = choices.find((choice) => choice === settings[name])
  if (value === undefined) throw new TypeError(`setting ${name} is none of ${choices.join(', ')}; check the rule first`)
  return value
}
