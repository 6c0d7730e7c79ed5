import type { Breakpoint, WireRule } from '../../../app/contract/wire.ts'
import { describeBreakpoint, describeRule } from '../../../app/faults/describe-rule.ts'
import { findFault } from '../../../app/faults/faults.ts'
import { packetTypes } from '../../../app/mqtt/control-packet.ts'
import type { DotTone } from '../../ui/dot.tsx'
import { formatCount } from '../../ui/format.ts'

/** A breakpoint or a rule as a line shows it. */
export interface RowWords {
  /** Unique among breakpoints and rules. */
  readonly key: string
  readonly text: string
  readonly state: string
  readonly tone: DotTone
  readonly enabled: boolean
  /** More than the line has room for. */
  readonly title: string
}

export function breakpointWords({ id, filter, enabled, hits }: Breakpoint): RowWords {
  const state = enabled ? hitWords(hits) : 'off'
  const title = filter.trim() === '' ? 'holds every packet' : `holds ${filter}`
  return {
    key: `breakpoint ${id}`,
    text: describeBreakpoint(filter),
    state,
    tone: enabled ? 'blue' : 'grey',
    enabled,
    title,
  }
}

export function ruleWords(rule: WireRule): RowWords {
  const state = !rule.enabled ? 'off' : rule.done ? 'done' : hitWords(rule.hits)
  const idle = !rule.enabled || rule.done
  const counts = `matched ${formatCount(rule.matched)}, hit ${formatCount(rule.hits)}`
  return {
    key: `rule ${rule.id}`,
    text: rule.name,
    state,
    tone: idle ? 'grey' : faultTone(rule.fault),
    enabled: rule.enabled,
    title: `${describeRule(rule)}; ${counts}`,
  }
}

function hitWords(hits: number): string {
  return hits === 0 ? 'armed' : `hit ${formatCount(hits)}`
}

/** Red is what loses something, a packet or a connection. */
function faultTone(name: string): DotTone {
  const group = findFault(name)?.group
  return group === 'loss' || group === 'connection' ? 'red' : 'amber'
}

const typeNames = new RegExp(`\\b(${packetTypes.filter((type) => type !== undefined).join('|')})\\b`)

/** The text in parts; the parts with odd numbers are names of Control Packets. */
export function partsOf(text: string): readonly string[] {
  return text.split(typeNames)
}

/** What came of cutting or healing links, in words. */
export function outcomeWords(action: 'cut' | 'heal', count: number, clients: string): string {
  const whose = clients === '*' ? 'any client' : clients
  if (action === 'cut') {
    if (count === 0) return `no open connection of ${whose}`
    return `${formatCount(count)} ${count === 1 ? 'connection' : 'connections'} cut`
  }
  if (count === 0) return clients === '*' ? 'there is no rule' : `no rule is for ${clients} alone`
  return `${formatCount(count)} ${count === 1 ? 'rule' : 'rules'} removed`
}
