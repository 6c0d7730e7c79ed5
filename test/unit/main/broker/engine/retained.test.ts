import { beforeEach, describe, expect, it } from 'vitest'
import { Retained } from '../../../../../main/broker/engine/retained.ts'
import type { RoutedMessage } from '../../../../../main/broker/engine/routed-message.ts'
import { routedMessage } from '../../../../helpers/routed.ts'
import { until } from '../../../../helpers/until.ts'

let stored: string[]
let retained: Retained
let problems: Error[]

beforeEach(() => {
  stored = []
  problems = []
  const storeRetained = async (message: object) => {
    const { payload, topic } = message as RoutedMessage
    if (topic === 'broken') throw new Error('the disk is full')
    stored.push(`${topic} ${payload.length}`)
  }
  retained = new Retained({ storeRetained }, (error) => problems.push(error))
})

function message(topic: string, payload: string, expiresAt?: number): RoutedMessage {
  return routedMessage(topic, { payload: Buffer.from(payload), expiresAt, retain: true })
}

function payloads(filter: string, now = 0): string[] {
  return retained.match(filter, now).map(({ payload }) => Buffer.from(payload).toString())
}

describe('Retained messages', () => {
  it('are the last ones of their topics, at once', () => {
    for (const [topic, payload] of [
      ['a/b', '1'],
      ['a/c', '2'],
      ['a/b', '3'],
    ] as const)
      retained.set(message(topic, payload))
    expect(payloads('a/+')).toEqual(['3', '2'])
    expect(payloads('a/b')).toEqual(['3'])
    expect([retained.size, retained.octets]).toEqual([2, 2])
  })

  it('are deleted by one without a payload, which is not kept itself', () => {
    retained.set(message('a', 'five.'))
    retained.set(message('a', ''))
    retained.set(message('never', ''))
    expect([payloads('#'), retained.size, retained.octets]).toEqual([[], 0, 0])
  })

  it('are given to nobody when they have expired', () => {
    retained.set(message('a', 'soon', 1000))
    retained.set(message('b', 'never'))
    expect(payloads('+', 999)).toEqual(['soon', 'never'])
    expect(payloads('+', 1000)).toEqual(['never'])
    expect(payloads('a', 1000)).toEqual([])
  })

  it('of $ topics are not for filters that begin with a wildcard', () => {
    retained.set(message('$SYS/x', '1'))
    expect([payloads('#'), payloads('+/x'), payloads('$SYS/#')]).toEqual([[], [], ['1']])
  })

  it('are stored, deletions as well; what came out of the store is not', () => {
    retained.set(message('a', '12'))
    retained.set(message('a', ''))
    retained.restore(message('b', '123'))
    expect(stored).toEqual(['a 2', 'a 0'])
    expect(payloads('b')).toEqual(['123'])
  })

  it('say so where they cannot be stored', async () => {
    retained.set(message('broken', '1'))
    await until('the problem is told', () => problems.length > 0)
    expect(problems.map(({ message }) => message)).toEqual(['the disk is full'])
  })

  it('do not keep the piece of the stream in which they came', () => {
    const piece = Buffer.alloc(60_000, 'x')
    retained.set(routedMessage('a', { payload: piece.subarray(0, 5), retain: true }))
    expect(retained.all()[0]?.payload.buffer.byteLength).toBeLessThan(2000)
  })
})
