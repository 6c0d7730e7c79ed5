import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createConnectionPair } from '../../../../app/mqtt/connection-pair.ts'
import type { NetworkConnection, Origin } from '../../../../app/mqtt/network-connection.ts'
import { ConnectionLog } from '../../../helpers/connection-log.ts'

function openPair() {
  const [a, b] = createConnectionPair()
  const pair = { a, b, heardByA: new ConnectionLog(a), heardByB: new ConnectionLog(b) }
  a.resume()
  b.resume()
  return pair
}

describe('createConnectionPair', () => {
  it('delivers in the same tick, with the origin beside the octets', () => {
    const { a, heardByB } = openPair()
    const origin: Origin = { message: 7, kind: 'will', clientId: 'pump-01' }
    a.write(Uint8Array.of(1, 2), origin)
    a.write(Uint8Array.of(3))
    expect([...heardByB.heard]).toEqual([1, 2, 3])
    expect(heardByB.origins).toEqual([origin, undefined])
  })

  it('starts paused: nothing is lost before somebody listens', () => {
    const [a, b] = createConnectionPair()
    a.write(Uint8Array.of(1))
    const log = new ConnectionLog(b)
    expect(log.chunks).toEqual([])
    b.resume()
    expect([...log.heard]).toEqual([1])
  })

  it('tells a writer to wait while the reader is slow, and when there is room again', () => {
    const { a, b, heardByA, heardByB } = openPair()
    b.pause()
    let taken = 0
    while (taken < 1e6 && a.write(new Uint8Array(1024))) taken += 1024
    expect(taken).toBeLessThanOrEqual(64 * 1024)
    expect(heardByB.chunks).toEqual([])
    expect(heardByA.calls).toEqual([])
    b.resume()
    expect(heardByA.calls).toEqual(['drained'])
    expect(heardByB.heard.length).toBe(taken + 1024)
  })

  it('closes both ends only when both have sent FIN; until then the other way stays open', () => {
    const { a, b, heardByA, heardByB } = openPair()
    a.end('switched off')
    expect(heardByB.calls).toEqual(['ended'])
    expect(heardByB.reasons).toEqual(['switched off'])
    b.write(Uint8Array.of(9))
    expect([...heardByA.heard]).toEqual([9])
    b.end()
    expect(heardByA.calls).toEqual(['ended', 'closed fin'])
    expect(heardByB.calls).toEqual(['ended', 'closed fin'])
  })

  it('tells even a paused reader of RST at once, after what had arrived', () => {
    const { a, b, heardByA, heardByB } = openPair()
    b.pause()
    a.write(Uint8Array.of(1, 2, 3))
    a.reset('power loss')
    expect([...heardByB.heard]).toEqual([1, 2, 3])
    expect(heardByB.calls).toEqual(['closed rst'])
    expect(heardByB.reasons).toEqual(['power loss'])
    expect(heardByA.calls).toEqual(['closed local'])
  })

  it('does not keep a writer waiting whose reader has reset', () => {
    const { a, b, heardByA, heardByB } = openPair()
    b.pause()
    while (heardByB.chunks.length === 0 && a.write(new Uint8Array(8192)));
    b.reset()
    expect(heardByA.calls).toEqual(['closed rst'])
    expect(heardByB.calls).toEqual(['closed local'])
    expect(a.write(Uint8Array.of(1))).toBe(true)
  })

  it('keeps order, loses nothing and closes once, whatever both ends do', () => {
    const side = fc.constantFrom<'a' | 'b'>('a', 'b')
    const act = fc.oneof(
      { weight: 8, arbitrary: fc.record({ side, act: fc.constant('write' as const), length: fc.nat(40_000) }) },
      { weight: 5, arbitrary: fc.record({ side, act: fc.constantFrom('pause' as const, 'resume' as const) }) },
      { weight: 1, arbitrary: fc.record({ side, act: fc.constantFrom('end' as const, 'reset' as const) }) },
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const { a, b, heardByA, heardByB } = openPair()
        const ends = { a: new Side(a, heardByA), b: new Side(b, heardByB) }
        for (const step of acts) {
          if (step.act === 'write') ends[step.side].write(step.length)
          else if (step.act === 'end') ends[step.side].end()
          else if (step.act === 'reset') ends[step.side].reset(ends[step.side === 'a' ? 'b' : 'a'])
          else ends[step.side].connection[step.act]()
        }
        a.resume()
        b.resume()
        ends.a.check(ends.b)
        ends.b.check(ends.a)
      }),
      { numRuns: 1000 },
    )
  })
})

/** One end, and what it may be expected to have done. */
class Side {
  readonly connection: NetworkConnection
  readonly log: ConnectionLog
  readonly written: Uint8Array[] = []
  ended = false
  wasReset = false
  /** The other end has reset, and this one was not closed by FIN already. */
  heardReset = false
  #next = 0

  constructor(connection: NetworkConnection, log: ConnectionLog) {
    this.connection = connection
    this.log = log
  }

  get #open(): boolean {
    return !this.ended && !this.log.isClosed
  }

  write(length: number): void {
    const octets = new Uint8Array(length).fill(this.#next++)
    if (this.#open) this.written.push(octets)
    this.connection.write(octets)
  }

  end(): void {
    this.ended ||= this.#open
    this.connection.end()
  }

  reset(other: Side): void {
    other.heardReset ||= !this.log.isClosed && !other.log.isClosed
    this.wasReset ||= !this.log.isClosed
    this.connection.reset()
  }

  check(other: Side): void {
    const sent = Buffer.concat(other.written)
    // Whoever resets loses what it had not read; everybody else hears all of it.
    if (this.wasReset) expect(sent.subarray(0, this.log.heard.length).equals(this.log.heard)).toBe(true)
    else expect(this.log.heard.equals(sent)).toBe(true)
    const closes = this.log.calls.filter((call) => call.startsWith('closed'))
    const over = this.wasReset || other.wasReset || (this.ended && other.ended)
    expect(closes).toHaveLength(over ? 1 : 0)
    if (over) expect(this.log.calls.at(-1)).toBe(closes[0])
    if (!this.wasReset) expect(this.log.calls.includes('ended')).toBe(other.ended)
    const cause = this.wasReset ? 'closed local' : this.heardReset ? 'closed rst' : 'closed fin'
    if (over) expect(closes[0]).toBe(cause)
  }
}
