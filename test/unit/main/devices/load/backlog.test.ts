import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backlog } from '../../../../../main/devices/load/backlog.ts'
import { InFlight } from '../../../../../main/devices/load/in-flight.ts'

const room = { receiveMaximum: 100, maximumPacketSize: 50 }

/** What may happen to a client's messages. */
const happening = fc.oneof(
  fc.record({
    what: fc.constant('publish' as const),
    qos: fc.constantFrom<1 | 2>(1, 2),
    size: fc.integer({ min: 4, max: 80 }),
  }),
  fc.record({
    what: fc.constantFrom('PUBACK' as const, 'PUBREC' as const, 'PUBCOMP' as const),
    packetId: fc.integer({ min: 1, max: 6 }),
    code: fc.constantFrom(0, 0x97),
  }),
  fc.record({ what: fc.constant('reconnected' as const), sessionPresent: fc.boolean() }),
)

describe('the octets that wait for the broker', () => {
  it('are those of the messages that might be sent again, whatever happens to them', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
        const backlog = new Backlog()
        const client = new InFlight(5, backlog)
        for (const one of happenings) {
          if (one.what === 'publish') client.add(client.nextId(), one.qos, Buffer.alloc(one.size, 0x30), 0)
          else if (one.what === 'reconnected') client.reconnected(one.sessionPresent, room)
          else client.answered(one.what, one.packetId, one.code)
        }
        // With room for any size, each message that has not got its PUBREC is sent again, once.
        const { releases } = client.reconnected(true, { ...room, maximumPacketSize: 1000 })
        let again = 0
        let messages = 0
        for (let packet = client.next(); packet !== undefined; packet = client.next()) {
          again += packet.length
          messages++
        }
        expect([backlog.octets, client.size]).toEqual([again, messages + releases.length])
        client.clear()
        expect([backlog.octets, client.size]).toEqual([0, 0])
      }),
    )
  })

  it('are bounded in sum', () => {
    const backlog = new Backlog(100)
    const clients = [new InFlight(4, backlog), new InFlight(4, backlog)]
    for (const client of clients) client.add(1, 1, Buffer.alloc(50), 0)
    expect(backlog.isFull).toBe(true)
    clients[0]?.answered('PUBACK', 1, 0)
    expect(backlog.isFull).toBe(false)
  })
})
