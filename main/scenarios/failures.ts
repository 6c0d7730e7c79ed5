import type { Captured } from '../../app/capture/captured.ts'
import type { ConnectionNames } from '../../app/capture/subject.ts'
import { summarize } from '../../app/mqtt/summary.ts'
import { ladderText } from '../../app/scenario/ladder-text.ts'
import type { Failure } from '../../app/scenario/report.ts'
import type { Evidence } from './evidence.ts'

/** Records that a ladder shows: before and after what it is about, and in all. */
const around = 4
const most = 24
/** How far around they are looked for where they are those of some clients. */
const reach = 2000

/** Whose packets a failure is about. */
export interface Concern {
  /** Client Identifiers. */
  readonly clients: readonly string[]
  /** What others publish to such a topic is about it too. */
  readonly about: (topic: string) => boolean
}

/**
 * The packets around a failure, as a ladder in text. Packets of clients that it is not about are left out, and counted,
 * where there are any that it is about.
 *
 * @param packets what it is about; undefined shows what was on the wire last
 * @param from the number of the first record that came while it was waited for
 * @param startAt nanoseconds of the capture's time at which the run began
 */
export function ladderAround({
  concern,
  evidence,
  from,
  packets,
  startAt,
}: {
  readonly concern: Concern | undefined
  readonly evidence: Pick<Evidence, 'next' | 'names' | 'records'>
  readonly packets: { readonly first: number; readonly last: number } | undefined
  readonly from: number
  readonly startAt: number
}): readonly string[] {
  const end = evidence.next - 1
  if (end < 1) return []
  const first = Math.min(packets?.first ?? from, end)
  const last = packets === undefined ? end : Math.min(end, Math.max(packets.last, packets.first))
  const all = evidence.records(Math.max(1, first - reach), Math.min(end, last + reach), 2 * reach + most)
  const shown = window(
    all.filter((record) => isOf(concern, record, evidence.names)),
    first,
    last,
  )
  const [oldest] = shown
  const newest = shown.at(-1)
  const isKnown = shown.some(({ connection }) => connection !== 0)
  if (!isKnown || oldest === undefined || newest === undefined) {
    return ladderText(window(all, first, last), evidence.names, startAt)
  }
  const seen = new Set(shown)
  const left = all.filter(({ kind, number }) => kind === 'packet' && number >= oldest.number && number <= newest.number)
  const count = left.filter((record) => !seen.has(record)).length
  const lines = ladderText(shown, evidence.names, startAt)
  return count === 0 ? lines : [...lines, `${count} ${count === 1 ? 'packet' : 'packets'} of other clients left out`]
}

/** Those from `first` to `last` with some before and after them; of too many the newest. */
function window(records: readonly Captured[], first: number, last: number): Captured[] {
  const before = records.filter(({ number }) => number < first).slice(-around)
  const between = records.filter(({ number }) => number >= first && number <= last)
  const after = records.filter(({ number }) => number > last).slice(0, around)
  return [...before, ...between, ...after].slice(-most)
}

function isOf(concern: Concern | undefined, record: Captured, names: ConnectionNames): boolean {
  const { connection } = record
  // What happens to the broker happens to everybody.
  if (concern === undefined || connection === 0) return true
  const clientId = names.clientId(connection)
  if (clientId !== undefined && concern.clients.includes(clientId)) return true
  if (record.kind === 'event') return 'topic' in record.event && concern.about(record.event.topic)
  if (record.direction === 'to client' || record.malformed !== false) return false
  const { topic, type } = summarize(record.octets, names.version(connection) ?? 4)
  return type === 'PUBLISH' && topic !== undefined && concern.about(topic)
}

/** As the script sees it, and a person. */
export function failureText({ expected, received, what }: Pick<Failure, 'expected' | 'received' | 'what'>): string {
  return `${what}\n  expected: ${expected}\n  received: ${received}`
}
