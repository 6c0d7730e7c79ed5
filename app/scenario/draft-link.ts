import type { FilterNode, FilterValue } from '../capture/filter-ast.ts'
import { parse } from '../capture/filter-parser.ts'
import { ruleDefaults } from '../faults/check-rule.ts'
import type { RuleDraft } from '../faults/rule.ts'
import { duration, object, quoted } from './draft-words.ts'

type Part = readonly [name: string, value: string | undefined]

/**
 * A rule as the call of a link's method, such as `drop({ packet: 'PUBREC', times: 1 })`; undefined where a scenario has no
 * words for all of it: one for a single connection, one that begins later, one whose filter says more than packet, topic and
 * identifier.
 */
export function linkCall(rule: RuleDraft): string | undefined {
  if (rule.connection !== 0 || rule.fromMs !== 0 || rule.untilMs !== 0) return undefined
  if (!isSaid(rule)) return undefined
  const chosen = readFilter(rule.filter)
  if (chosen === undefined) return undefined
  const from: Part = ['from', rule.from === 'any' ? undefined : quoted(rule.from)]
  const times: Part = ['times', rule.times === 0 ? undefined : String(rule.times)]
  const which: Part[] = [
    ...chosen,
    from,
    ['nth', rule.nth === 1 ? undefined : String(rule.nth)],
    times,
    ['probability', rule.probability === 1 ? undefined : String(rule.probability)],
  ]
  const number = (name: string) => Number(rule.settings[name])
  const call = (name: string, ...parts: string[]) => `${name}(${parts.filter((part) => part !== '').join(', ')})`
  /** What takes no more than some of the parts cannot say the others. */
  const only = (...kept: string[]) => which.every(([name, value]) => value === undefined || kept.includes(name))
  switch (rule.fault) {
    case 'latency':
    case 'jitter':
    case 'delay':
      return call(rule.fault, duration(number('ms')), object(which))
    case 'drop':
    case 'reorder':
    case 'corrupt':
      return call(rule.fault, object(which))
    case 'duplicate':
      return call('duplicate', object([...which, ['copies', String(number('copies'))]]))
    case 'truncate':
      return call('truncate', object([...which, ['octets', String(number('octets'))]]))
    case 'bandwidth':
    case 'loss':
      return only('from') ? call(rule.fault, String(number('rate')), object([from])) : undefined
    case 'slice':
      if (!only('from') || number('min') !== number('max')) return undefined
      return call('slice', String(number('max')), object([from]))
    case 'cut':
      return call(
        'cut',
        object([
          ['by', rule.settings['how'] === 'fin' ? "'FIN'" : undefined],
          ['at', at(which)],
        ]),
      )
    case 'halfOpen':
      return only('from') ? call('halfOpen', object([from])) : undefined
    case 'refuse':
      return only('times') ? call('refuse', object([times])) : undefined
    default:
      return undefined
  }
}

/** The settings that a link's method has; the others have to be what they are by themselves. */
const said: Readonly<Record<string, readonly string[]>> = {
  latency: ['ms'],
  jitter: ['ms'],
  delay: ['ms'],
  bandwidth: ['rate'],
  loss: ['rate'],
  duplicate: ['copies'],
  truncate: ['octets'],
  slice: ['min', 'max'],
  cut: ['how'],
}

function isSaid({ fault, settings }: RuleDraft): boolean {
  const defaults = ruleDefaults(fault).settings
  const names = said[fault] ?? []
  return Object.entries(settings).every(([name, value]) => names.includes(name) || value === defaults[name])
}

/** A cut at no packet in particular is one at the next. */
function at(which: readonly Part[]): string {
  return object(which) || '{}'
}

/** The parts of `Which` that say the same as a filter; undefined where none do. */
function readFilter(text: string): Part[] | undefined {
  const node = parse(text)
  const parts = node.kind === 'and' ? node.parts : [node]
  const found = new Map<string, string>()
  for (const part of parts) {
    if (part.kind === 'everything') continue
    const entry = partOf(part)
    if (entry === undefined || found.has(entry[0])) return undefined
    found.set(...entry)
  }
  return [...found]
}

function partOf(node: FilterNode): [string, string] | undefined {
  if (node.kind !== 'test' || node.operator !== '=') return undefined
  const [first, ...others] = node.values
  if (first === undefined) return undefined
  switch (node.field) {
    case 'type': {
      const names = node.values.map((value) => plain(value)?.toUpperCase())
      if (!names.every((name) => name !== undefined && packetNames.has(name))) return undefined
      const written = names.map((name) => quoted(name ?? ''))
      return ['packet', written.length === 1 ? (written[0] ?? '') : `[${written.join(', ')}]`]
    }
    case 'topic': {
      const topic = plain(first)
      // A `*` of the filter language is no wildcard of a Topic Filter, nor is it the other way round.
      return topic === undefined || others.length > 0 ? undefined : ['topic', quoted(topic)]
    }
    case 'id':
      return first.kind === 'number' && others.length === 0 ? ['packetId', String(first.number)] : undefined
    default:
      return undefined
  }
}

function plain(value: FilterValue): string | undefined {
  return value.kind === 'text' && value.pieces.length === 1 ? value.pieces[0] : undefined
}

const packetNames = new Set(
  [
    'CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK',
    'PINGREQ PINGRESP DISCONNECT AUTH',
  ]
    .join(' ')
    .split(' '),
)
