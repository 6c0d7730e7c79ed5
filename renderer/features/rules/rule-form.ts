import type { NewRule } from '../../../app/contract/wire.ts'
import { ruleDefaults, ruleMistakes } from '../../../app/faults/check-rule.ts'
import type { FaultGroup, Setting } from '../../../app/faults/fault.ts'
import { faultNames, findFault } from '../../../app/faults/faults.ts'
import { filterWords } from '../../../app/faults/filter-words.ts'

/** What the form is about: a breakpoint, or the fault of that name. */
export const breakpointKind = 'breakpoint'

export type Way = 'any' | 'client' | 'broker'

/** What somebody has typed, as it was typed. Choices and numbers go by the rule's own words: `nth`, `settings.ms`. */
export interface RuleForm {
  readonly kind: string
  /** Empty is every client. */
  readonly clients: string
  readonly from: Way
  readonly filter: string
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

/** What is wrong, by field; what concerns no field alone is under ''. */
export type Problems = Readonly<Record<string, string>>

/** What a form that is right asks for. */
export type Wanted =
  | { readonly kind: 'breakpoint'; readonly filter: string }
  | { readonly kind: 'rule'; readonly rule: NewRule }

export interface NumberField {
  readonly key: string
  readonly label: string
  /** In which the number is typed; empty for a plain number. */
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly whole: boolean
  /** By which what is typed is multiplied to get what the rule says. */
  readonly scale: number
  readonly initial: string
  /** What an empty field stands for: in words, and in the rule. */
  readonly empty?: { readonly words: string; readonly value: number }
}

export interface ChoiceField {
  readonly key: string
  readonly label: string
  readonly choices: readonly string[]
  readonly initial: string
}

const nth = { key: 'nth', label: 'from match', unit: '', min: 1, max: 1e9, whole: true, scale: 1, initial: '1' }
const times: NumberField = {
  key: 'times',
  label: 'acts',
  unit: 'times',
  min: 0,
  max: 1e9,
  whole: true,
  scale: 1,
  initial: '',
  empty: { words: 'without end', value: 0 },
}
const probability: NumberField = {
  key: 'probability',
  label: 'chance',
  unit: '%',
  min: 0,
  max: 100,
  whole: false,
  scale: 0.01,
  initial: '100',
}
const connection: NumberField = {
  key: 'connection',
  label: 'connection',
  unit: '',
  min: 1,
  max: 1e9,
  whole: true,
  scale: 1,
  initial: '',
  empty: { words: 'any', value: 0 },
}
// As long as a timer can be set: almost 25 days.
const time = { unit: 's', min: 0, max: 2_147_483, whole: false, scale: 1000, initial: '' }
const fromMs: NumberField = { ...time, key: 'fromMs', label: 'begins after', empty: { words: 'at once', value: 0 } }
const untilMs: NumberField = { ...time, key: 'untilMs', label: 'ends after', empty: { words: 'never', value: 0 } }

/** What limits a rule: on which matches it acts, and when. A breakpoint has no limits. */
export function limitFields(kind: string): readonly NumberField[] {
  return kind === breakpointKind ? [] : [nth, times, probability, fromMs, untilMs, connection]
}

/** Whether a kind looks at packets, and so takes a filter. */
export function takesFilter(kind: string): boolean {
  return kind === breakpointKind || findFault(kind)?.level === 'packet'
}

/** Whether a kind can be meant for one way only. A connection that is refused has no ways. */
export function takesWay(kind: string): boolean {
  return kind !== 'refuse'
}

export function settingFields(kind: string): readonly (NumberField | ChoiceField)[] {
  return Object.entries(findFault(kind)?.settings ?? {}).map(([name, setting]) => settingField(name, setting))
}

export function isNumberField(field: NumberField | ChoiceField): field is NumberField {
  return !('choices' in field)
}

function settingField(name: string, setting: Setting): NumberField | ChoiceField {
  const key = `settings.${name}`
  if (setting.kind === 'choice') return { key, ...setting }
  const { label, unit, min, max, whole, initial } = setting
  // People say shares in hundredths.
  if (unit === 'share') {
    const percent = { unit: '%', min: min * 100, max: max * 100, scale: 0.01, initial: String(initial * 100) }
    return { key, label, whole: false, ...percent }
  }
  return { key, label, unit, min, max, whole, scale: 1, initial: String(initial) }
}

/** Every kind, as a menu shows it: the groups in their order, each with its kinds. */
export const kindGroups: readonly {
  readonly label: string
  readonly kinds: readonly { readonly kind: string; readonly title: string }[]
}[] = [
  { label: 'Stop', kinds: [{ kind: breakpointKind, title: 'breakpoint' }] },
  ...groups([
    ['time', 'Time'],
    ['loss', 'Loss'],
    ['order', 'Order'],
    ['damage', 'Damage'],
    ['connection', 'Connection'],
  ]),
]

function groups(order: readonly (readonly [FaultGroup, string])[]) {
  const known = faultNames.flatMap((name) => findFault(name) ?? [])
  return order.map(([group, label]) => ({
    label,
    kinds: known.filter((fault) => fault.group === group).map(({ name, title }) => ({ kind: name, title })),
  }))
}

export function helpFor(kind: string): string {
  return findFault(kind)?.help ?? 'Packets wait here until somebody lets them go; what comes behind them waits as well.'
}

/** A form as it starts out; of a form before it, what any kind has is kept. */
export function startForm(kind: string, before?: RuleForm): RuleForm {
  const fields = [...settingFields(kind), ...limitFields(kind)]
  const limits = limitFields(kind).map(({ key }) => key)
  const kept = (key: string) => (limits.includes(key) ? before?.values[key] : undefined)
  return {
    clients: '',
    from: 'any',
    filter: '',
    name: '',
    ...before,
    kind,
    values: Object.fromEntries(fields.map(({ key, initial }) => [key, kept(key) ?? initial])),
  }
}

/**
 * What the form asks for, or what is wrong with it.
 *
 * @param checkFilter says what is wrong with a filter.
 */
export function readForm(
  form: RuleForm,
  checkFilter: (text: string) => string | undefined,
): { readonly wanted: Wanted } | { readonly problems: Problems } {
  const filter = takesFilter(form.kind) ? form.filter.trim() : ''
  const filterProblem = filter === '' ? undefined : checkFilter(filter)
  const filterProblems: Problems = filterProblem === undefined ? {} : { filter: filterProblem }
  if (form.kind === breakpointKind) {
    if (filterProblem !== undefined) return { problems: filterProblems }
    return { wanted: { kind: 'breakpoint', filter: breakpointFilter(form, filter) } }
  }
  const { values, problems } = readValues(form)
  const rule: NewRule = { ...ruleOf(form, values), filter }
  const wrong: Problems = { ...mistakesOf(rule, problems), ...problems, ...filterProblems }
  return Object.keys(wrong).length > 0 ? { problems: wrong } : { wanted: { kind: 'rule', rule } }
}

function readValues(form: RuleForm): { values: Record<string, number | string>; problems: Problems } {
  const values: Record<string, number | string> = {}
  const problems: Record<string, string> = {}
  for (const field of [...settingFields(form.kind), ...limitFields(form.kind)]) {
    const typed = form.values[field.key] ?? field.initial
    const value = isNumberField(field) ? readNumber(field, typed) : typed
    if (value === undefined && isNumberField(field)) problems[field.key] = rangeOf(field)
    else if (value !== undefined) values[field.key] = value
  }
  return { values, problems }
}

/** What a number field says, as the rule has it; undefined where it says nothing that will do. */
export function readNumber(field: NumberField, typed: string): number | undefined {
  const text = typed.trim()
  if (text === '') return field.empty?.value
  const number = Number(text)
  if (!(number >= field.min && number <= field.max) || (field.whole && !Number.isInteger(number))) return undefined
  // 7 % is 0.07, and not what a binary fraction makes of it.
  return Number((number * field.scale).toPrecision(12))
}

function rangeOf({ min, max, whole, unit, empty }: NumberField): string {
  const range = `a ${whole ? 'whole ' : ''}number from ${min} to ${max}${unit === '' ? '' : ` ${unit}`}`
  return `${range}${empty === undefined ? '' : `, or nothing for ${empty.words}`}`
}

function ruleOf(form: RuleForm, values: Readonly<Record<string, number | string>>): NewRule {
  const defaults = ruleDefaults(form.kind)
  const settings = Object.keys(defaults.settings).map((name) => [name, values[`settings.${name}`]])
  const limit = (key: 'nth' | 'times' | 'probability' | 'fromMs' | 'untilMs' | 'connection') => {
    const value = values[key]
    return typeof value === 'number' ? value : defaults[key]
  }
  return {
    ...defaults,
    name: form.name.trim(),
    settings: Object.fromEntries(settings.filter(([, value]) => value !== undefined)),
    clients: form.clients.trim() || '*',
    from: takesWay(form.kind) ? form.from : 'any',
    nth: limit('nth'),
    times: limit('times'),
    probability: limit('probability'),
    fromMs: limit('fromMs'),
    untilMs: limit('untilMs'),
    connection: limit('connection'),
  }
}

/** The mistakes that no field has for itself: how values fit together. Said only once the fields are right. */
function mistakesOf(rule: NewRule, problems: Problems): Problems {
  if (Object.keys(problems).length > 0) return {}
  return Object.fromEntries(
    ruleMistakes(rule).map(({ field, message }) =>
      field === 'untilMs' ? [field, 'must be later than it begins'] : [field === 'settings' ? '' : field, message],
    ),
  )
}

/** A breakpoint is a filter and nothing else: its clients and its way become terms of it. */
function breakpointFilter({ clients, from }: RuleForm, filter: string): string {
  const pattern = clients.trim()
  const terms = [
    ...(from === 'any' ? [] : [`from:${from}`]),
    ...(pattern === '' || pattern === '*' ? [] : [`client:${quoted(pattern)}`]),
  ]
  if (filter === '' || terms.length === 0) return filter || terms.join(' ')
  // What is more than a list of terms may have an `or` in it, which would swallow the terms after it.
  return [filterWords(filter) === undefined ? `(${filter})` : filter, ...terms].join(' ')
}

function quoted(pattern: string): string {
  return /^[\w.*-]+$/.test(pattern) ? pattern : `"${pattern.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
