import { describe, expect, it } from 'vitest'
import { ArrivalLog } from '../../../../../main/scenarios/expect/arrivals.ts'

describe('the log of what has arrived', () => {
  it('keeps the newest 64 MiB of payloads, and the newest message whatever its size', () => {
    const log = new ArrivalLog(0)
    const add = (size: number) =>
      log.add({ topic: 't', payload: new Uint8Array(size), qos: 0, retain: false, dup: false }, 0)
    const mebibyte = 1024 * 1024
    for (let n = 0; n < 70; n++) add(mebibyte)
    expect([log.oldest, log.next]).toEqual([6, 70])
    add(65 * mebibyte)
    expect([log.oldest, log.next]).toEqual([70, 71])
    expect(log.at(70)?.message.payload).toHaveLength(65 * mebibyte)
    add(1)
    expect([log.oldest, log.next]).toEqual([71, 72])
  })
})
