import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QoS } from '../../../../app/mqtt/control-packet.ts'
import type { ApplicationMessage } from '../../../../app/session/application-message.ts'
import { Outgoing, OutgoingQueue, sizeOf } from '../../../../app/session/outgoing.ts'

let ordinal = 0

function outgoing(qos: QoS = 1, expiresAt?: number): Outgoing {
  const message: ApplicationMessage = {
    topic: 't',
    payload: new Uint8Array(9),
    qos,
    retain: false,
    properties: undefined,
    expiresAt,
    origin: { message: 1, kind: 'publish', clientId: 'p' },
  }
  return new Outgoing(++ordinal, message, { qos, retain: false, identifiers: undefined }, 0)
}

type Move =
  | { type: 'add'; qos: QoS }
  | { type: 'take' }
  | { type: 'answer'; which: number }
  | { type: 'drop' }
  | { type: 'expire' }
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('add' as const), qos: fc.constantFrom<QoS>(0, 1, 2) }) },
  { weight: 4, arbitrary: fc.constant<Move>({ type: 'take' }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('answer' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant<Move>({ type: 'drop' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ type: 'expire' }) },
)

/** Answers a message as a proper client does. */
function answer(queue: OutgoingQueue, which: number): void {
  const [packetId, sent] = [...queue.inflight][which % Math.max(1, queue.inflight.size)] ?? []
  if (packetId === undefined || sent === undefined) return
  const type = ({ 'awaiting PUBACK': 'PUBACK', 'awaiting PUBREC': 'PUBREC', 'awaiting PUBCOMP': 'PUBCOMP' } as const)[
    sent.state as 'awaiting PUBACK'
  ]
  expect(queue.answered(type, packetId, 0, 4).violation).toBeUndefined()
}

describe('OutgoingQueue', () => {
  it('sends in the order in which messages came, never more than the window at a time', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120 }), fc.integer({ min: 1, max: 4 }), (moves, window) => {
        const queue = new OutgoingQueue()
        let newest = 0
        for (const move of moves) {
          if (move.type === 'add') queue.add(outgoing(move.qos, move.qos === 1 ? 100 : undefined))
          else if (move.type === 'answer') answer(queue, move.which)
          else if (move.type === 'drop') queue.drop()
          else if (move.type === 'expire') {
            for (const { message } of queue.expire(100)) expect(message.expiresAt).toBe(100)
            expect([...queue.waitingMessages()].every(({ message }) => message.expiresAt === undefined)).toBe(true)
          } else {
            const next = queue.take(window)
            if (next === undefined) continue
            expect(next.ordinal).toBeGreaterThan(newest)
            newest = next.ordinal
            if (next.qos > 0) queue.begin(next, 4)
          }
          expect(queue.inflight.size).toBeLessThanOrEqual(window)
          const waiting = [...queue.waitingMessages()]
          expect(queue.waiting).toBe(waiting.length)
          expect(queue.waitingSize).toBe(waiting.reduce((sum, one) => sum + sizeOf(one), 0))
          expect(queue.waitingOctets).toBe(waiting.length * 10)
        }
      }),
    )
  })

  it('holds QoS 0 back too where an earlier message waits for the window', () => {
    const queue = new OutgoingQueue()
    queue.begin(outgoing(1), 4)
    queue.add(outgoing(1))
    queue.add(outgoing(0))
    expect(queue.take(1)).toBeUndefined()
  })

  it('gives every Packet Identifier out before it uses one again, and none that is in use', () => {
    const queue = new OutgoingQueue()
    const kept = outgoing(1)
    queue.begin(kept, 4)
    for (let id = 2; id <= 65_535; id++) {
      const next = outgoing(1)
      queue.begin(next, 4)
      expect(next.packetId).toBe(id)
      queue.answered('PUBACK', id, 0, 4)
    }
    const again = outgoing(1)
    queue.begin(again, 4)
    expect([kept.packetId, again.packetId]).toEqual([1, 2])
  })

  it('keeps a long queue whole while it is emptied', () => {
    const queue = new OutgoingQueue()
    const all = Array.from({ length: 5000 }, () => outgoing(0))
    for (const one of all) queue.add(one)
    expect(all.every((one) => queue.take(1) === one)).toBe(true)
    expect([queue.waiting, queue.waitingOctets]).toEqual([0, 0])
  })

  it('puts a message behind the others when it is released, because PUBREL is sent in the order of PUBREC', () => {
    const queue = new OutgoingQueue()
    for (let n = 0; n < 3; n++) queue.begin(outgoing(2), 4)
    for (const id of [2, 1]) expect(queue.answered('PUBREC', id, 0, 4).send).toBe('PUBREL')
    expect([...queue.inflight.keys()]).toEqual([3, 2, 1])
  })

  it('ends a handshake that a client of MQTT 5 refuses, and goes on with one of 3.1.1', () => {
    for (const [version, end] of [
      [5, 'refused'],
      [4, undefined],
    ] as const) {
      const queue = new OutgoingQueue()
      queue.begin(outgoing(2), version)
      expect(queue.answered('PUBREC', 1, 0x97, version).end).toBe(end)
    }
  })

  it('goes on after what was stored', () => {
    const queue = new OutgoingQueue()
    const sent = outgoing(1)
    sent.packetId = 40
    queue.restore(sent)
    queue.restore(outgoing(1))
    expect([queue.inflight.get(40), queue.waiting]).toEqual([sent, 1])
    const next = outgoing(1)
    queue.begin(next, 4)
    expect(next.packetId).toBe(41)
    expect(queue.clear()).toHaveLength(1)
    expect([queue.waiting, queue.waitingOctets, queue.inflight.size]).toEqual([0, 0, 2])
  })

  it('counts each message for what it takes, and all queues together', () => {
    const tally = { octets: 0 }
    const [one, two] = [new OutgoingQueue(tally), new OutgoingQueue(tally)]
    const properties = { userProperties: [['name', 'x'.repeat(1000)]] as const, correlationData: new Uint8Array(50) }
    const large = outgoing()
    const full = new Outgoing(++ordinal, { ...large.message, properties }, large, 0)
    expect(sizeOf(full) - sizeOf(large)).toBe(1054)
    // A message of ten octets takes much more than that.
    expect(sizeOf(large)).toBeGreaterThanOrEqual(200)
    one.add(full)
    two.add(large)
    two.add(outgoing(1, 100))
    expect([one.allSize, two.allSize]).toEqual([tally.octets, sizeOf(full) + 2 * sizeOf(large)])
    two.expire(100)
    one.drop()
    expect(tally.octets).toBe(sizeOf(large))
    two.clear()
    expect(tally.octets).toBe(0)
  })
})
