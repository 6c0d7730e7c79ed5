import type { Fault, Scope } from './fault.ts'
import { findFault } from './faults.ts'
import { filterWords } from './filter-words.ts'
import type { RuleDraft } from './rule.ts'
import { inPercent, inTime, ordinal } from './words.ts'

/**
 * A rule in a few words, such as `drop first PUBREC to gateway-berlin` or `latency 200 ms for every client`. The rule
 * must be one that `checkRule` took.
 */
export function describeRule(rule: RuleDraft): string {
  const fault = findFault(rule.fault)
  if (fault === undefined) return rule.fault
  const chance = rule.probability < 1 ? [`with a chance of ${inPercent(rule.probability)}`] : []
  return [fault.describe(rule.settings, scopeOf(rule, fault)), ...chance, ...limitsOf(rule)].join(', ')
}

/** A breakpoint in a few words, such as `hold PUBREL broker → dashboard`. */
export function describeBreakpoint(filter: string): string {
  const words = filterWords(filter)
  if (words === undefined) return `hold “${filter.trim()}”`
  const packets = words.packets || 'every packet'
  if (words.from === undefined) return `hold ${packets}${words.clients === undefined ? '' : ` of ${words.clients}`}`
  const client = words.clients ?? 'client'
  return `hold ${packets} ${words.from === 'broker' ? `broker → ${client}` : `${client} → broker`}`
}

function scopeOf(rule: RuleDraft, fault: Fault): Scope {
  const clients = rule.clients === '*' ? 'every client' : rule.clients
  const way = { any: 'of', client: 'from', broker: 'to' }[rule.from]
  const filter = fault.level === 'packet' ? rule.filter.trim() : ''
  const all = filter === '' && rule.nth === 1 && rule.times === 0
  const whole = rule.from === 'any' ? clients : `all ${way} ${clients}`
  const whose = rule.from === 'any' && rule.clients === '*' ? '' : ` ${way} ${clients}`
  const chosen = `${count(rule, thing(fault, filter))}${whose}`
  return { packets: chosen, link: all ? whole : chosen }
}

function thing(fault: Fault, filter: string): { readonly one: string; readonly many: string; readonly every: string } {
  if (filter === '') {
    const one = fault.level === 'connection' ? 'connection' : 'packet'
    return { one, many: `${one}s`, every: `every ${one}` }
  }
  const words = filterWords(filter)
  // A filter that speaks of clients or ways itself would be cut short by the words for packets alone.
  const packets =
    words === undefined || words.from !== undefined || words.clients !== undefined ? undefined : words.packets
  const name = packets === undefined || packets === '' ? `“${filter}”` : packets
  return { one: name, many: name, every: name }
}

function count({ nth, times }: RuleDraft, { one, many, every }: ReturnType<typeof thing>): string {
  if (times === 1) return `${ordinal(nth)} ${one}`
  if (times === 0) return nth === 1 ? every : `${every} from the ${ordinal(nth)} on`
  return nth === 1 ? `first ${times} ${many}` : `${times} ${many} from the ${ordinal(nth)} on`
}

/** Such as `on connection 7`, and when. */
function limitsOf(rule: RuleDraft): string[] {
  return [...(rule.connection > 0 ? [`on connection ${rule.connection}`] : []), ...windowOf(rule)]
}

function windowOf({ fromMs, untilMs }: RuleDraft): string[] {
  if (untilMs > 0 && fromMs > 0) return [`from ${inTime(fromMs)} to ${inTime(untilMs)}`]
  if (fromMs > 0) return [`after ${inTime(fromMs)}`]
  return untilMs > 0 ? [`for ${inTime(untilMs)}`] : []
}
