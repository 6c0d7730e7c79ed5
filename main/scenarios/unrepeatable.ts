import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import type { AskDesk } from './ask-desk.ts'
import type { Bench } from './bench.ts'
import type { Evidence } from './evidence.ts'

/** Names of them that a sentence has. */
const mostNames = 3

/** What of a run cannot be the same in another one with its seed, in sentences. */
export function unrepeatable(
  plan: ScenarioPlan,
  asked: AskDesk['asked'],
  bench: Bench,
  evidence: Evidence,
): readonly string[] {
  const devices = bench.devices.list()
  const fleets = bench.fleets.list()
  const load = fleets.filter(({ kind }) => kind === 'load')
  const known = new Set([...asked.clients, ...devices.map(({ clientId }) => clientId)])
  const groups = plan.groups.map(({ name }) => name)
  const strangers = [...evidence.meter.clientIds].filter(
    (id) => !known.has(id) && !groups.some((name) => id === name || id.startsWith(`${name}-`)),
  )
  const keepAlives = asked.silences > 0 || evidence.hasKeepAliveWill
  return [
    ...(plan.target === undefined
      ? []
      : [
          `The broker at ${plan.target} is not the scenario's own: what it keeps from before, and its timing, are its own.`,
          ...brokerUnused(plan),
        ]),
    ...(strangers.length === 0 ? [] : [`Clients from outside took part: ${names(strangers)}.`]),
    ...(load.length === 0
      ? []
      : [`Load clients send as fast as the machine lets them: ${names(load.map(({ id }) => id))}.`]),
    ...(devices.length + load.length > 1
      ? ['Devices act in real time: two that act at the same moment may come in another order.']
      : []),
    ...(asked.waits === 0 ? [] : ['It waits for real time: how far everything else has come by then differs.']),
    ...(keepAlives ? ['Keep alives run on real time.'] : []),
    ...(asked.chances === 0
      ? []
      : [
          'Chances are drawn from the seed in the order of the packets: packets that come in another order meet other chances.',
        ]),
  ]
}

/** What the scenario says of its own broker, where there is another one that knows nothing of it; a sentence, or none. */
export function brokerUnused({ broker, target }: ScenarioPlan): readonly string[] {
  const { access, limits, store } = broker
  const unused = [
    ...Object.keys(limits),
    ...(store === 'memory' ? [] : ['store']),
    ...(access === undefined ? [] : ['access']),
  ]
  if (target === undefined || unused.length === 0) return []
  const what = unused.map((name) => `broker.${name}`).join(', ')
  return [`The broker at ${target} knows nothing of what the scenario says of its own: ${what} did not count.`]
}

function names(ids: readonly string[]): string {
  const more = ids.length - mostNames
  return more > 0 ? `${ids.slice(0, mostNames).join(', ')} and ${more} more` : ids.join(', ')
}
