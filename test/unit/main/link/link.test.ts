import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createConnectionPair } from '../../../../app/mqtt/connection-pair.ts'
import type { Origin } from '../../../../app/mqtt/network-connection.ts'
import { createWire } from '../../../../main/link/wire.ts'
import { ConnectionLog } from '../../../helpers/connection-log.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { anyPacket, concat, segmented } from '../../../helpers/packets.ts'
import { TapLog } from '../../../helpers/tap-log.ts'

const ping = Uint8Array.of(0xc0, 0)
const pong = Uint8Array.of(0xd0, 0)

/** A Link whose both ends lead into this test. */
function openTestLink() {
  const [client, clientEnd] = createConnectionPair()
  const [brokerEnd, broker] = createConnectionPair()
  const atClient = new ConnectionLog(client)
  const atBroker = new ConnectionLog(broker)
  const tap = new TapLog()
  const wire = createWire({ clock: new FakeClock(), seed: 1, tap })
  const link = wire.open({ connection: 3, client: clientEnd, broker: brokerEnd })
  let closed = 0
  link.onClosed(() => {
    closed += 1
  })
  client.resume()
  broker.resume()
  return { client, broker, atClient, atBroker, tap, link, closed: () => closed }
}

describe('a Link', () => {
  it('passes any octets both ways unchanged and in order, and captures exactly what passed', () => {
    const valid = fc.array(anyPacket, { maxLength: 8 }).map((list) => concat(list.map(({ octets }) => octets)))
    const stream = fc.oneof(valid, fc.uint8Array({ maxLength: 300 })).chain(segmented)
    fc.assert(
      fc.property(stream, stream, (toBroker, toClient) => {
        const { client, broker, atClient, atBroker, tap } = openTestLink()
        for (let i = 0; i < Math.max(toBroker.length, toClient.length); i++) {
          client.write(toBroker[i] ?? new Uint8Array(0))
          broker.write(toClient[i] ?? new Uint8Array(0))
        }
        client.end()
        broker.end()
        expect(atBroker.heard).toEqual(Buffer.concat(toBroker))
        expect(atClient.heard).toEqual(Buffer.concat(toClient))
        expect(tap.octets('to broker')).toEqual(atBroker.heard)
        expect(tap.octets('to client')).toEqual(atClient.heard)
      }),
    )
  })

  it('tells the tap before the packet goes on, in the same tick', () => {
    const { client, atBroker, tap } = openTestLink()
    const passedOn: number[] = []
    tap.packet = () => passedOn.push(atBroker.chunks.length)
    client.write(concat([ping, ping]))
    client.write(pong)
    expect(passedOn).toEqual([0, 0, 1])
    expect([...atBroker.heard]).toEqual([...ping, ...ping, ...pong])
  })

  it('gives the origin to the PUBLISH that ends the write, and to no other packet', () => {
    const { broker, tap, atClient } = openTestLink()
    const origin: Origin = { message: 12, kind: 'will', clientId: 'pump-03' }
    const publish = Uint8Array.of(0x30, 3, 0, 1, 0x61)
    broker.write(concat([pong, publish]), origin)
    broker.write(publish)
    expect(tap.packets.map((packet) => packet.origin)).toEqual([undefined, origin, undefined])
    expect(atClient.origins).toEqual([origin, undefined])
  })

  it('gives no origin to what it cannot frame', () => {
    const { broker, tap } = openTestLink()
    broker.write(Uint8Array.of(0x30, 9, 0), { message: 1, kind: 'publish', clientId: 'a' })
    broker.end()
    expect(tap.packets).toMatchObject([{ malformed: 'cut short', origin: undefined }])
  })

  it('passes FIN on, leaves the other way open, and says who ended it and why', () => {
    const { client, broker, atClient, atBroker, tap, link, closed } = openTestLink()
    broker.end('keep alive ran out')
    expect(atClient.calls).toEqual(['ended'])
    client.write(ping)
    expect([...atBroker.heard]).toEqual([...ping])
    expect(link.open).toBe(true)
    client.end()
    expect(atBroker.calls).toEqual(['ended', 'closed fin'])
    expect(tap.events).toEqual([
      { type: 'opened', transport: 'tcp', remote: 'this process' },
      { type: 'closed', by: 'broker', cause: 'fin', reason: 'keep alive ran out' },
    ])
    expect(link.open).toBe(false)
    expect(closed()).toBe(1)
  })

  it('passes RST on as RST', () => {
    const { client, atBroker, tap, closed } = openTestLink()
    client.reset()
    expect(atBroker.calls).toEqual(['closed rst'])
    expect(tap.events.at(-1)).toEqual({ type: 'closed', by: 'client', cause: 'rst', reason: undefined })
    expect(closed()).toBe(1)
  })

  it('captures and passes on half a packet that RST or FIN cuts off', () => {
    for (const how of ['reset', 'end'] as const) {
      const { client, atBroker, tap } = openTestLink()
      client.write(ping)
      client.write(Uint8Array.of(0x30, 10, 0, 1, 0x61))
      expect([...atBroker.heard]).toEqual([...ping])
      client[how]()
      expect([...atBroker.heard]).toEqual([0xc0, 0, 0x30, 10, 0, 1, 0x61])
      expect(tap.packets.map(({ malformed }) => malformed)).toEqual([false, 'cut short'])
    }
  })

  it('lets a slow side slow down the other, in both directions', () => {
    for (const way of ['to broker', 'to client'] as const) {
      const { client, broker, atClient, atBroker } = openTestLink()
      const [writer, reader, atWriter, atReader] =
        way === 'to broker' ? [client, broker, atClient, atBroker] : [broker, client, atBroker, atClient]
      reader.pause()
      let pings = 0
      while (pings < 1e6 && writer.write(concat(new Array(512).fill(ping)))) pings += 512
      // What lies in the two pairs, and the one chunk that is on its way through.
      expect(pings * 2).toBeLessThanOrEqual(3 * 64 * 1024)
      reader.resume()
      expect(atWriter.calls).toEqual(['drained'])
      expect(atReader.heard.length).toBe((pings + 512) * 2)
    }
  })

  it('resets both ends when it is told to, and takes the blame', () => {
    const { atClient, atBroker, tap, link, closed } = openTestLink()
    link.reset('the workbench was stopped')
    expect(atClient.calls).toEqual(['closed rst'])
    expect(atBroker.calls).toEqual(['closed rst'])
    const reason = 'the workbench was stopped'
    expect(tap.events.at(-1)).toEqual({ type: 'closed', by: 'link', cause: 'rst', reason })
    link.reset('again')
    expect(tap.events).toHaveLength(2)
    expect(closed()).toBe(1)
  })
})
