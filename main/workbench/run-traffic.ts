import { CaptureBatch } from '../../app/capture/batch.ts'
import type { Result } from '../../app/contract/contract.ts'
import type { CaptureSource } from './capture-source.ts'

/** How fine it is at the finest, in milliseconds, and how many stretches there are at most. */
const leastStepMs = 10
const mostSteps = 400
const readInOneTurn = 4096
const nanosecondsPerMs = 1e6

/**
 * How many packets there were in each stretch of a capture; what happened besides packets is left out.
 *
 * @param durationMs how long the run took
 * @param startedAt wall time at which it began, in milliseconds
 */
export async function trafficOf(
  source: CaptureSource,
  { durationMs, startedAt }: { readonly durationMs: number; readonly startedAt: number },
): Promise<Result<'scenarios.traffic'>> {
  const stepMs = Math.max(leastStepMs, Math.ceil(durationMs / mostSteps))
  const packets = new Array<number>(Math.max(1, Math.ceil(durationMs / stepMs))).fill(0)
  const before = source.captureStart - startedAt
  for (let next = source.first; next < source.next; ) {
    const batch = new CaptureBatch(source.read(next, readInOneTurn))
    if (batch.count === 0) break
    for (let i = 0; i < batch.count; i++) {
      const record = batch.at(i)
      if (record?.kind !== 'packet') continue
      const at = before + record.time / nanosecondsPerMs
      const step = Math.min(packets.length - 1, Math.max(0, Math.floor(at / stepMs)))
      packets[step] = (packets[step] ?? 0) + 1
    }
    next = batch.first + batch.count
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { stepMs, packets }
}
