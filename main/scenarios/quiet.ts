import type { Clock } from '../../app/base/clock.ts'
import { matchesClient } from '../../app/faults/client-pattern.ts'
import type { Bench } from './bench.ts'
import type { Evidence } from './evidence.ts'
import { owesAnswer } from './owed-answers.ts'
import type { OpenWaits } from './wait-for.ts'

/** So long nothing may have passed, in milliseconds, and so long it is waited for. */
const silence = 25
const longest = 1000
/** The same at the end of a body, which every run has: how long an answer is waited for, and that devices say what they did. */
const answerWithin = 500
const tellWithin = 1500
/** How far back it is looked for what was not answered. */
const mostRecords = 1000

interface Parts {
  readonly bench: Bench
  readonly clock: Clock
  readonly evidence: Evidence
  readonly waits: OpenWaits
}

/**
 * Resolves when these links are at rest: nobody connects, nobody owes an answer, and nothing passes for a moment; or after a
 * second. A connection that is cut in the middle of what goes on would be cut in another place each time.
 *
 * @param clients a pattern of Client Identifiers
 */
export async function quiet(clients: string, parts: Parts): Promise<void> {
  const { bench, clock, evidence, waits } = parts
  const isOf = (connection: number) => matchesClient(clients, bench.capture.clientId(connection))
  const isBusy = () => isConnecting(clients, parts) || owes(isOf, parts)
  const deadline = clock.monotonic() + longest * 1e6
  const left = () => (deadline - clock.monotonic()) / 1e6
  const events = [evidence.onMore, bench.devices.onChanged]
  for (let seen = -1; left() > 0; ) {
    await waits.until(() => !isBusy() || undefined, events, Math.max(0, left()))
    if (seen === lastOf(evidence, isOf)) return
    seen = lastOf(evidence, isOf)
    await waits.pass(silence)
  }
}

/**
 * Resolves when what was on its way has arrived, at devices too: a script can fail by what came in the last turn of a body. A
 * run whose devices always publish does not wait for the end of that.
 */
export async function arrived(parts: Parts): Promise<void> {
  const { bench, clock, evidence, waits } = parts
  const end = clock.monotonic() + answerWithin * 1e6
  const told = () => Promise.race([bench.sync(), waits.pass(tellWithin)])
  // Whoever has no time for it for long has had no turn in which anything could have come: there are two at least.
  for (let turn = 1; turn <= 2 || clock.monotonic() < end; turn++) {
    const seen = evidence.next
    await told()
    await waits.until(() => !owes(() => true, parts) || undefined, [evidence.onMore], answerWithin)
    await waits.pass(silence)
    await told()
    if (evidence.next === seen) return
  }
}

function isConnecting(clients: string, { bench }: Parts): boolean {
  return bench.devices.list().some(({ clientId, state }) => {
    return (state === 'booting' || state === 'connecting') && matchesClient(clients, clientId)
  })
}

function owes(isOf: (connection: number) => boolean, { evidence }: Parts): boolean {
  return owesAnswer(evidence.records(1, evidence.next - 1, mostRecords), evidence.names, isOf)
}

/** The number of their last record. */
function lastOf(evidence: Evidence, isOf: (connection: number) => boolean): number {
  const records = evidence.records(1, evidence.next - 1, mostRecords)
  return records.findLast(({ connection }) => isOf(connection))?.number ?? 0
}
