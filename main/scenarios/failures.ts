import { ladderText } from '../../app/scenario/ladder-text.ts'
import type { Failure } from '../../app/scenario/report.ts'
import type { Evidence } from './evidence.ts'

/** Records that a ladder shows: before what it is about, and in all. */
const before = 4
const most = 24

/**
 * The packets around a failure, as a ladder in text.
 *
 * @param packets what it is about; undefined shows what was on the wire last
 * @param from the number of the first record that came while it was waited for
 * @param startAt nanoseconds of the capture's time at which the run began
 */
export function ladderAround({
  evidence,
  from,
  packets,
  startAt,
}: {
  readonly evidence: Evidence
  readonly packets: { readonly first: number; readonly last: number } | undefined
  readonly from: number
  readonly startAt: number
}): readonly string[] {
  const last = evidence.next - 1
  if (last < 1) return []
  const first = Math.max(1, Math.min(packets?.first ?? from, last) - before)
  const to = Math.min(last, packets === undefined ? last : Math.max(packets.last, packets.first) + before)
  return ladderText(evidence.records(first, to, most), evidence.names, startAt)
}

/** As the script sees it, and a person. */
export function failureText({ expected, received, what }: Pick<Failure, 'expected' | 'received' | 'what'>): string {
  return `${what}\n  expected: ${expected}\n  received: ${received}`
}
