import type { KnownNames } from '../../../app/capture/filter.ts'
import { summarize } from '../../../app/mqtt/summary.ts'
import type { RowContext } from './row.ts'
import type { TrafficSource } from './traffic-list.tsx'

/** How many of the newest records are read for names, and how many names of a kind are taken. */
const mostRead = 2000
const mostNames = 200

/** The clients and topics of the newest records that are here, the newest first: what a filter is most likely about. */
export function namesIn(
  source: Pick<TrafficSource, 'last' | 'record'>,
  context: Pick<RowContext, 'clientId' | 'version'>,
): KnownNames {
  const clients = new Set<string>()
  const topics = new Set<string>()
  for (let number = source.last; number > Math.max(0, source.last - mostRead); number--) {
    const record = source.record(number)
    if (record === undefined) break
    const client = context.clientId(record.connection)
    if (client !== undefined && clients.size < mostNames) clients.add(client)
    if (record.kind === 'event' || record.malformed !== false || topics.size >= mostNames) continue
    const { topic } = summarize(record.octets, context.version(record.connection) ?? 4)
    if (topic !== undefined) topics.add(topic)
  }
  return { clients: [...clients], topics: [...topics] }
}
