import type { Clock } from '../../app/base/clock.ts'
import type { Failure, Verdict } from '../../app/scenario/report.ts'
import type { Wreck } from './bench.ts'
import { DeviceFailed } from './device-failed.ts'
import { Evidence } from './evidence.ts'
import { ladderAround } from './failures.ts'
import type { RunLog } from './run-log.ts'

/** What was seen of a bench that could not be opened. */
export interface Remains {
  readonly evidence: Evidence
  /** The packets around the refusal, or the last ones, as a ladder in text. */
  readonly ladder: readonly string[]
}

/** Takes in what was captured until now. The evidence is to be disposed of. */
export async function remainsOf(wreck: Wreck, error: unknown, clock: Clock, log: RunLog): Promise<Remains> {
  const evidence = new Evidence(wreck.capture, clock, () => {})
  await evidence.settled()
  const clients = error instanceof DeviceFailed ? error.failure.clientIds : []
  const refusals = evidence.refusals.all()
  const refusal = refusals.findLast(({ clientId }) => clients.length === 0 || clients.includes(clientId))
  const ladder = ladderAround({
    concern: clients.length === 0 ? undefined : { clients, about: () => false },
    evidence,
    packets: refusal && { first: refusal.number, last: refusal.number },
    from: 1,
    startAt: (log.startedAt - wreck.capture.startedAt) * 1e6,
  })
  return { evidence, ladder }
}

/** What devices have failed at themselves; undefined where it is the environment that has failed. */
export function failureOf(error: unknown, target: string | undefined, at: number): Failure | undefined {
  if (!(error instanceof DeviceFailed)) return undefined
  const { because, clientIds: _, ...words } = error.failure
  // Whom another broker lets in, and when, is its own affair.
  if (because === 'it was refused' && target !== undefined) return undefined
  return { ...words, at, ladder: [], step: undefined, soft: false, packets: undefined }
}

/** With the packets, where there were any: of what the environment has failed at the log has them. */
export function withLadder(
  { ladder }: Remains,
  failure: Failure | undefined,
  verdict: Verdict,
  log: Pick<RunLog, 'fail' | 'failures' | 'line'>,
): Verdict {
  if (failure !== undefined) {
    log.fail({ ...failure, ladder })
    return { is: 'failed', failures: log.failures }
  }
  if (ladder.length > 0) log.line('packets until then:')
  for (const line of ladder) log.line(line)
  return verdict
}
