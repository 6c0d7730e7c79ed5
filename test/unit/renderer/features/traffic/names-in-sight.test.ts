import { describe, expect, it } from 'vitest'
import type { Captured } from '../../../../../app/capture/captured.ts'
import { namesIn } from '../../../../../renderer/features/traffic/names-in-sight.ts'
import { event, packet } from '../../records.ts'

const context = {
  clientId: (connection: number) => (connection === 9 ? undefined : `client-${connection}`),
  version: () => 4 as const,
}

function publish(number: number, topic: string, connection: number): Captured {
  return packet({ cmd: 'publish', topic, payload: '', qos: 0, dup: false, retain: false }, { number, connection })
}

function names(records: readonly Captured[]) {
  return namesIn({ last: records.length, record: (number) => records[number - 1] }, context)
}

describe('the names that a filter is offered', () => {
  it('are those of the newest records, each once', () => {
    const records = [
      publish(1, 'a', 1),
      publish(2, 'b', 2),
      event({ type: 'power loss', clientId: 'x' }, 3, 3),
      publish(4, 'a', 9),
    ]
    expect(names(records)).toEqual({ clients: ['client-3', 'client-2', 'client-1'], topics: ['a', 'b'] })
  })

  it('are not looked for in what is malformed', () => {
    expect(
      names([
        packet(
          { cmd: 'publish', topic: 'a', payload: '', qos: 0, dup: false, retain: false },
          { malformed: 'cut short' },
        ),
      ]).topics,
    ).toEqual([])
  })

  it('are a few of very many', () => {
    const records = Array.from({ length: 3000 }, (_, i) => publish(i + 1, `topic ${i}`, i + 10))
    const { clients, topics } = names(records)
    expect([clients.length, topics.length, topics[0]]).toEqual([200, 200, 'topic 2999'])
  })
})
