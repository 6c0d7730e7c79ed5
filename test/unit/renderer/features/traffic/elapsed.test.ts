import { describe, expect, it } from 'vitest'
import type { Captured } from '../../../../../app/capture/captured.ts'
import { summarize } from '../../../../../app/mqtt/summary.ts'
import { ElapsedTimes, formatElapsed } from '../../../../../renderer/features/traffic/elapsed.ts'
import { conversation } from '../../records.ts'

/** Milliseconds since the request of a record, as the list finds it out. */
function elapsed(records: readonly Captured[], number: number, without: readonly number[] = []): number | undefined {
  const here = new Map(records.filter((one) => !without.includes(one.number)).map((one) => [one.number, one]))
  const times = new ElapsedTimes({
    record: (wanted) => here.get(wanted),
    connectionOf: (wanted) => here.get(wanted)?.connection,
  })
  const record = here.get(number)
  if (record?.kind !== 'packet') throw new Error(`record ${number} is no packet`)
  times.begin()
  const since = times.since(record, summarize(record.octets, 4), 4)
  expect(times.since(record, summarize(record.octets, 4), 4)).toBe(since)
  return since === undefined ? undefined : since / 1e6
}

const publish = (messageId: number, qos: 1 | 2 = 1) =>
  ({ cmd: 'publish', topic: 't', payload: 'p', qos, messageId, dup: false, retain: false }) as const
const ack = (cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', messageId: number) => ({ cmd, messageId }) as const
const opened = { type: 'opened', transport: 'tcp', remote: '127.0.0.1:1' } as const

describe('ElapsedTimes', () => {
  it('measures PUBACK from the PUBLISH with the same Packet Identifier', () => {
    const records = conversation(
      ['to broker', publish(7)],
      ['to broker', publish(8)],
      ['to client', ack('puback', 8)],
      ['to client', ack('puback', 7)],
    )
    expect(elapsed(records, 3)).toBe(1)
    expect(elapsed(records, 4)).toBe(3)
  })

  it('does not mix up connections', () => {
    const records = conversation(
      ['to broker', publish(7), 1],
      ['to broker', publish(7), 2],
      ['to client', ack('puback', 7), 1],
    )
    expect(elapsed(records, 3)).toBe(2)
  })

  it('does not mix up the two directions, which number their packets each for itself', () => {
    const records = conversation(['to client', publish(7)], ['to broker', publish(7)], ['to broker', ack('puback', 7)])
    expect(elapsed(records, 3)).toBe(2)
  })

  it('measures all of a QoS 2 handshake from its PUBLISH', () => {
    const records = conversation(
      ['to broker', publish(7, 2)],
      ['to client', ack('pubrec', 7)],
      ['to broker', ack('pubrel', 7)],
      ['to client', ack('pubcomp', 7)],
    )
    expect([2, 3, 4].map((number) => elapsed(records, number))).toEqual([1, 2, 3])
  })

  it('measures from the last time it was sent', () => {
    const again = { ...publish(7), dup: true }
    const records = conversation(['to broker', publish(7)], ['to broker', again], ['to client', ack('puback', 7)])
    expect(elapsed(records, 3)).toBe(1)
  })

  it('measures the other answers too', () => {
    const records = conversation(
      ['to broker', { cmd: 'connect', clientId: 'a' }],
      ['to client', { cmd: 'connack', returnCode: 0, sessionPresent: false }],
      ['to broker', { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 't', qos: 1 }] }],
      ['to broker', { cmd: 'pingreq' }],
      ['to client', { cmd: 'suback', messageId: 3, granted: [1] }],
      ['to client', { cmd: 'pingresp' }],
    )
    expect([2, 5, 6].map((number) => elapsed(records, number))).toEqual([1, 2, 2])
  })

  it('says nothing of a PUBLISH itself', () => {
    expect(elapsed(conversation(['to broker', publish(7)], ['to broker', publish(8)]), 2)).toBeUndefined()
  })

  it('says nothing where a record between is not here: the PUBLISH may be there', () => {
    const records = conversation(['to broker', publish(7)], ['to broker', publish(8)], ['to client', ack('puback', 7)])
    expect(elapsed(records, 3, [2])).toBeUndefined()
  })

  it('says nothing where the PUBLISH was sent over a connection before this one', () => {
    const records = conversation(
      ['to broker', publish(7, 2), 1],
      ['event', opened, 1],
      ['to broker', ack('pubrel', 7), 1],
    )
    expect(elapsed(records, 3)).toBeUndefined()
  })

  it('says nothing where the PUBLISH has another QoS than the answer belongs to', () => {
    const records = conversation(['to broker', publish(7, 2)], ['to client', ack('puback', 7)])
    expect(elapsed(records, 2)).toBeUndefined()
  })
})

describe('formatElapsed', () => {
  it.each([
    [84_000, '+84 µs'],
    [1_100_000, '+1.1 ms'],
    [9_940_000, '+9.9 ms'],
    [9_960_000, '+10 ms'],
    [412_300_000, '+412 ms'],
    [1_250_000_000, '+1.25 s'],
  ])('writes %i ns as %s', (nanoseconds, text) => {
    expect(formatElapsed(nanoseconds)).toBe(text)
  })
})
