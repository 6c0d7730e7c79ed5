import type { Clock } from '../../app/base/clock.ts'
import { matchesClient } from '../../app/faults/client-pattern.ts'
import type { Bench } from './bench.ts'
import type { Evidence } from './evidence.ts'
import { owesAnswer } from './owed-answers.ts'
import type { OpenWaits } from './wait-for.ts'

/** So long nothing may have passed, in milliseconds, and so long it is waited for. */
const silence = 25
const longest = 1000
/** How far back it is looked for what was not answered. */
const mostRecords = 1000

/**
 * Resolves when these links are at rest: nobody connects, nobody owes an answer, and nothing passes for a moment; or after a
 * second. A connection that is cut in the middle of what goes on would be cut in another place each time.
 *
 * @param clients a pattern of Client Identifiers
 */
export async function quiet(
  clients: string,
  { bench, clock, evidence, waits }: { bench: Bench; clock: Clock; evidence: Evidence; waits: OpenWaits },
): Promise<void> {
  const isOf = (connection: number) => matchesClient(clients, bench.capture.clientId(connection))
  const isBusy = () =>
    bench.devices
      .list()
      .some(
        ({ clientId, state }) => (state === 'booting' || state === 'connecting') && matchesClient(clients, clientId),
      ) || owesAnswer(evidence.records(1, evidence.next - 1, mostRecords), evidence.names, isOf)
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

/** The number of their last record. */
function lastOf(evidence: Evidence, isOf: (connection: number) => boolean): number {
  const records = evidence.records(1, evidence.next - 1, mostRecords)
  return records.findLast(({ connection }) => isOf(connection))?.number ?? 0
}
