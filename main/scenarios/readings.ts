import { FaultlineError } from '../../app/base/errors.ts'
import type { Ask } from '../../app/script-api/scenario-crossing.ts'
import type { ArrivedMessage, Bench } from './bench.ts'
import type { Evidence } from './evidence.ts'
import { openConnections } from './expect/broker.ts'
import type { Expectations } from './expect/expectations.ts'

/** Messages that a script is given of a watch. */
const mostMessages = 1000
/** Octets of each payload that it is given as text: its memory is bounded. */
const mostText = 64 * 1024

/**
 * What a scenario wants to know now.
 *
 * @throws FaultlineError `not-found`; `wrong-state` for what only a broker of ours tells
 */
export async function read(
  { of, what }: Extract<Ask, { do: 'read' }>,
  { bench, evidence, expectations }: { bench: Bench; evidence: Evidence; expectations: Expectations },
): Promise<unknown> {
  switch (what) {
    case 'hits':
      return found(bench.wire.state().rules, of, 'rule').hits
    case 'state':
      return there(bench.devices.get(String(of)), of, 'device').state
    case 'online':
      return found(bench.fleets.list(), of, 'group of devices').online
    case 'queued':
      return queued(bench, String(of))
    case 'connections':
      // What goes on now may be captured and not taken in yet.
      await evidence.settled()
      return openConnections(bench, evidence)
    case 'count':
      return expectations.readWatch(Number(of)).count
    case 'messages':
      return expectations.readWatch(Number(of)).messages.slice(-mostMessages).map(forScript)
  }
}

/** Of a Session that is not there nothing waits. */
function queued(bench: Bench, id: string): number {
  const clientId = bench.devices.get(id)?.clientId ?? id
  const sessions = sessionsOf(bench, 'how many messages wait in a Session')
  if (!bench.broker.running) {
    throw new FaultlineError({
      code: 'wrong-state',
      message: `how many messages wait in the Session of ${id} is not known: the broker does not run`,
      hint: 'start it first, with broker.start()',
    })
  }
  return sessions.find((session) => session.clientId === clientId)?.queued ?? 0
}

function sessionsOf({ broker }: Bench, what: string): ReturnType<Bench['broker']['sessions']> {
  if (broker.own) return broker.sessions()
  throw new FaultlineError({
    code: 'wrong-state',
    message: `${what} is known of the scenario's own broker alone, and it runs against another one`,
    hint: 'run it without a target, or leave this out',
  })
}

function found<Item extends { readonly id: string }>(items: readonly Item[], id: unknown, what: string): Item {
  return there(
    items.find((each) => each.id === id),
    id,
    what,
  )
}

function there<Item>(item: Item | undefined, id: unknown, what: string): Item {
  if (item !== undefined) return item
  throw new FaultlineError({ code: 'not-found', message: `there is no ${what} '${String(id)}'` })
}

/** As `ReceivedMessage` of scenario.d.ts. */
function forScript({ dup, payload, qos, retain, topic }: ArrivedMessage): object {
  const text = new TextDecoder().decode(payload.subarray(0, mostText))
  return { topic, text, length: payload.length, qos, retain, dup }
}
