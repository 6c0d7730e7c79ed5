import { FaultlineError } from '../base/errors.ts'
import { describeRule } from './describe-rule.ts'
import type { Fault, Setting, Settings, SettingValue } from './fault.ts'
import { faultNames, findFault } from './faults.ts'
import type { RuleDraft } from './rule.ts'

/** As long as a timer can be set: almost 25 days. */
const longest = 2 ** 31 - 1

/** Every record of what a rule did bears its name. */
const longestName = 200

/** One mistake; `field` is a field of the rule, or `settings.ms`. */
export interface RuleMistake {
  readonly field: string
  readonly message: string
}

/** A rule of this fault as it starts out: every packet of every client, without end. */
export function ruleDefaults(fault: string): RuleDraft {
  const known = findFault(fault)
  return {
    name: '',
    enabled: true,
    fault,
    settings: known === undefined ? {} : initialSettings(known),
    clients: '*',
    connection: 0,
    from: 'any',
    filter: '',
    nth: 1,
    times: 0,
    probability: 1,
    fromMs: 0,
    untilMs: 0,
  }
}

/**
 * Gives the rule with every setting filled in, and with a name. Its filter is not looked at.
 *
 * @throws FaultlineError `invalid-argument` whose message lists every mistake; `details.mistakes` has them one by one.
 */
export function checkRule<Draft extends RuleDraft>(rule: Draft): Draft {
  const mistakes = ruleMistakes(rule)
  if (mistakes.length > 0) throw refusal(mistakes)
  const fault = findFault(rule.fault) as Fault
  const checked = { ...rule, settings: { ...initialSettings(fault), ...rule.settings } }
  return { ...checked, name: rule.name.trim() === '' ? shortened(describeRule(checked)) : rule.name }
}

/** A filter or a Client Identifier may be long. */
function shortened(name: string): string {
  if (name.length <= longestName) return name
  // Half of a character that takes two code units is none.
  return `${name.slice(0, longestName - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Every mistake of a rule but those of its filter; none where `checkRule` would take it. */
export function ruleMistakes(rule: RuleDraft): readonly RuleMistake[] {
  const fault = findFault(rule.fault)
  return [
    ...(fault === undefined ? [unknownFault(rule.fault)] : settingMistakes(fault, rule.settings)),
    ...(rule.name.length > longestName
      ? [{ field: 'name', message: `name has ${rule.name.length} characters; it may have ${longestName}` }]
      : []),
    ...(rule.clients === '' ? [{ field: 'clients', message: 'clients is empty; * is every client' }] : []),
    ...(['any', 'client', 'broker'].includes(rule.from)
      ? []
      : [{ field: 'from', message: `from is ${show(rule.from)}; it must be any, client or broker` }]),
    ...amount('connection', rule.connection, 0, Number.MAX_SAFE_INTEGER, true),
    ...amount('nth', rule.nth, 1, Number.MAX_SAFE_INTEGER, true),
    ...amount('times', rule.times, 0, Number.MAX_SAFE_INTEGER, true),
    ...amount('probability', rule.probability, 0, 1, false),
    ...windowMistakes(rule),
  ]
}

function windowMistakes({ fromMs, untilMs }: RuleDraft): readonly RuleMistake[] {
  const each = [...amount('fromMs', fromMs, 0, longest, false), ...amount('untilMs', untilMs, 0, longest, false)]
  if (each.length > 0 || untilMs === 0 || fromMs < untilMs) return each
  const message = `untilMs (${untilMs}) must be later than fromMs (${fromMs}), or 0 for without end`
  return [{ field: 'untilMs', message }]
}

function settingMistakes(fault: Fault, settings: Settings): readonly RuleMistake[] {
  const known = Object.keys(fault.settings)
  const unknown = Object.keys(settings).filter((name) => !known.includes(name))
  const wrong = Object.entries(fault.settings).flatMap(([name, setting]) => {
    const value = settings[name]
    return value === undefined ? [] : settingMistake(`settings.${name}`, `${name} of ${fault.name}`, setting, value)
  })
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  const mistakes = [
    ...unknown.map((name) => ({
      field: `settings.${name}`,
      message: `${fault.name} has no setting ${show(name)}; ${has}`,
    })),
    ...wrong,
  ]
  if (wrong.length > 0) return mistakes
  const message = fault.mistake?.({ ...initialSettings(fault), ...settings })
  return message === undefined ? mistakes : [...mistakes, { field: 'settings', message: `${fault.name}: ${message}` }]
}

function settingMistake(field: string, name: string, setting: Setting, value: SettingValue): readonly RuleMistake[] {
  if (setting.kind === 'number') return amount(field, value, setting.min, setting.max, setting.whole, name)
  if (typeof value === 'string' && setting.choices.includes(value)) return []
  return [{ field, message: `${name} is ${show(value)}; it must be ${setting.choices.join(' or ')}` }]
}

function amount(
  field: string,
  value: unknown,
  min: number,
  max: number,
  whole: boolean,
  name = field,
): readonly RuleMistake[] {
  // NaN is in no range.
  if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return []
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`
  return [{ field, message: `${name} is ${show(value)}; it must be a ${whole ? 'whole ' : ''}number, ${range}` }]
}

function unknownFault(name: string): RuleMistake {
  return { field: 'fault', message: `there is no fault ${show(name)}; there are ${faultNames.join(', ')}` }
}

function initialSettings(fault: Fault): Settings {
  return Object.fromEntries(Object.entries(fault.settings).map(([name, { initial }]) => [name, initial]))
}

function refusal(mistakes: readonly RuleMistake[]): FaultlineError {
  const list = mistakes.map(({ message }) => message)
  const message =
    list.length === 1 ? `the rule is not right: ${list[0]}` : `${list.length} mistakes in the rule: ${list.join('; ')}`
  return new FaultlineError({ code: 'invalid-argument', message, details: { mistakes } })
}

function show(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : String(value)
}
