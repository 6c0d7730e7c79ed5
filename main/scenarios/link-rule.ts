import { writeText } from '../../app/capture/filter-print.ts'
import type { NewRule } from '../../app/contract/wire.ts'
import { ruleDefaults } from '../../app/faults/check-rule.ts'
import type { Ask, Which } from '../../app/script-api/scenario-crossing.ts'

/**
 * The rule that a scenario asks for.
 *
 * @param clients a pattern of Client Identifiers
 */
export function linkRule({ fault, settings, which }: Extract<Ask, { do: 'fault' }>, clients: string): NewRule {
  const defaults = ruleDefaults(fault)
  return {
    ...defaults,
    settings: { ...defaults.settings, ...settings },
    clients,
    from: which.from ?? 'any',
    filter: filterOf(which),
    nth: which.nth ?? 1,
    times: which.times ?? 0,
    probability: which.probability ?? 1,
  }
}

/** In the filter language; empty means every packet. */
function filterOf({ packetId, packets, topic }: Which): string {
  return [
    ...(packets === undefined ? [] : [`type:${packets.map((name) => name.toLowerCase()).join(',')}`]),
    ...(topic === undefined ? [] : [`topic:${writeText([topic], '=')}`]),
    ...(packetId === undefined ? [] : [`id:${packetId}`]),
  ].join(' ')
}
